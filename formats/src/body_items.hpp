// SPDX-License-Identifier: Apache-2.0
// What occurs in the bodies of several parts: states, loss lists, time ranges. Implements the notation of
// formats/spec/segment-format.md.
#pragma once

#include <cstdint>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

void write_state(const StateVector& state, ByteWriter& out);
[[nodiscard]] bool take_state(ByteReader& in, StateVector& state);

void write_losses_list(const LossList& losses, ByteWriter& out);
[[nodiscard]] bool take_losses_list(ByteReader& in, LossList& losses);

void write_ranges(const TimeRanges& ranges, ByteWriter& out);
[[nodiscard]] TimeRanges take_ranges(ByteReader& in) noexcept;

/// An unsigned LEB128 number that must fit in 32 bits.
[[nodiscard]] std::uint32_t take_u32(ByteReader& in) noexcept;

}  // namespace lmlog::formats
