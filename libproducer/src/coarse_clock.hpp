// SPDX-License-Identifier: Apache-2.0
// The coarse clock of one ring: the session's word while a collector keeps it, else the calendar that its caller
// brings. Implements clock kind 2 of formats/spec/registry.md. Used by the thread that owns the ring.
//
//   word ──older than 100 ms──▶ calendar ──word is young again, and not below what was given──▶ word
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <lmlog/thread_line.hpp>

namespace lmlog::detail {

/// What a log call without a time reads, while the word is kept. Whether it is goes by the counter, which costs more
/// than all the rest: a thread that logs fast looks at it with one call in 65, one that logs seldom with every call.
struct CoarseReading : CoarseWord {
  static constexpr std::uint64_t kOldNs = 100'000'000;  // a collector refreshes the word every millisecond
  static constexpr std::uint64_t kMaxUnseen = 64;       // calls between two looks
  static constexpr double kFastNs = 1e6;                // so far apart at most are looks that become rarer

  std::uint64_t last_ticks = 0;    // the counter when the word was seen to say `last`
  std::uint64_t looked_ticks = 0;  // the counter at the last look
  std::uint64_t next_unseen = 0;   // `unseen` after the next look
  double ns_per_tick = 0;          // 0: the counter is no clock

  [[nodiscard]] static bool is_near(std::uint64_t a, std::uint64_t b) noexcept {
    return (a > b ? a - b : b - a) <= kOldNs;
  }

  /// The word says `now`, the counter `ticks`: false when they have not kept pace, and the slow path must decide.
  [[nodiscard]] bool look(std::uint64_t now, std::uint64_t ticks) noexcept {
    if (ns_per_tick == 0 || ticks < looked_ticks) return false;
    const double elapsed = static_cast<double>(ticks - last_ticks) * ns_per_tick;
    if (!is_near(now, last + static_cast<std::uint64_t>(elapsed))) return false;
    const bool is_fast = static_cast<double>(ticks - looked_ticks) * ns_per_tick < kFastNs;
    looked_ticks = ticks;
    unseen = is_fast ? next_unseen : 0;
    next_unseen = is_fast ? std::min(2 * next_unseen + 1, kMaxUnseen) : 0;
    if (now != last) last_ticks = ticks;
    last = now;
    return true;
  }
};

class CoarseClock {
 public:
  /// `hz`: ticks a second of the counter, 0 without one.
  CoarseClock(const std::atomic<std::uint64_t>& word, std::uint64_t hz) noexcept {
    reading_.word = &word;
    if (hz != 0) reading_.ns_per_tick = 1e9 / static_cast<double>(hz);
  }

  /// What log calls may read without asking here; null while the word is not to be trusted.
  [[nodiscard]] CoarseReading* reading() noexcept { return trusts_word_ ? &reading_ : nullptr; }

  /// True when the word is within 100 ms of the calendar.
  [[nodiscard]] bool agrees_with(std::uint64_t calendar) const noexcept {
    return CoarseReading::is_near(reading_.word->load(std::memory_order_relaxed), calendar);
  }

  /// The time of now, where the calendar says `calendar` and the counter `ticks`. Backwards only with the word, or by
  /// steps of the calendar of more than 100 ms.
  [[nodiscard]] std::uint64_t now(std::uint64_t calendar, std::uint64_t ticks) noexcept {
    constexpr auto is_near = &CoarseReading::is_near;
    if (trusts_word_) given_ = reading_.last;
    const std::uint64_t word = reading_.word->load(std::memory_order_relaxed);
    // A word that comes back may lag by its millisecond behind what the counter has said.
    trusts_word_ = is_near(word, calendar) && (trusts_word_ || word >= given_ || !is_near(word, given_));
    if (trusts_word_) {
      reading_.last = given_ = word;
      reading_.last_ticks = reading_.looked_ticks = ticks;
      reading_.unseen = 0;
    } else {
      given_ = is_near(calendar, given_) ? std::max(calendar, given_) : calendar;
    }
    return given_;
  }

 private:
  CoarseReading reading_;
  std::uint64_t given_ = 0;  // the last time that was given here
  bool trusts_word_ = false;
};

}  // namespace lmlog::detail
