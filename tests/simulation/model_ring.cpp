// SPDX-License-Identifier: Apache-2.0
// The slow and careful way to write a ring: everything that a real producer keeps in registers is worked out anew.
#include "tests/simulation/model_ring.hpp"

#include <span>
#include <utility>

#include <lmlog/formats/byte_io.hpp>
#include <lmlog/formats/record.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/sub_buffer.hpp>

namespace lmlog::collector::simulation {

using formats::ClockKind;
using formats::LossReason;
using formats::RecordKind;

namespace {

constexpr std::uint32_t number_of(RecordKind kind) { return static_cast<std::uint32_t>(kind); }

}  // namespace

ModelRing::ModelRing(std::shared_ptr<Node> node, const formats::SessionDescriptor& session,
                     const formats::RingDescriptor& descriptor, const SimulatedClock& clock,
                     std::int64_t block_timeout_ns)
    : node_(std::move(node)),
      session_(session),
      descriptor_(descriptor),
      clock_(clock),
      block_timeout_ns_(block_timeout_ns),
      clock_kind_(session.clock) {
  node_->resize(descriptor.data_offset + descriptor.data_bytes);
  node_->bytes.resize(static_cast<std::size_t>(node_->size));
  store(0, descriptor);
  store(formats::kTailOffset, formats::TailLine::of(0, 0));
  store(formats::kOwnerOffset, std::uint32_t{1});
}

formats::TailLine ModelRing::tail() const {
  formats::TailLine line{};
  (void)node_->read(formats::kTailOffset, std::as_writable_bytes(std::span(&line, 1)));
  return line;
}

void ModelRing::set_free() { store(formats::kOwnerOffset, std::uint32_t{0}); }

void ModelRing::hand_over() {
  waits_since_.reset();
  ++epoch_;
  owes_thread_ = true;
  store(formats::kOwnerOffset, std::uint32_t{1});
}

std::uint64_t ModelRing::now(const LogCall& call) {
  if (clock_kind_ != static_cast<std::uint32_t>(ClockKind::tsc))
    return call.time.value_or(static_cast<std::uint64_t>(clock_.realtime_ns()));
  const std::uint64_t ticks = clock_.tsc();
  if (ticks >= last_ticks_) return last_ticks_ = ticks;
  // The counter ran backwards: it is not used any more.
  clock_kind_ = static_cast<std::uint32_t>(ClockKind::realtime);
  ++clock_epoch_;
  owes_clock_ = true;
  return static_cast<std::uint64_t>(clock_.realtime_ns());
}

std::string ModelRing::thread_body() const {
  const std::string name = "worker-" + std::to_string(epoch_);
  formats::ByteWriter out;
  out.put(std::uint32_t{4711 + descriptor_.number});
  out.put(epoch_);
  out.put(static_cast<std::uint32_t>(name.size()));
  out.text(name);
  return out.str_ref();
}

std::string ModelRing::clock_body() const {
  formats::ByteWriter out;
  out.put(clock_kind_);
  out.put(clock_epoch_);
  const bool has_ticks = clock_kind_ == static_cast<std::uint32_t>(ClockKind::tsc);
  out.put(has_ticks ? clock_.anchor() : formats::Anchor{});
  return out.str_ref();
}

std::vector<ModelRing::Item> ModelRing::pending(std::uint64_t time) const {
  std::vector<Item> out;
  if (owes_thread_) out.push_back({number_of(RecordKind::thread), time, thread_body()});
  if (owes_clock_) out.push_back({number_of(RecordKind::clock), time, clock_body()});
  if (losses != state_.losses) {
    formats::ByteWriter body;
    formats::write_losses(losses, body);
    out.push_back({number_of(RecordKind::loss), time, body.str_ref()});
  }
  return out;
}

std::uint64_t ModelRing::end_after(const std::vector<Item>& items) const {
  std::uint64_t end = head_;
  for (const Item& item : items) {
    const std::uint64_t length = formats::record_length(item.body.size());
    const std::uint64_t to_wrap = descriptor_.data_bytes - end % descriptor_.data_bytes;
    end += length + (length > to_wrap ? to_wrap : 0);
  }
  return end;
}

bool ModelRing::has_room(std::uint64_t end) {
  if (is_overwriting() || end - accepted_tail_ <= descriptor_.data_bytes) return true;
  const auto line = tail();
  if (line.is_whole() && line.tail % 8 == 0 && line.tail >= accepted_tail_ && line.tail <= head_)
    accepted_tail_ = line.tail;
  return end - accepted_tail_ <= descriptor_.data_bytes;
}

void ModelRing::put(std::uint32_t id, std::uint64_t time, const std::string& body, std::uint64_t length) {
  const bool is_extended = length > formats::kMaxShortLength;
  const formats::RecordHeader header{time, formats::stamp_of(head_),
                                     formats::pack_id_and_length(id, is_extended ? 0 : length)};
  const std::uint64_t at = descriptor_.data_offset + head_ % descriptor_.data_bytes;
  store(at, header);
  if (is_extended) store(at + sizeof(header), length);
  const std::uint64_t body_at = at + (is_extended ? formats::kExtendedHeaderBytes : formats::kRecordHeaderBytes);
  node_->write(body_at, std::as_bytes(std::span(body)));
  // What is behind a body is whatever lay there before: readers get it as it is.
  if (id != number_of(RecordKind::pad)) (void)state_.apply({head_, length, time, id, std::as_bytes(std::span(body))});
  head_ += length;
}

void ModelRing::pad(std::uint64_t time, std::uint64_t length) {
  if (length == formats::kRecordAlignment) {
    head_ += length;
  } else {
    put(number_of(RecordKind::pad), time, {}, length);
  }
}

std::uint64_t ModelRing::place(const Item& item) {
  std::uint64_t length = formats::record_length(item.body.size());
  if (!is_overwriting()) {
    const std::uint64_t to_wrap = descriptor_.data_bytes - head_ % descriptor_.data_bytes;
    if (length > to_wrap) pad(item.time, to_wrap);
  } else {
    const std::uint64_t size = descriptor_.sub_buffer_bytes;
    const std::uint64_t left = head_ % size == 0 ? 0 : size - head_ % size;
    // No gap of 8 bytes arises at the end of a sub-buffer.
    if (left == 0 || length > left || left - length == formats::kRecordAlignment) {
      if (left != 0) pad(item.time, left);
      enter_sub_buffer(item.time);
      if (size - head_ % size - length == formats::kRecordAlignment) length += formats::kRecordAlignment;
    }
  }
  const std::uint64_t position = head_;
  put(item.id, item.time, item.body, length);
  return position;
}

void ModelRing::enter_sub_buffer(std::uint64_t time) {
  const std::uint64_t reach = head_ + descriptor_.sub_buffer_bytes;
  const std::uint64_t floor = reach > descriptor_.data_bytes ? reach - descriptor_.data_bytes : 0;
  formats::ByteWriter state_bytes;
  state_.write(state_bytes);
  formats::ByteWriter body;
  body.put(head_);
  body.put(state_.index);
  formats::write_losses(losses, body);
  body.put(static_cast<std::uint32_t>(state_bytes.size()));
  body.put(std::uint32_t{0});
  body.bytes(state_bytes.view());
  store(formats::kFloorOffset, floor);
  put(number_of(RecordKind::sub_buffer), time, body.str_ref(), formats::record_length(body.size()));
}

void ModelRing::publish() { store(formats::kHeadOffset, head_); }

void ModelRing::lose(LossReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  losses[index] += 1;
  store(formats::kRingLossesOffset + 8 * index, losses[index]);
  ++attempts;
  waits_since_.reset();
}

ModelRing::Outcome ModelRing::log(const LogCall& call) {
  const std::uint64_t length = formats::record_length(call.body.size());
  const std::uint64_t longest =
      is_overwriting() ? formats::max_record_bytes_overwriting(descriptor_.data_bytes, descriptor_.sub_buffer_bytes)
                       : formats::max_record_bytes(descriptor_.data_bytes);
  if (length > longest) {
    lose(LossReason::too_large);
    return Outcome::lost;
  }
  const std::uint64_t time = now(call);
  auto items = pending(time);
  items.push_back({call.statement, time, call.body});
  if (!has_room(end_after(items))) {
    const bool blocks = descriptor_.policy == static_cast<std::uint32_t>(formats::RingPolicy::block);
    if (!blocks || (gave_up_at_ && *gave_up_at_ == accepted_tail_)) {
      lose(blocks ? LossReason::block_timeout : LossReason::ring_full);
      return Outcome::lost;
    }
    if (!waits_since_) waits_since_ = clock_.true_ns();
    if (clock_.true_ns() - *waits_since_ < block_timeout_ns_) return Outcome::waits;
    gave_up_at_ = accepted_tail_;
    lose(LossReason::block_timeout);
    return Outcome::lost;
  }
  gave_up_at_.reset();
  waits_since_.reset();
  std::uint64_t position = 0;
  for (const Item& item : items) position = place(item);
  owes_thread_ = false;
  owes_clock_ = false;
  publish();
  committed.push_back({position, head_, time, clock_.realtime_ns(), call.statement, call.arguments,
                       clock_kind_ != static_cast<std::uint32_t>(ClockKind::tsc)});
  ++attempts;
  return Outcome::stored;
}

void ModelRing::tear(const LogCall& call) {
  const std::uint64_t length = formats::record_length(call.body.size());
  const std::uint64_t to_wrap = descriptor_.data_bytes - head_ % descriptor_.data_bytes;
  if (is_overwriting() || length > to_wrap || !has_room(head_ + length)) return;
  node_->write(descriptor_.data_offset + head_ % descriptor_.data_bytes, std::as_bytes(std::span(call.body)));
}

}  // namespace lmlog::collector::simulation
