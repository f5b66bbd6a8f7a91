// SPDX-License-Identifier: Apache-2.0
// The answering thread: it sleeps until there is something to write, or until a time word is due.
#include "collector/drain/answers.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>
#include <utility>

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

bool Answers::write(File& file, std::uint32_t uid, std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::int64_t begin = clock_.monotonic_ns();
  // A file that cannot be written concerns its owner alone: its ring fills, and drops.
  const bool is_written = static_cast<bool>(file.write_at(offset, bytes));
  const std::int64_t end = clock_.monotonic_ns();
  if (end - begin < kSlowWriteNs) return is_written;
  delayed_until_[uid] = end + kDelayFactor * (end - begin);
  slow_writes_.fetch_add(1, std::memory_order_relaxed);
  return is_written;
}

void Answers::delay(TailAnswer answer) {
  const auto same = std::find_if(delayed_tails_.begin(), delayed_tails_.end(),
                                 [&](const auto& other) { return other.ring == answer.ring; });
  if (same != delayed_tails_.end()) {
    *same = std::move(answer);
  } else {
    delayed_tails_.push_back(std::move(answer));
  }
}

void Answers::write_tails(std::vector<TailAnswer> tails, bool all) {
  std::vector<TailAnswer> pending = std::move(delayed_tails_);
  delayed_tails_.clear();
  pending.insert(pending.end(), std::make_move_iterator(tails.begin()), std::make_move_iterator(tails.end()));
  for (auto& answer : pending) {
    if (!all && is_delayed(answer.uid, clock_.monotonic_ns())) {
      delay(std::move(answer));
      continue;
    }
    const auto line = formats::TailLine::of(answer.tail, answer.drained);
    // What was drained is in the journal by now.
    bool is_written = false;
    formats::release_tail([&] {
      is_written = write(*answer.ring, answer.uid, formats::kTailOffset, std::as_bytes(std::span(&line, 1)));
    });
    // A producer that waits for this tail publishes nothing, and so would get no other. (At the end the next collector
    // answers anew.)
    if (!is_written && !all) delay(std::move(answer));
  }
}

void Answers::write_retirements(std::vector<Retirement> retirements, bool all) {
  constexpr std::uint32_t kRetired = 1;
  const auto bytes = std::as_bytes(std::span(&kRetired, 1));
  std::vector<Retirement> pending = std::exchange(refused_retirements_, {});
  pending.insert(pending.end(), std::make_move_iterator(retirements.begin()),
                 std::make_move_iterator(retirements.end()));
  for (auto& retirement : pending) {
    bool is_written = write(*retirement.session, retirement.uid, formats::kSessionRetiredOffset, bytes);
    for (const auto& ring : retirement.rings)
      is_written = write(*ring, retirement.uid, formats::kRingRetiredOffset, bytes) && is_written;
    // A service that lives on must see it before its files go.
    if (!is_written && !all) refused_retirements_.push_back(std::move(retirement));
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
  write_retirements(std::move(retirements), all);
  time_words_.refresh([this](File& file, std::uint32_t uid, std::uint64_t offset, std::span<const std::byte> bytes) {
    if (!is_delayed(uid, clock_.monotonic_ns())) (void)write(file, uid, offset, bytes);
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
