// SPDX-License-Identifier: Apache-2.0
// Collects validated ring ranges of one service and uid, and turns them into a block: columns, frames, directory.
// Implements "block" of formats/spec/segment-format.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats {

class FramePacker;

/// Ring bytes after which a block is full: no column can then be larger than a frame may be.
inline constexpr std::uint64_t kFullBlockBytes = std::uint64_t{32} << 20;

struct BlockOptions {
  int zstd_level = 1;
  std::uint64_t block_records = 65536;   // `full()` from here on
  std::uint64_t keyed_records = 1024;    // a (run, site) with so many records gets columns of its own
  std::uint64_t own_frame_bytes = 2048;  // a column of so many bytes gets a frame of its own
};

struct EncodedBlock {
  std::string bytes;                                                // the block part and its frames
  BlockSummary summary;                                             // offset is 0: the segment writer sets it
  std::vector<std::pair<std::uint32_t, std::uint32_t>> statements;  // (session index in `sessions`, statement id) used
  std::vector<const SessionCatalog*> sessions;                      // by index of the block's sessions
  std::vector<RingSummary> rings;
};

/// Not thread-safe. Sessions are borrowed until `finish`. `session_number` gives a session's number in the segment
/// (assigned by the segment writer).
class BlockBuilder {
 public:
  explicit BlockBuilder(BlockOptions options = {});
  ~BlockBuilder();
  BlockBuilder(BlockBuilder&&) noexcept;
  BlockBuilder& operator=(BlockBuilder&&) noexcept;

  /// Adds the ring bytes [from, from + bytes.size()) (copied), which passed RecordReader and whose statements all are
  /// in the catalog. `begin` and `end` are the states before and behind them. A range that continues the ring's last
  /// one becomes part of its run.
  void add_range(const SessionCatalog& session, const Id128& ring, std::uint64_t data_bytes, std::uint64_t from,
                 std::span<const std::byte> bytes, std::uint64_t records, const StateVector& begin,
                 const StateVector& end);

  /// Adds a loss record made by the collector: the cursor's position is `position + cursor_offset` (0 for losses
  /// without a ring).
  void add_losses(const SessionCatalog& session, const Id128& ring, std::uint64_t data_bytes, std::uint64_t position,
                  std::uint8_t cursor_offset, std::uint64_t time, const StateVector& begin, const LossCounts& counts);

  [[nodiscard]] std::uint64_t records() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;  // memory held, about
  [[nodiscard]] bool empty() const noexcept;
  /// `finish` before more is added: a block has bounds (kFullBlockBytes and one range of at most kMaxJournalRange fit).
  [[nodiscard]] bool full() const noexcept;

  /// Builds the block and leaves the builder empty. `anchors_of` and `number_of` are asked once for each session that
  /// occurs, in order of appearance.
  template <class AnchorsOf, class NumberOf>
  [[nodiscard]] EncodedBlock finish(std::int64_t received_ns, AnchorsOf anchors_of, NumberOf number_of) {
    std::vector<BlockSession> sessions;
    for (const SessionCatalog* session : sessions_in_order())
      sessions.push_back({number_of(*session), anchors_of(*session)});
    return build(received_ns, std::move(sessions));
  }

 private:
  [[nodiscard]] const std::vector<const SessionCatalog*>& sessions_in_order() const noexcept;
  BlockRun& begin_run(const SessionCatalog& session, const Id128& ring);
  [[nodiscard]] EncodedBlock build(std::int64_t received_ns, std::vector<BlockSession> sessions);
  void encode_columns(FramePacker& packer);

  struct Pending;
  std::unique_ptr<Pending> pending_;
};

}  // namespace lmlog::formats
