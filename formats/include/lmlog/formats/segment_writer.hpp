// SPDX-License-Identifier: Apache-2.0
// Encodes the parts of a segment in order, and remembers what the footer must say. Implements formats/spec/segment-format.md.
// Does no I/O: each call returns the bytes to append to the file.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "lmlog/formats/block_builder.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::formats {

/// Not thread-safe. Call `begin` first, `finish` last.
class SegmentWriter {
 public:
  explicit SegmentWriter(SegmentHeader header);

  /// Header and checkpoint.
  [[nodiscard]] std::string begin(const std::vector<RingPosition>& checkpoint);

  /// The number of a session in this segment, given on first use.
  [[nodiscard]] std::uint32_t number_of(const SessionCatalog& session);

  /// A catalog part with what the block uses for the first time (if anything), and the block. The block's sessions got their numbers from `number_of`.
  [[nodiscard]] std::string add_block(const EncodedBlock& block);

  /// Footer and end.
  [[nodiscard]] std::string finish();

  [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // returned so far: the length of the file
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] std::uint64_t blocks() const noexcept { return blocks_.size(); }

 private:
  friend class SegmentRepair;
  struct CatalogSession {
    std::uint32_t uid;
    std::string descriptor;
    std::vector<bool> written;  // by statement id - kFirstStatementId
    std::vector<std::pair<std::uint32_t, std::string>> entries;  // id, raw
    std::size_t entries_in_file = 0;
  };

  SegmentHeader header_;
  std::uint64_t bytes_ = 0;
  std::uint64_t records_ = 0;
  TimeRanges ranges_;
  std::uint8_t levels_ = 0;
  std::vector<CatalogSession> sessions_;
  std::size_t sessions_in_file_ = 0;
  std::unordered_map<Id128, std::uint32_t> numbers_;
  std::vector<BlockSummary> blocks_;
  std::vector<RingSummary> rings_;
};

}  // namespace lmlog::formats
