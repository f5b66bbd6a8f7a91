// SPDX-License-Identifier: Apache-2.0
// Columns of fixed types: constant, raw, varint, delta. Values are 64 bits: signed types sign-extended, all others
// zero-extended, floats as bit patterns. Implements "Column encodings" of formats/spec/segment-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// Replaces `out` by the values, which are at least one, in the encoding that takes the fewest bytes.
[[nodiscard]] Encoding encode_numbers(ArgType type, std::span<const std::uint64_t> values, std::string& out);

/// True when `bytes` are exactly `count` values of `type`. The encoding is one of the four.
[[nodiscard]] bool decode_numbers(ArgType type, Encoding encoding, std::span<const std::byte> bytes,
                                  std::uint64_t count, std::vector<std::uint64_t>& out);

[[nodiscard]] constexpr bool is_number_encoding(std::uint8_t encoding) noexcept { return encoding <= 3; }

}  // namespace lmlog::formats
