// SPDX-License-Identifier: Apache-2.0
// A segment in parts with inflated bodies, and back to a file whose lengths and checks fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmlog::fuzz {

struct SegmentPiece {
  enum class Kind : std::uint8_t { part, end, raw };
  Kind kind = Kind::raw;
  std::uint16_t type = 0;  // of a part
  std::string body{};      // of a part, inflated; else the bytes
  std::string frames{};    // behind a block part
};

/// What is no part is raw bytes, up to the next one.
[[nodiscard]] std::vector<SegmentPiece> take_segment_apart(std::string_view bytes);

/// An end says where the last footer before it is.
[[nodiscard]] std::string put_segment_together(const std::vector<SegmentPiece>& pieces);

}  // namespace lmlog::fuzz
