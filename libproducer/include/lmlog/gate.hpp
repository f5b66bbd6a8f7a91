// SPDX-License-Identifier: Apache-2.0
// Gates: which calls of a statement get through (_ONCE, _FIRST_N, _EVERY_N, _THROTTLE), and how many did not. A gate
// is asked after the level, so calls that are off are not counted, and before the arguments are evaluated.
//
//   suppressed ──▶ owed ──(next record of the statement: field `suppressed`)──▶ 0, or back to owed if it was lost
//
// Counts are exact: each call takes part in one atomic operation of the gate, and every suppressed call is reported
// once. All orders are relaxed: a count tells nothing about other memory. A forked child goes on with a copy, so both
// processes report the calls that were suppressed before.
#pragma once

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <type_traits>

#include <lmlog/codec.hpp>
#include <lmlog/literals.hpp>
#include <lmlog/log_call.hpp>

namespace lmlog::detail {

/// A statement's gate, process-wide. Hidden, as its cell is: see statement.hpp.
template <class Site> struct [[gnu::visibility("hidden")]] Gate {
  /// Calls so far; for _THROTTLE the time in ns from which on the next may pass.
  static inline constinit std::atomic<std::uint64_t> calls{0};
  /// Suppressed calls that no record has told of.
  static inline constinit std::atomic<std::uint64_t> owed{0};
};

/// Once closed it stays closed, and costs one load.
[[nodiscard, gnu::always_inline]] inline bool among_first(std::atomic<std::uint64_t>& calls, std::uint64_t n) noexcept {
  if (calls.load(std::memory_order_relaxed) >= n) return false;
  return calls.fetch_add(1, std::memory_order_relaxed) < n;
}

/// A count that a caller wrote, which may be negative.
template <class N> [[nodiscard, gnu::always_inline]] constexpr std::uint64_t count_of(N n) noexcept {
  static_assert(std::is_integral_v<N>, "lmlog: the count comes first, as an integer: _EVERY_N(1000, \"{}\", value)");
  if constexpr (std::is_integral_v<N>)
    return n > N{} ? static_cast<std::uint64_t>(n) : 0;
  else
    return 0;
}

template <class Site> [[nodiscard, gnu::always_inline]] inline bool pass_once() noexcept {
  return among_first(Gate<Site>::calls, 1);
}

template <class Site, class N> [[nodiscard, gnu::always_inline]] inline bool pass_first(const N& n) noexcept {
  return among_first(Gate<Site>::calls, count_of(n));
}

/// One atomic addition for a call that is suppressed.
template <class Site, class N> [[nodiscard, gnu::always_inline]] inline bool pass_every(const N& n) noexcept {
  const std::uint64_t period = count_of(n) > 1 ? count_of(n) : 1;
  const std::uint64_t before = Gate<Site>::calls.fetch_add(1, std::memory_order_relaxed);
  if (before % period != 0) return false;
  if (before != 0) Gate<Site>::owed.fetch_add(period - 1, std::memory_order_relaxed);
  return true;
}

[[nodiscard]] inline std::uint64_t steady_ns(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

/// True for one caller in each interval.
[[nodiscard]] inline bool begin_interval(std::atomic<std::uint64_t>& opens, std::uint64_t interval_ns) noexcept {
  // The coarse clock is the same clock as of the last timer tick, for an eighth of the price: it is good enough to say
  // that the time is far from come. The slowest tick of a kernel is 10 ms.
  constexpr std::uint64_t kTickNs = 10'000'000;
  std::uint64_t from = opens.load(std::memory_order_relaxed);
  if (steady_ns(CLOCK_MONOTONIC_COARSE) + kTickNs < from) return false;
  const std::uint64_t now = steady_ns(CLOCK_MONOTONIC);
  return now >= from && opens.compare_exchange_strong(from, now + interval_ns, std::memory_order_relaxed);
}

/// Any duration as ns; what is longer than a century is a century and a half, what is negative or no number is 0.
template <class T> [[nodiscard, gnu::always_inline]] constexpr std::uint64_t interval_ns(const T& interval) noexcept {
  static_assert(kIsDuration<T>, "lmlog: the interval comes first, as a duration: std::chrono::seconds(1), or 1s");
  if constexpr (kIsDuration<T>) {
    constexpr std::uint64_t kLongest = std::uint64_t{1} << 62;
    const std::chrono::duration<double, std::nano> ns = interval;
    if (!(ns.count() > 0)) return 0;
    if (ns.count() >= static_cast<double>(kLongest)) return kLongest;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(interval).count());
  } else {
    return 0;
  }
}

template <class Site, class T> [[nodiscard, gnu::always_inline]] inline bool pass_throttle(const T& interval) noexcept {
  if (begin_interval(Gate<Site>::calls, interval_ns(interval))) return true;
  Gate<Site>::owed.fetch_add(1, std::memory_order_relaxed);
  return false;
}

/// What the next record tells of; given back when it was not stored.
template <class Site> [[nodiscard, gnu::always_inline]] inline std::uint64_t take_owed() noexcept {
  std::atomic<std::uint64_t>& owed = Gate<Site>::owed;
  return owed.load(std::memory_order_relaxed) == 0 ? 0 : owed.exchange(0, std::memory_order_relaxed);
}
template <class Site> [[gnu::always_inline]] inline void give_owed(std::uint64_t count) noexcept {
  if (count != 0) Gate<Site>::owed.fetch_add(count, std::memory_order_relaxed);
}

/// A record that got through tells of the calls before it that did not.
template <class Site, class Format, class... Args>
[[gnu::always_inline]] inline void log_counted(const Format& format, const Args&... args) noexcept {
  const std::uint64_t count = take_owed<Site>();
  if (!log<Site>(format, args..., Field<"suppressed", std::uint64_t>{count})) give_owed<Site>(count);
}

}  // namespace lmlog::detail
