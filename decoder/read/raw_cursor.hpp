// SPDX-License-Identifier: Apache-2.0
// The part of a ring that no block holds: journal ranges, the snapshot behind them, and losses between and after.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoder/query/record_filter.hpp"
#include "decoder/read/raw_range.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/row_maker.hpp"
#include "decoder/read/run_cursor.hpp"
#include "lmlog/formats/sub_buffer.hpp"

namespace lmlog::decoder {

/// A stretch of ring bytes, a count of losses, or a jump over what was overwritten.
struct RawPiece {
  RawRange range;           // bytes: from < to
  std::uint64_t first = 0;  // records below this position are in a block already; losses: where they stand
  std::shared_ptr<const formats::StateVector> state;  // before the piece; null: as the piece before left it
  std::optional<formats::LossCounts> losses;          // cumulative counts instead of bytes
  std::optional<formats::SubBufferHead> jump;         // bytes that were overwritten: what was lost, by its state
  std::uint64_t cursor = 0;                           // losses, jump: their position
  std::optional<std::uint64_t> time;                  // losses: in the ring's unit; none: not known
  std::shared_ptr<const std::string> path;            // for words about damage
  std::uint64_t entry_offset = 0;                     // of the bytes in that file, with all that is stored about them
  std::uint64_t entry_length = 0;
};

/// Everything of one ring that is read raw, in order of position.
struct RawRing {
  std::shared_ptr<const RingIdentity> ring;
  std::shared_ptr<const formats::TickConverter> converter;
  std::vector<RawPiece> pieces;
};

class RawCursor final : public RunCursor {
 public:
  /// Borrows all three.
  RawCursor(const RawRing& ring, const RecordFilter& filter, Report& report);

  [[nodiscard]] bool fill(RowBatch& batch, std::size_t budget) override;

 private:
  void begin_piece();
  void take_jump(RowBatch& batch, const RawPiece& piece);
  /// When losses happened that no record tells of: at the ring's last record, or at the start of the session.
  [[nodiscard]] std::uint64_t loss_time(const RawPiece& piece) const;
  /// Null, or what is wrong with the record.
  [[nodiscard]] const char* take_record(RowBatch& batch, const formats::RecordView& record);
  [[nodiscard]] const char* take_kind(RowBatch& batch, const formats::RecordView& record);

  const RawRing* ring_;
  Report* report_;
  RowMaker rows_;
  std::size_t piece_ = 0;
  bool begun_ = false;
  std::optional<RawWalk> walk_;
  std::string loss_bytes_;
};

}  // namespace lmlog::decoder
