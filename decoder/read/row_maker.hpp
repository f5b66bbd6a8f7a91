// SPDX-License-Identifier: Apache-2.0
// Turns the records of one ring, taken in order of position, into rows: follows the ring's state, converts times,
// counts losses, and leaves out what the filter does not want.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "decoder/query/record_filter.hpp"
#include "decoder/read/row_batch.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "lmlog/formats/ticks.hpp"

namespace lmlog::decoder {

/// Keeps references to session, converter and filter: they outlive it. Not thread-safe.
class RowMaker {
 public:
  RowMaker(const Session& session, const formats::TickConverter& converter, const RecordFilter& filter,
           formats::StateVector state);

  /// The state before the next record. Setting it is for sources that know it better than the records before say.
  [[nodiscard]] const formats::StateVector& state() const noexcept { return state_; }
  void set_state(formats::StateVector state);
  /// Where converter and session live can change when a block is decoded anew.
  void rebind(const Session& session, const formats::TickConverter& converter) noexcept;

  /// A record of a statement. Null when it is not wanted; else its row, to which the caller adds the body.
  [[nodiscard]] Row* add_statement(RowBatch& batch, std::uint64_t ticks, std::uint64_t position,
                                   const StatementRef& statement) {
    ++state_.index;
    if (ticks > state_.sort_key) state_.sort_key = ticks;
    const std::uint64_t time = to_ns(ticks);
    if (!filter_->wants_time(time) || !filter_->wants_level(statement.statement->level)) return nullptr;
    return add_row(batch, ticks, time, position, statement);
  }

  /// A record of a kind below 64: changes the state; a loss record yields a row for each reason whose count grew. The
  /// arguments of loss rows go to `loss_bytes`, and their body offsets count from its start.
  /// False when the record is malformed.
  [[nodiscard]] bool add_kind(RowBatch& batch, const formats::RecordView& record, std::string& loss_bytes);

  /// A record of a kind below 64 whose body cannot be read.
  void skip_kind(std::uint64_t ticks, std::uint32_t id);

  /// Losses that a reader or the collector noticed: cumulative counts at `position`, which is a cursor.
  void add_losses(RowBatch& batch, std::uint64_t ticks, std::uint64_t position, const formats::LossCounts& counts,
                  std::string& loss_bytes);

 private:
  [[nodiscard]] std::uint64_t to_ns(std::uint64_t ticks) const noexcept {
    if (clock_ != static_cast<std::uint32_t>(formats::ClockKind::tsc)) return ticks;
    const std::int64_t ns = converter_->to_ns(ticks);
    return ns < 0 ? 0 : static_cast<std::uint64_t>(ns);  // before the epoch: as the blocks' ranges count it
  }
  Row* add_row(RowBatch& batch, std::uint64_t ticks, std::uint64_t time, std::uint64_t position,
               const StatementRef& statement);
  void add_loss_rows(RowBatch& batch, std::uint64_t ticks, std::uint64_t position, const formats::LossCounts& counts,
                     std::string& loss_bytes);
  void state_changed();

  const Session* session_;
  const formats::TickConverter* converter_;
  const RecordFilter* filter_;
  formats::StateVector state_;
  std::uint32_t clock_ = 0;
  std::uint64_t key_ticks_ = 0;
  std::uint64_t key_ns_ = 0;
  std::shared_ptr<const ThreadContext> thread_;
};

/// The cursor position of the i-th reason of a loss record at `position`: each reason has a record and a cursor of its
/// own. Inside a record of the ring they lie on its own bytes; the cursors that the collector makes (8 n + 1 and 8 n +
/// 2) keep clear of those of the ring and of each other; losses without a ring count down to the sum before.
[[nodiscard]] std::uint64_t loss_cursor(std::uint64_t position, std::size_t i, bool without_ring) noexcept;

}  // namespace lmlog::decoder
