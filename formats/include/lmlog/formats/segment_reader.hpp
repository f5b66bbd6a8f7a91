// SPDX-License-Identifier: Apache-2.0
// Opens a segment, by its footer or by a scan of its parts. Implements formats/spec/segment-format.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lmlog/formats/block_reader.hpp"
#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::formats {

/// An opened segment. Does not own the source. Const calls are thread-safe where the source is.
class SegmentReader {
 public:
  /// With footer: reads header, checkpoint and footer. Without (a living or cut file): walks all parts and rebuilds
  /// summaries, catalog and rings; damage is recorded and stepped over. Errors: not_ours, unsupported, io, truncated,
  /// damaged (header and its copy).
  [[nodiscard]] static Result<SegmentReader> open(const ByteSource& source);

  [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
  [[nodiscard]] const std::vector<RingPosition>& checkpoint() const noexcept { return checkpoint_; }
  [[nodiscard]] bool has_footer() const noexcept { return has_footer_; }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] const TimeRanges& ranges() const noexcept { return ranges_; }
  [[nodiscard]] std::uint8_t levels() const noexcept { return levels_; }
  [[nodiscard]] const std::vector<BlockSummary>& blocks() const noexcept { return blocks_; }
  [[nodiscard]] const std::vector<RingSummary>& rings() const noexcept { return rings_; }
  /// By session number; null where damage took the session's catalog part.
  [[nodiscard]] const std::vector<std::shared_ptr<SessionCatalog>>& sessions() const noexcept { return sessions_; }
  /// Null when the number is not known.
  [[nodiscard]] const SessionCatalog* session(std::uint32_t number) const noexcept {
    return number < sessions_.size() ? sessions_[number].get() : nullptr;
  }
  [[nodiscard]] const std::vector<Damage>& damage() const noexcept { return damage_; }
  /// Behind the last whole part or block: where a torn end begins. Equal to the size of the file when nothing is torn.
  [[nodiscard]] std::uint64_t valid_end() const noexcept { return valid_end_; }

  /// Errors: damaged (with the block's byte range), truncated, io.
  [[nodiscard]] Result<BlockReader> read_block(const BlockSummary& block) const;

  /// Footer and end for a segment without: appended at `valid_end()` after the file was cut there.
  [[nodiscard]] std::string rebuild_footer() const;

  struct Verification {
    std::vector<Damage> damage;
    std::uint64_t blocks = 0;
    std::uint64_t records = 0;
  };

  /// Reads the whole file anew, footer or not: every part, frame and column, whether positions, states and sums agree,
  /// and whether the footer says what the blocks say. Calls `progress(done_bytes)` now and then. Errors: io,
  /// unsupported.
  template <class Progress> [[nodiscard]] Result<Verification> verify(Progress progress) const {
    return verify_with([](void* context, std::uint64_t done) { (*static_cast<Progress*>(context))(done); }, &progress);
  }

 private:
  explicit SegmentReader(const ByteSource& source) : source_(&source) {}
  [[nodiscard]] Result<Verification> verify_with(void (*progress)(void*, std::uint64_t), void* context) const;
  [[nodiscard]] Status read_header(std::uint64_t size);
  /// False: there is none. Else the header is damaged, and what it should say is in `body`.
  [[nodiscard]] Result<bool> read_header_copy(std::uint64_t size, std::string& body);
  /// False: there is no valid footer.
  [[nodiscard]] Result<bool> read_footer(std::uint64_t size);
  /// The same of the part at `footer_offset_`, which must end at `parts_end_`.
  [[nodiscard]] Result<bool> take_footer(std::uint64_t size);
  [[nodiscard]] Status read_between_blocks();
  [[nodiscard]] Status scan(std::uint64_t size);
  [[nodiscard]] Damage damage_of_end() const {
    return {parts_end_, kEndBytes, "the end fails its checks; the footer before it is whole"};
  }

  const ByteSource* source_;
  SegmentHeader header_;
  std::uint64_t header_bytes_ = 0;
  std::uint64_t footer_offset_ = 0;
  std::uint64_t parts_end_ = 0;  // where the end of a closed file begins, else the end of the file
  std::vector<RingPosition> checkpoint_;
  bool has_footer_ = false;
  bool end_is_damaged_ = false;  // and a whole footer before it was found
  std::uint64_t records_ = 0;
  TimeRanges ranges_;
  std::uint8_t levels_ = 0;
  std::vector<BlockSummary> blocks_;
  std::vector<RingSummary> rings_;
  std::vector<std::shared_ptr<SessionCatalog>> sessions_;
  std::vector<Damage> damage_;
  std::uint64_t valid_end_ = 0;
};

}  // namespace lmlog::formats
