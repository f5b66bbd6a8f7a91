// SPDX-License-Identifier: Apache-2.0
// See ring.hpp. Positions grow for ever and are multiples of 8; a record never crosses the end of a lap.
#include "libproducer/src/ring.hpp"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <lmlog/formats/file_names.hpp>
#include <lmlog/formats/mutant.hpp>
#include <lmlog/formats/record.hpp>

#include "libproducer/src/cancellation_waits.hpp"
#include "libproducer/src/clock_source.hpp"
#include "libproducer/src/environment.hpp"
#include "libproducer/src/pending_state.hpp"
#include "libproducer/src/record_writing.hpp"
#include "libproducer/src/shared_session.hpp"
#include "libproducer/src/spin_pause.hpp"

namespace lmlog::detail {

using formats::ClockKind;
using formats::LossReason;
using formats::RecordKind;
using formats::Result;

Result<std::unique_ptr<Ring>> Ring::create(SharedSession& session, std::uint32_t number) {
  const std::uint64_t bytes = session.options().ring_bytes;
  auto file = SharedFile::create(session.folder(), formats::ring_file_name(session.id(), number),
                                 formats::kRingDataOffset + bytes, formats::kRingDataOffset + bytes);
  if (!file) return file.error();
  formats::RingDescriptor descriptor{};
  descriptor.magic = formats::kRingMagic;
  descriptor.major = formats::kMajorVersion;
  descriptor.minor = formats::kMinorVersion;
  descriptor.data_offset = formats::kRingDataOffset;
  descriptor.ring_id = random_id();
  descriptor.session_id = session.id();
  descriptor.data_bytes = bytes;
  descriptor.number = number;
  descriptor.policy = static_cast<std::uint32_t>(ring_policy(session.options().policy));
  if (formats::is_sub_buffered(descriptor)) descriptor.sub_buffer_bytes = bytes / formats::kSubBuffers;
  file->prefault(0, formats::kRingDataOffset + bytes);
  std::memcpy(file->data(), &descriptor, sizeof(descriptor));
  const auto tail = formats::TailLine::of(0, 0);
  std::memcpy(file->data() + formats::kTailOffset, &tail, sizeof(tail));
  if (auto published = file->publish(); !published) return published.error();
  file->close_descriptor();
  return std::unique_ptr<Ring>(new Ring(session, std::move(*file), bytes));
}

Ring::Ring(SharedSession& session, SharedFile file, std::uint64_t data_bytes) noexcept
    : session_(session),
      file_(std::move(file)),
      room_(data_bytes),
      data_(file_.data() + formats::kRingDataOffset),
      clock_(session.clock(), tsc_hz()) {
  if (session.options().policy == Policy::overwrite)
    recorder_.emplace(data_, data_bytes, field<std::uint64_t>(formats::kFloorOffset));
  if (session.clock() == ClockKind::coarse) coarse_.emplace(session.coarse_time(), tsc_hz());
}

void Ring::attach(ThreadLine& line, const ThreadIdentity& thread) noexcept {
  losses_come_first_ = epoch_ != 0 && losses_pending_;
  thread_ = thread;
  ++epoch_;
  thread_pending_ = !formats::mutant(formats::Mutant::handed_over_without_state) || epoch_ == 1;
  line.position = position_;
  line.limit.store(0, std::memory_order_relaxed);
  line.clock_limit.store(0, std::memory_order_relaxed);
  line.coarse = nullptr;
  line.head = &field<std::uint64_t>(formats::kHeadOffset);
  line.max_string = session_.options().max_string;
  name_owner(thread);
  field<std::uint32_t>(formats::kOwnerOffset).store(1, std::memory_order_relaxed);
}

void Ring::name_owner(const ThreadIdentity& thread) noexcept {
  // For people who look from outside: they may find it torn, and the thread record says it again.
  formats::OwnerThread owner{};
  owner.tid = thread.tid;
  owner.name_length = static_cast<std::uint32_t>(std::min(thread.name.size(), sizeof(owner.name)));
  std::memcpy(owner.name, thread.name.data(), owner.name_length);
  std::memcpy(file_.data() + formats::kOwnerThreadOffset, &owner, sizeof(owner));
}

void Ring::detach(ThreadLine& line) noexcept {
  position_ = line.position;
  line.limit.store(0, std::memory_order_relaxed);
  line.clock_limit.store(0, std::memory_order_relaxed);
  line.position = 0;
  line.coarse = nullptr;
  line.head = nullptr;
  field<std::uint32_t>(formats::kOwnerOffset).store(0, std::memory_order_relaxed);
}

void Ring::count_loss(LossReason reason) noexcept {
  auto& counter = field<std::uint64_t>(formats::kRingLossesOffset + 8 * static_cast<std::size_t>(reason));
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  losses_pending_ = true;
}

std::uint64_t Ring::losses(std::uint32_t reason) const noexcept {
  return field<std::uint64_t>(formats::kRingLossesOffset + std::size_t{8} * reason).load(std::memory_order_relaxed);
}

bool Ring::is_retired() const noexcept {
  return field<std::uint32_t>(formats::kRingRetiredOffset).load(std::memory_order_relaxed) != 0;
}

Ring::Outcome Ring::make_room(ThreadLine& line, const RoomRequest& request, std::uint64_t& time) noexcept {
  const std::uint64_t position = line.position;
  const auto lose = [&](LossReason reason) {
    count_loss(reason);
    // The fast path stays shut until the loss record is written: it comes before the next ordinary record.
    line.limit.store(position, std::memory_order_relaxed);
    line.clock_limit.store(position, std::memory_order_relaxed);
    return Outcome::lost;
  };
  const std::uint64_t longest = recorder_ ? recorder_->max_record_bytes() : formats::max_record_bytes(data_bytes());
  if (request.bytes > longest) return lose(LossReason::too_large);

  const std::uint32_t epoch = clock_.epoch();
  const std::uint64_t now = coarse_ ? coarse_now() : clock_.now();
  clock_pending_ |= clock_.epoch() != epoch;
  time = request.time_given ? request.time : now;
  PendingState pending;
  gather(pending, now);
  if (recorder_) {
    open_line(line, record_over(pending, position, request.bytes, time));
    return Outcome::ready;
  }
  (void)accept_tail();
  while (!place(pending, position, request.bytes)) {
    if (session_.options().policy == Policy::drop) return lose(LossReason::ring_full);
    if (waited_in_vain_ || !wait_for_tail()) {
      if (session_has_ended()) return Outcome::withdrawn;
      waited_in_vain_ = true;
      return lose(LossReason::block_timeout);
    }
  }
  std::uint64_t at = write_pending(pending, position, time);
  const std::uint64_t start = room_.start_of_record(at, request.bytes);
  at = write_pad(at, start, time);
  open_line(line, at);
  return Outcome::ready;
}

void Ring::gather(PendingState& pending, std::uint64_t now) noexcept {
  const auto add_losses = [&] { pending.add_losses(counters()); };
  if (losses_pending_ && losses_come_first_) add_losses();
  if (thread_pending_) pending.add_thread(thread_.tid, epoch_, thread_.name);
  if (clock_.kind() == ClockKind::tsc) {
    const auto anchor = session_.anchor(now, tsc_hz());
    if (clock_pending_ || (anchor && anchor->tsc != anchor_ticks_)) {
      const formats::Anchor& known = anchor ? *anchor : session_.start_anchor();
      pending.add_clock(clock_.kind(), clock_.epoch(), known);
      anchor_ticks_ = known.tsc;
      clock_pending_ = true;  // until it is written
    }
  } else if (clock_pending_) {
    pending.add_clock(clock_.kind(), clock_.epoch(), session_.start_anchor());
  }
  if (losses_pending_ && !losses_come_first_) add_losses();
}

formats::LossCounts Ring::counters() const noexcept {
  formats::LossCounts counts{};
  for (std::uint32_t reason = 0; reason < counts.size(); ++reason) counts[reason] = losses(reason);
  return counts;
}

/// The coarse word while a collector keeps it; else the calendar, by the counter and the last anchor.
std::uint64_t Ring::coarse_now() noexcept {
  const std::uint64_t ticks = read_tsc();
  const auto calendar = [this, ticks](std::uint64_t max_age_ticks) {
    if (tsc_hz() == 0) return realtime_ns();
    const auto anchor = session_.anchor(ticks, max_age_ticks);
    return anchor && ticks >= anchor->tsc ? calendar_ns(ticks, *anchor, tsc_hz()) : realtime_ns();
  };
  std::uint64_t time = calendar(tsc_hz());
  // Word and counter disagree: the word is old, or the calendar was set since the anchor.
  if (!coarse_->agrees_with(time)) time = calendar(tsc_hz() / 10);
  return coarse_->now(time, ticks);
}

/// Policy overwrite: always finds room.
std::uint64_t Ring::record_over(const PendingState& pending, std::uint64_t position, std::uint64_t bytes,
                                std::uint64_t time) noexcept {
  const formats::LossCounts lost = counters();
  recorder_->count_to(position);
  std::uint64_t at = position;
  for (const auto& record : pending.records()) {
    at = recorder_->place(at, record.bytes(), time, lost);
    write_record(pending, record, at, time);
    at += record.bytes();
  }
  at = recorder_->place(at, bytes, time, lost);
  if (at != position) publish_pending(at);
  return at;
}

bool Ring::accept_tail() noexcept {
  const bool has_moved =
      room_.accept_tail(field<std::uint64_t>(formats::kTailOffset), field<std::uint64_t>(formats::kTailOffset + 8),
                        field<std::uint64_t>(formats::kHeadOffset));
  if (has_moved) waited_in_vain_ = false;
  return has_moved;
}

bool Ring::session_has_ended() const noexcept { return is_retired() || session_.is_retired() || session_.has_ended(); }

/// Policy block. True when the tail has moved; false after the time-out, or when the session is over.
bool Ring::wait_for_tail() noexcept {
  constexpr int kSpins = 1000;  // a few µs: a collector that is just draining answers within that
  for (int i = 0; i < kSpins; ++i) {
    if (accept_tail()) return true;
    spin_pause();
  }
  const CancellationWaits cancellation;
  const auto clock_now = [] {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto timeout = session_.options().block_timeout;
  const auto start = clock_now();
  long pause_ns = 20'000;
  constexpr long kMaxPauseNs = 1'000'000;  // the collector answers in batches: longer sleeps only add latency
  for (;;) {
    timespec pause{0, pause_ns};
    ::nanosleep(&pause, nullptr);
    if (accept_tail()) return true;
    if (session_has_ended()) return false;
    if (timeout.count() != 0 && clock_now() - start >= timeout) return false;
    pause_ns = std::min(pause_ns * 2, kMaxPauseNs);
  }
}

bool Ring::place(const PendingState& pending, std::uint64_t position, std::uint64_t bytes) const noexcept {
  for (const auto& record : pending.records())
    position = room_.start_of_record(position, record.bytes()) + record.bytes();
  return room_.holds(room_.start_of_record(position, bytes) + bytes);
}

std::uint64_t Ring::write_pad(std::uint64_t position, std::uint64_t start, std::uint64_t time) noexcept {
  const std::uint64_t gap = start - position;
  if (RingRoom::needs_pad(gap))
    (void)write_header(data_ + position % data_bytes(), position, RecordKind::pad, gap, time);
  return start;
}

std::uint64_t Ring::write_pending(const PendingState& pending, std::uint64_t position, std::uint64_t time) noexcept {
  if (pending.records().empty()) return position;
  for (const auto& record : pending.records()) {
    position = write_pad(position, room_.start_of_record(position, record.bytes()), time);
    write_record(pending, record, position, time);
    position += record.bytes();
  }
  publish_pending(position);
  return position;
}

void Ring::write_record(const PendingState& pending, const PendingState::Record& record, std::uint64_t position,
                        std::uint64_t time) noexcept {
  std::byte* body = write_header(data_ + position % data_bytes(), position, record.kind, record.bytes(), time);
  std::memcpy(body, pending.body(record), record.body_bytes);
}

/// All pending records, or none if the process dies before.
void Ring::publish_pending(std::uint64_t position) noexcept {
  formats::publish_head(field<std::uint64_t>(formats::kHeadOffset), position);
  thread_pending_ = clock_pending_ = losses_pending_ = losses_come_first_ = false;
}

void Ring::open_line(ThreadLine& line, std::uint64_t position) noexcept {
  const std::uint64_t lap = formats::round_down(position, data_bytes());
  const std::uint64_t limit = recorder_ ? recorder_->limit(position) : room_.limit(position);
  line.position = position;
  line.lap = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(data_)) - lap;
  line.limit.store(limit, std::memory_order_relaxed);
  // Only the counter is read inline: with every other clock a call without a time leaves the inline path for it.
  line.clock_limit.store(clock_.kind() == ClockKind::tsc ? limit : 0, std::memory_order_relaxed);
  line.coarse = coarse_ ? coarse_->reading() : nullptr;
}

}  // namespace lmlog::detail
