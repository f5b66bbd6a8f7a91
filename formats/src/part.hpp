// SPDX-License-Identifier: Apache-2.0
// The envelope of everything in a segment that is no column: a zstd skippable frame with a checked header of its own.
// Implements "Part" of formats/spec/segment-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "formats/src/zstd_codec.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// Appends a part; its body is compressed where that makes it smaller, but for the header's, which everybody can read.
void append_part(PartType type, std::string_view body, Deflater& deflater, std::string& out);

/// Footer's end: where the footer part is.
void append_end(std::uint64_t footer_offset, std::string& out);

/// Whether a part begins here: frame, magic, sizes and header check.
[[nodiscard]] bool part_header_fits(const PartHeader& header) noexcept;

/// Bytes of the whole part, header included.
[[nodiscard]] inline std::uint64_t part_bytes(const PartHeader& header) noexcept {
  return std::uint64_t{header.frame_bytes} + 8;
}

[[nodiscard]] inline std::uint64_t stored_body_bytes(const PartHeader& header) noexcept {
  return part_bytes(header) - sizeof(PartHeader);
}

/// Checks the stored body and gives it inflated. `stored` has `stored_body_bytes(header)` bytes.
[[nodiscard]] bool open_part_body(const PartHeader& header, std::span<const std::byte> stored, std::string& out);

/// The footer's offset, if the 32 bytes are an end.
[[nodiscard]] bool parse_end(std::span<const std::byte> bytes, std::uint64_t& footer_offset) noexcept;

}  // namespace lmlog::formats
