// SPDX-License-Identifier: Apache-2.0
// The answering thread: it sleeps until there is something to write, or until a time word is due.
#include "collector/drain/answers.hpp"

#include <algorithm>
#include <chrono>
#include <span>

#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/ring_protocol.hpp>

namespace lmlog::collector {

namespace {

// A write to tmpfs takes below a microsecond, a descheduled one some milliseconds; a producer that punches holes in its
// own file was seen to hold one up for 271 ms.
constexpr std::int64_t kSlowWriteNs = 50 * kNsPerMs;
// A slow user gets a tenth of this thread's time at most.
constexpr std::int64_t kDelayFactor = 9;

}  // namespace

void Answers::release(std::vector<TailAnswer>& tails) {
  if (tails.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (tails_.empty()) {
      tails_.swap(tails);
    } else {
      tails_.insert(tails_.end(), std::make_move_iterator(tails.begin()), std::make_move_iterator(tails.end()));
    }
  }
  tails.clear();
  wake_.notify_one();
  if (is_immediate_) step();
}

void Answers::retire(std::shared_ptr<File> session, std::vector<std::shared_ptr<File>> rings, std::uint32_t uid,
                     std::shared_ptr<void> done) {
  {
    const std::lock_guard lock(mutex_);
    retirements_.push_back({std::move(session), std::move(rings), uid, std::move(done)});
  }
  wake_.notify_one();
  if (is_immediate_) step();
}

void Answers::attach(const formats::Id128& id, std::shared_ptr<File> session, std::uint32_t uid,
                     std::uint32_t clock_kind) {
  time_words_.attach(id, std::move(session), uid, clock_kind);
  wake_.notify_one();  // the first coarse session changes how long the thread sleeps
}

void Answers::detach(const formats::Id128& id) { time_words_.detach(id); }

bool Answers::is_delayed(std::uint32_t uid, std::int64_t now) const {
  const auto found = delayed_until_.find(uid);
  return found != delayed_until_.end() && now < found->second;
}

void Answers::write(File& file, std::uint32_t uid, std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::int64_t begin = clock_.monotonic_ns();
  // A file that cannot be written concerns its owner alone: its ring fills, and drops.
  (void)file.write_at(offset, bytes);
  const std::int64_t end = clock_.monotonic_ns();
  if (end - begin < kSlowWriteNs) return;
  delayed_until_[uid] = end + kDelayFactor * (end - begin);
  slow_writes_.fetch_add(1, std::memory_order_relaxed);
}

void Answers::write_tails(std::vector<TailAnswer> tails, bool all) {
  std::vector<TailAnswer> pending = std::move(delayed_tails_);
  delayed_tails_.clear();
  pending.insert(pending.end(), std::make_move_iterator(tails.begin()), std::make_move_iterator(tails.end()));
  for (auto& answer : pending) {
    if (!all && is_delayed(answer.uid, clock_.monotonic_ns())) {
      const auto same = std::find_if(delayed_tails_.begin(), delayed_tails_.end(),
                                     [&](const auto& other) { return other.ring == answer.ring; });
      if (same != delayed_tails_.end()) {
        *same = std::move(answer);
      } else {
        delayed_tails_.push_back(std::move(answer));
      }
      continue;
    }
    const auto line = formats::TailLine::of(answer.tail, answer.drained);
    // What was drained is in the journal by now.
    formats::release_tail(
        [&] { write(*answer.ring, answer.uid, formats::kTailOffset, std::as_bytes(std::span(&line, 1))); });
  }
}

void Answers::write_retirements(std::vector<Retirement> retirements) {
  constexpr std::uint32_t kRetired = 1;
  const auto bytes = std::as_bytes(std::span(&kRetired, 1));
  for (auto& retirement : retirements) {
    write(*retirement.session, retirement.uid, formats::kSessionRetiredOffset, bytes);
    for (const auto& ring : retirement.rings) write(*ring, retirement.uid, formats::kRingRetiredOffset, bytes);
  }
}

void Answers::step() {
  std::vector<TailAnswer> tails;
  std::vector<Retirement> retirements;
  bool all = false;
  {
    const std::lock_guard lock(mutex_);
    tails.swap(tails_);
    retirements.swap(retirements_);
    all = stopping_;
  }
  write_tails(std::move(tails), all);
  write_retirements(std::move(retirements));
  time_words_.refresh([this](File& file, std::uint32_t uid, std::uint64_t offset, std::span<const std::byte> bytes) {
    if (!is_delayed(uid, clock_.monotonic_ns())) write(file, uid, offset, bytes);
  });
}

void Answers::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::nanoseconds(time_words_.next_refresh_ns()),
                     [this] { return stopping_ || !tails_.empty() || !retirements_.empty(); });
      if (stopping_ && tails_.empty() && retirements_.empty() && delayed_tails_.empty()) return;
    }
    step();
  }
}

void Answers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

}  // namespace lmlog::collector
