// SPDX-License-Identifier: Apache-2.0
// Walks raw pieces one after the other; the state runs on from each into the next.
#include "decoder/read/raw_cursor.hpp"

#include "decoder/read/record_check.hpp"

namespace lmlog::decoder {

RawCursor::RawCursor(const RawRing& ring, const RecordFilter& filter, Report& report)
    : ring_(&ring), report_(&report), rows_(*ring.ring->session, *ring.converter, filter, {}) {}

void RawCursor::begin_piece() {
  const RawPiece& piece = ring_->pieces[piece_];
  begun_ = true;
  if (piece.state) rows_.set_state(*piece.state);
  if (!piece.losses && !piece.jump) walk_.emplace(piece.range);
}

void RawCursor::take_jump(RowBatch& batch, const RawPiece& piece) {
  // The difference to what was read so far: by then the cursor has walked up to there.
  const formats::Jump jump = formats::jump_to(*piece.jump, rows_.state());
  rows_.set_state(jump.state);
  rows_.add_losses(batch, piece.jump->time, piece.cursor, jump.counts, loss_bytes_);
}

std::uint64_t RawCursor::loss_time(const RawPiece& piece) const {
  if (piece.time) return *piece.time;
  if (rows_.state().sort_key != 0) return rows_.state().sort_key;
  const auto& session = ring_->ring->session->descriptor();
  return session.clock == static_cast<std::uint32_t>(formats::ClockKind::tsc)
             ? session.start_tsc
             : static_cast<std::uint64_t>(session.start_realtime_ns);
}

bool RawCursor::fill(RowBatch& batch, std::size_t budget) {
  batch.clear();
  batch.ring = ring_->ring;
  if (piece_ == ring_->pieces.size()) return false;
  if (!begun_) begin_piece();
  const RawPiece& piece = ring_->pieces[piece_];
  loss_bytes_.clear();
  bool done = true;
  if (piece.jump) {
    take_jump(batch, piece);
  } else if (piece.losses) {
    rows_.add_losses(batch, loss_time(piece), piece.cursor, *piece.losses, loss_bytes_);
  } else if (walk_->load(batch.bytes, budget)) {
    done = false;
    formats::RecordView record;
    while (walk_->next(record)) {
      const char* problem = take_record(batch, record);
      if (problem == nullptr) continue;
      walk_->reject(record, problem);
      break;
    }
  } else if (walk_->error()) {
    formats::Error error = *walk_->error();
    error.offset = piece.entry_offset;
    error.length = piece.entry_length;
    report_->error(*piece.path, error);
  }
  for (Row& row : batch.rows)
    if (row.statement->is_loss) row.body_offset += batch.bytes.size();
  batch.bytes += loss_bytes_;
  if (done) {
    ++piece_;
    begun_ = false;
    walk_.reset();
  }
  return true;
}

const char* RawCursor::take_kind(RowBatch& batch, const formats::RecordView& record) {
  if (record.id >= formats::kFirstSkippableKind)
    report_->note_once("records of kind " + std::to_string(record.id) + " are of a newer version and are left out");
  const std::size_t rows_before = batch.rows.size();
  const std::size_t losses_before = loss_bytes_.size();
  if (!rows_.add_kind(batch, record, loss_bytes_)) return kBadState;
  if (record.position < ring_->pieces[piece_].first) {
    batch.rows.resize(rows_before);
    loss_bytes_.resize(losses_before);
  }
  return nullptr;
}

const char* RawCursor::take_record(RowBatch& batch, const formats::RecordView& record) {
  if (record.id < formats::kFirstStatementId) return take_kind(batch, record);
  const StatementRef* statement = ring_->ring->session->statement(record.id);
  const auto [problem, bytes] = check_arguments(record, statement == nullptr ? nullptr : statement->statement);
  if (problem != nullptr) return problem;
  Row* row = rows_.add_statement(batch, record.time, record.position, *statement);
  if (row == nullptr) return nullptr;
  if (record.position < ring_->pieces[piece_].first) {
    batch.rows.pop_back();
    return nullptr;
  }
  row->body_offset =
      static_cast<std::size_t>(record.body.data() - reinterpret_cast<const std::byte*>(batch.bytes.data()));
  row->body_bytes = static_cast<std::uint32_t>(bytes);
  return nullptr;
}

}  // namespace lmlog::decoder
