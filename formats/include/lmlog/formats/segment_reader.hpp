// SPDX-License-Identifier: Apache-2.0
// Opens a segment, by its footer or by a scan of its parts, and reads blocks. Implements
// formats/spec/segment-format.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::formats {

/// A decoded column. Numbers: one 64-bit value each (signed types sign-extended, floats as bit patterns). Strings:
/// views into the column's own storage.
struct Column {
  ArgType type{};
  std::vector<std::uint64_t> numbers;
  std::vector<std::string_view> strings;
  std::vector<bool> truncated;                 // strings: empty when none is
  std::shared_ptr<const std::string> storage;  // what the strings point into

  [[nodiscard]] std::size_t size() const noexcept { return is_variable(type) ? strings.size() : numbers.size(); }
};

/// One block: its directory, and its columns inflated on demand. Not thread-safe; independent of the reader after
/// `open`.
class BlockReader {
 public:
  /// `block_bytes` are part and frames as stored at `offset`. Checks part and directory, not yet the frames.
  [[nodiscard]] static Result<BlockReader> open(std::string block_bytes, std::uint64_t offset);

  [[nodiscard]] const BlockDirectory& directory() const noexcept { return directory_; }

  /// Checks and inflates the frame if need be, decodes the column and checks its number of values. `index` is that in
  /// `directory().columns`. Errors: damaged (with the byte range of the frame in the file), unsupported (encoding).
  [[nodiscard]] Result<Column> column(std::size_t index);

  /// Index of the column, or nullopt. `site` and `run` as in ColumnEntry.
  [[nodiscard]] std::optional<std::size_t> find_column(std::uint32_t site, std::uint32_t run,
                                                       std::uint32_t argument) const noexcept;

  /// Checks every frame against its checksum and inflates it, without decoding columns.
  [[nodiscard]] Status verify_frames();

 private:
  BlockReader() = default;
  [[nodiscard]] Result<const std::string*> frame(std::size_t index);

  std::string bytes_;
  std::uint64_t offset_ = 0;
  std::uint64_t frames_at_ = 0;  // in bytes_
  BlockDirectory directory_;
  std::vector<std::uint64_t> frame_offsets_;
  std::vector<std::shared_ptr<const std::string>> inflated_;
};

/// An opened segment. Does not own the source. Const calls are thread-safe where the source is.
class SegmentReader {
 public:
  /// With footer: reads header, checkpoint and footer. Without (a living or cut file): walks all parts and rebuilds
  /// summaries, catalog and rings; damage is recorded and stepped over. Errors: not_ours, unsupported, io, damaged
  /// (header).
  [[nodiscard]] static Result<SegmentReader> open(const ByteSource& source);

  [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
  [[nodiscard]] const std::vector<RingPosition>& checkpoint() const noexcept { return checkpoint_; }
  [[nodiscard]] bool has_footer() const noexcept { return has_footer_; }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] const TimeRanges& ranges() const noexcept { return ranges_; }
  [[nodiscard]] std::uint8_t levels() const noexcept { return levels_; }
  [[nodiscard]] const std::vector<BlockSummary>& blocks() const noexcept { return blocks_; }
  [[nodiscard]] const std::vector<RingSummary>& rings() const noexcept { return rings_; }
  /// By session number.
  [[nodiscard]] const std::vector<std::shared_ptr<SessionCatalog>>& sessions() const noexcept { return sessions_; }
  [[nodiscard]] const std::vector<Damage>& damage() const noexcept { return damage_; }
  /// Behind the last whole part or block: where a torn end begins. Equal to the size of the file when nothing is torn.
  [[nodiscard]] std::uint64_t valid_end() const noexcept { return valid_end_; }

  [[nodiscard]] Result<BlockReader> read_block(const BlockSummary& block) const;

  /// Footer and end for a segment without: appended at `valid_end()` after the file was cut there.
  [[nodiscard]] std::string rebuild_footer() const;

  /// Reads the whole file anew, footer or not: every part, every frame, and whether the footer says what the blocks
  /// say. Calls `progress(done_bytes)` now and then.
  struct Verification {
    std::vector<Damage> damage;
    std::uint64_t blocks = 0;
    std::uint64_t records = 0;
  };
  template <class Progress> [[nodiscard]] Result<Verification> verify(Progress progress) const {
    return verify_with([](void* context, std::uint64_t done) { (*static_cast<Progress*>(context))(done); }, &progress);
  }

 private:
  explicit SegmentReader(const ByteSource& source) : source_(&source) {}
  [[nodiscard]] Result<Verification> verify_with(void (*progress)(void*, std::uint64_t), void* context) const;

  const ByteSource* source_;
  SegmentHeader header_;
  std::vector<RingPosition> checkpoint_;
  bool has_footer_ = false;
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
