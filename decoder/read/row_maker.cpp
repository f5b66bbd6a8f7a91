// SPDX-License-Identifier: Apache-2.0
// Follows thread, context, clock, weights and losses of a ring as registry.md describes its state.
#include "decoder/read/row_maker.hpp"

namespace lmlog::decoder {

using formats::LossReason;
using formats::RecordKind;

namespace {

/// Records that the producer chose not to write are counted, but are no losses.
bool is_loss(std::uint32_t reason) {
  return reason != static_cast<std::uint32_t>(LossReason::sampled_out) &&
         reason != static_cast<std::uint32_t>(LossReason::suppressed);
}

}  // namespace

std::uint64_t loss_cursor(std::uint64_t position, std::size_t i, bool without_ring) noexcept {
  if (without_ring) return position - 8 * i;
  if (position % 8 == 0) return position + 8 * i;
  return position + 2 * (i / 2) + 8 * (i % 2);
}

RowMaker::RowMaker(const Session& session, const formats::TickConverter& converter, const RecordFilter& filter,
                   formats::StateVector state)
    : session_(&session), converter_(&converter), filter_(&filter) {
  set_state(std::move(state));
}

void RowMaker::set_state(formats::StateVector state) {
  state_ = std::move(state);
  state_changed();
}

void RowMaker::rebind(const Session& session, const formats::TickConverter& converter) noexcept {
  session_ = &session;
  converter_ = &converter;
}

void RowMaker::state_changed() {
  clock_ = state_.clock_kind != 0 ? state_.clock_kind : session_->descriptor().clock;
  key_ticks_ = state_.sort_key;
  key_ns_ = to_ns(key_ticks_);
  auto context = std::make_shared<ThreadContext>();
  context->is_known = state_.thread != formats::ThreadState{};
  context->tid = state_.thread.tid;
  context->name = state_.thread.name;
  context->context = state_.context;
  thread_ = std::move(context);
}

Row* RowMaker::add_row(RowBatch& batch, std::uint64_t ticks, std::uint64_t time, std::uint64_t position,
                       const StatementRef& statement) {
  if (state_.sort_key != key_ticks_) {
    key_ticks_ = state_.sort_key;
    key_ns_ = key_ticks_ == ticks ? time : to_ns(key_ticks_);
  }
  if (key_ns_ < filter_->min_key) return nullptr;
  if (batch.threads.empty() || batch.threads.back() != thread_) batch.threads.push_back(thread_);
  Row& row = batch.rows.emplace_back();
  row.key = key_ns_;
  row.time = time;
  row.position = position;
  row.statement = &statement;
  row.thread = thread_.get();
  if (!state_.weights.empty() && !statement.is_loss) {
    const auto weight = state_.weights.find(statement.statement->id);
    if (weight != state_.weights.end()) row.weight = weight->second;
  }
  return &row;
}

void RowMaker::add_loss_rows(RowBatch& batch, std::uint64_t ticks, std::uint64_t position,
                             const formats::LossCounts& counts, std::string& loss_bytes) {
  const std::uint64_t time = to_ns(ticks);
  if (!filter_->wants_time(time)) return;
  const bool without_ring = batch.ring != nullptr && batch.ring->id == session_->id();
  std::size_t i = 0;
  for (std::uint32_t reason = 0; reason < formats::kLossReasons; ++reason) {
    if (counts[reason] <= state_.losses[reason] || !is_loss(reason)) continue;
    Row* row = add_row(batch, ticks, time, loss_cursor(position, i++, without_ring), session_->loss_statement());
    if (row == nullptr) continue;
    row->body_offset = loss_bytes.size();
    append_loss_arguments(loss_bytes, reason, counts[reason] - state_.losses[reason]);
    row->body_bytes = static_cast<std::uint32_t>(loss_bytes.size() - row->body_offset);
  }
}

bool RowMaker::add_kind(RowBatch& batch, const formats::RecordView& record, std::string& loss_bytes) {
  switch (static_cast<RecordKind>(record.id)) {
    case RecordKind::loss: {
      formats::LossCounts counts = state_.losses;
      if (!formats::parse_losses(record.body, counts)) return false;
      if (record.time > state_.sort_key) state_.sort_key = record.time;
      add_loss_rows(batch, record.time, record.position, counts, loss_bytes);
      return state_.apply(record);
    }
    case RecordKind::thread:
    case RecordKind::context:
    case RecordKind::clock: {
      const bool good = state_.apply(record);
      state_changed();
      return good;
    }
    default:
      return state_.apply(record);
  }
}

void RowMaker::skip_kind(std::uint64_t ticks, std::uint32_t id) {
  if (ticks > state_.sort_key) state_.sort_key = ticks;
  // Better no thread or context than that of somebody else.
  if (id == static_cast<std::uint32_t>(RecordKind::thread)) state_.thread = {};
  if (id == static_cast<std::uint32_t>(RecordKind::thread) || id == static_cast<std::uint32_t>(RecordKind::context))
    state_.context.clear();
  state_changed();
}

void RowMaker::add_losses(RowBatch& batch, std::uint64_t ticks, std::uint64_t position,
                          const formats::LossCounts& counts, std::string& loss_bytes) {
  if (ticks > state_.sort_key) state_.sort_key = ticks;
  add_loss_rows(batch, ticks, position, counts, loss_bytes);
  for (std::uint32_t reason = 0; reason < formats::kLossReasons; ++reason)
    state_.losses[reason] = std::max(state_.losses[reason], counts[reason]);
}

}  // namespace lmlog::decoder
