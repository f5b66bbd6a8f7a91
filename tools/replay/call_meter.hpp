// SPDX-License-Identifier: Apache-2.0
// What a log call costs: one call in 64 between two rdtscp, the cost of an empty pair subtracted, into a histogram of
// fixed size. One meter for each thread; they are added up at the end. Where the counter moves in steps (virtual
// machines), a cost below a step is seen as 0 or as one step: so the step is told too.
#pragma once

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <chrono>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace lmlog::tools {

/// A time stamp that waits for the instructions before it.
[[nodiscard]] inline std::uint64_t ordered_ticks() noexcept {
#if defined(__x86_64__)
  unsigned processor;
  return __rdtscp(&processor);
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Counts values in buckets: exact below 128, then 64 for each power of two, so within 1.6 %. 15 KiB, never more.
class TickHistogram {
 public:
  void add(std::uint64_t ticks) noexcept {
    ++buckets_[std::min(bucket_of(ticks), kBuckets - 1)];
    ++count_;
    max_ = std::max(max_, ticks);
  }

  void add(const TickHistogram& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  /// The value that `part` (0 to 1) of all values do not exceed; 0 without values.
  [[nodiscard]] double quantile(double part) const noexcept {
    if (count_ == 0) return 0;
    const auto rank = static_cast<std::uint64_t>(part * static_cast<double>(count_ - 1));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      below += buckets_[i];
      if (below > rank) return std::min(middle_of(i), static_cast<double>(max_));
    }
    return static_cast<double>(max_);
  }

  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kBuckets = kSub * 31;  // up to 2^36 ticks: 17 s and more

  static std::size_t bucket_of(std::uint64_t ticks) noexcept {
    if (ticks < 2 * kSub) return static_cast<std::size_t>(ticks);
    const auto shift = static_cast<unsigned>(std::bit_width(ticks)) - kSubBits - 1;
    return shift * kSub + static_cast<std::size_t>(ticks >> shift);
  }
  static double middle_of(std::size_t bucket) noexcept {
    if (bucket < 2 * kSub) return static_cast<double>(bucket);
    const std::size_t shift = bucket / kSub - 1;
    const auto low = static_cast<double>((bucket - shift * kSub) << shift);
    return low + static_cast<double>((std::uint64_t{1} << shift) - 1) / 2;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

class CallMeter {
 public:
  CallMeter() {
    std::vector<std::uint64_t> pairs(1001);  // enough for a steady median, short enough for a start
    const std::uint64_t first = ordered_ticks();
    for (std::uint64_t& pair : pairs) {
      const std::uint64_t begin = ordered_ticks();
      pair = ordered_ticks() - begin;
      step_ = std::gcd(step_, std::gcd(begin - first, pair));
    }
    std::nth_element(pairs.begin(), pairs.begin() + 500, pairs.end());
    empty_pair_ = pairs[500];
  }

  /// Makes the call, and times it when it is its turn.
  template <class Call> void operator()(Call&& call) noexcept(noexcept(call())) {
    // In the middle of each 64: the first call of a thread makes its ring, and is no measure of the others.
    if ((calls_++ & 63) != 32) return call();
    const std::uint64_t begin = ordered_ticks();
    call();
    const std::uint64_t ticks = ordered_ticks() - begin;
    histogram_.add(ticks > empty_pair_ ? ticks - empty_pair_ : 0);
  }

  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
  [[nodiscard]] const TickHistogram& histogram() const noexcept { return histogram_; }

  /// The counter moves by multiples of this.
  [[nodiscard]] std::uint64_t step() const noexcept { return step_; }

 private:
  std::uint64_t calls_ = 0;
  std::uint64_t step_ = 0;
  std::uint64_t empty_pair_ = 0;
  TickHistogram histogram_;
};

}  // namespace lmlog::tools
