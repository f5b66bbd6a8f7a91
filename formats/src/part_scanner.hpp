// SPDX-License-Identifier: Apache-2.0
// Walks the parts of a stretch of a segment. What is no part is damage where a part follows, and a torn end where none
// does. Implements "Damage" of formats/spec/segment-format.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

struct ScannedPart {
  PartType type{};
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;   // of the part; a block's frames included
  std::string body;          // inflated, of the wanted types
  BlockDirectory directory;  // of a block; its frames are there, but not checked
};

/// Not thread-safe. Does not own the source.
class PartScanner {
 public:
  enum class Bodies : std::uint8_t { all, checkpoints };

  /// Scans [from, end) of the source.
  PartScanner(const ByteSource& source, std::uint64_t from, std::uint64_t end, Bodies wanted = Bodies::all)
      : source_(&source), position_(from), end_(end), wanted_(wanted) {}

  /// The next part of a known type, or false. Errors: io, unsupported (a type that must be understood).
  [[nodiscard]] Result<bool> next(ScannedPart& out);

  /// Behind the last whole part; the end of the stretch when nothing is torn.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] const std::vector<Damage>& damage() const noexcept { return damage_; }

 private:
  enum class Load : std::uint8_t { part, skipped, torn, no_part, bad_part };

  [[nodiscard]] Result<Load> load(ScannedPart& out);
  [[nodiscard]] Result<Load> load_body(const PartHeader& header, ScannedPart& out);
  /// Offset of the next part header that checks, at or behind `from`; `end_` when there is none.
  [[nodiscard]] Result<std::uint64_t> search(std::uint64_t from);

  const ByteSource* source_;
  std::uint64_t position_;
  std::uint64_t end_;
  Bodies wanted_;
  std::uint64_t skip_ = 0;  // length of what `load` stepped over or found bad
  std::string stored_;
  std::vector<Damage> damage_;
};

}  // namespace lmlog::formats
