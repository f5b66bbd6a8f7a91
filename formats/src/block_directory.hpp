// SPDX-License-Identifier: Apache-2.0
// The body of a block part, to and from bytes. Implements "4 block" of formats/spec/segment-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

[[nodiscard]] std::string write_block_directory(const BlockDirectory& directory);

/// Reads a directory and checks that it does not contradict itself: indices, sums, and which columns there are.
/// Errors: damaged, with a text and no offset.
[[nodiscard]] Result<BlockDirectory> parse_block_directory(std::span<const std::byte> body);

/// Sum of the frames behind the part.
[[nodiscard]] std::uint64_t stored_frame_bytes(const BlockDirectory& directory) noexcept;

}  // namespace lmlog::formats
