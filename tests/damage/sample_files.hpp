// SPDX-License-Identifier: Apache-2.0
// A segment and a journal of a wished size, written by the shipped writers, with a map of what stands where; and a
// source that can have one bit flipped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "lmlog/formats/byte_source.hpp"

namespace lmlog::damage {

using namespace formats;

enum class RegionKind : std::uint8_t { header, header_copy, checkpoint, catalog, block, footer, end, entry };

/// What damage may cost at most: a part, a block with its frames, an entry.
struct Region {
  RegionKind kind{};
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;

  [[nodiscard]] std::uint64_t end() const { return offset + bytes; }
};

/// Regions lie back to back from 0 to the end.
struct SampleFile {
  std::string bytes;
  std::vector<Region> regions;
  std::size_t without_footer = 0;  // segments: the regions before the footer

  [[nodiscard]] const Region& region_of(std::uint64_t offset) const;
  /// Of a segment: as it is before its collector closes it.
  [[nodiscard]] SampleFile unclosed() const;
};

/// Of at least `bytes`, and one block more at most.
[[nodiscard]] SampleFile sample_segment(std::size_t bytes);
[[nodiscard]] SampleFile sample_journal(std::size_t bytes);

/// Bytes in memory that may be changed between two reads.
class ChangingSource final : public ByteSource {
 public:
  explicit ChangingSource(std::string bytes) : bytes_(std::move(bytes)), size_(bytes_.size()) {}

  void flip(std::uint64_t bit) {
    char& byte = bytes_[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<char>(byte ^ (1 << bit % 8));
  }
  /// Shows the first `bytes` alone.
  void cut(std::uint64_t bytes) { size_ = static_cast<std::size_t>(bytes); }

  [[nodiscard]] Result<std::uint64_t> size() const override { return std::uint64_t{size_}; }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= size_) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(out.size(), size_ - static_cast<std::size_t>(offset));
    if (n != 0) std::memcpy(out.data(), bytes_.data() + offset, n);
    if (notes_reads_) std::fill_n(read_.begin() + static_cast<std::ptrdiff_t>(offset), n, true);
    return n;
  }

  void note_reads(bool on) {
    notes_reads_ = on;
    read_.resize(bytes_.size());
  }
  /// While reads were noted.
  [[nodiscard]] bool was_read(std::uint64_t offset) const { return read_[static_cast<std::size_t>(offset)]; }

 private:
  std::string bytes_;
  std::size_t size_;
  bool notes_reads_ = false;
  mutable std::vector<bool> read_;
};

}  // namespace lmlog::damage
