// SPDX-License-Identifier: Apache-2.0
// Encodes the parts of a segment in order, and remembers what the footer must say. Implements
// formats/spec/segment-format.md. Does no I/O: each call returns the bytes to append to the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lmlog/formats/block_builder.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::formats {

/// Not thread-safe. Call `begin` first, `finish` last.
class SegmentWriter {
 public:
  explicit SegmentWriter(SegmentHeader header);
  ~SegmentWriter();
  SegmentWriter(SegmentWriter&&) noexcept;
  SegmentWriter& operator=(SegmentWriter&&) noexcept;

  /// Header and checkpoint.
  [[nodiscard]] std::string begin(const std::vector<RingPosition>& checkpoint);

  /// The number of a session in this segment, given on first use.
  [[nodiscard]] std::uint32_t number_of(const SessionCatalog& session);

  /// A catalog part with what the block uses for the first time (if anything), and the block. The block's sessions got
  /// their numbers from `number_of`, and are still alive.
  [[nodiscard]] std::string add_block(const EncodedBlock& block);

  /// Footer and end.
  [[nodiscard]] std::string finish();

  [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // returned so far: the length of the file
  [[nodiscard]] std::uint64_t records() const noexcept;
  [[nodiscard]] std::uint64_t blocks() const noexcept;
  /// Half of what readers take: sessions or rings. Finish it before the next block.
  [[nodiscard]] bool full() const noexcept;

 private:
  struct Progress;

  SegmentHeader header_;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<Progress> progress_;
};

}  // namespace lmlog::formats
