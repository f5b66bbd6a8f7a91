// SPDX-License-Identifier: Apache-2.0
// Ticks to nanoseconds since the epoch, from a session's anchors. Implements "Ticks to time" of
// formats/spec/registry.md.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::formats {

/// Immutable after construction: safe to share between threads.
class TickConverter {
 public:
  /// `anchors` in any order; one with tsc 0 is none. `tsc_hz` is used where there are not two usable anchors; 0 counts
  /// as 1 GHz.
  explicit TickConverter(std::vector<Anchor> anchors = {}, std::uint64_t tsc_hz = 0)
      : tsc_hz_(tsc_hz == 0 ? 1'000'000'000 : tsc_hz) {
    std::stable_sort(anchors.begin(), anchors.end(), [](const Anchor& a, const Anchor& b) { return a.tsc < b.tsc; });
    for (const Anchor& anchor : anchors) {
      if (anchor.tsc == 0) continue;
      if (anchors_.empty() || usable(anchors_.back(), anchor)) anchors_.push_back(anchor);
    }
  }

  [[nodiscard]] std::int64_t to_ns(std::uint64_t ticks) const noexcept {
    if (anchors_.empty()) return bounded(static_cast<Wide>(ticks));
    if (anchors_.size() == 1) return convert(ticks, anchors_[0], 1'000'000'000, static_cast<Wide>(tsc_hz_));
    const auto above = std::upper_bound(anchors_.begin(), anchors_.end(), ticks,
                                        [](std::uint64_t t, const Anchor& a) { return t < a.tsc; });
    const auto index =
        std::clamp<std::ptrdiff_t>(above - anchors_.begin() - 1, 0, static_cast<std::ptrdiff_t>(anchors_.size()) - 2);
    const Anchor& a = anchors_[static_cast<std::size_t>(index)];
    const Anchor& b = anchors_[static_cast<std::size_t>(index) + 1];
    return convert(ticks, a, b.realtime_ns - a.realtime_ns, static_cast<Wide>(b.tsc) - a.tsc);
  }

  /// The time of a record of a ring whose clock is `kind` (registry.md, clock kinds). What is beyond 64 bits with a
  /// sign (after the year 2262) counts as the last nanosecond that is not.
  [[nodiscard]] std::int64_t record_ns(std::uint64_t time, std::uint32_t kind) const noexcept {
    return kind == static_cast<std::uint32_t>(ClockKind::tsc) ? to_ns(time) : bounded(static_cast<Wide>(time));
  }

 private:
  __extension__ using Wide = __int128;

  static bool usable(const Anchor& a, const Anchor& b) noexcept {
    const Wide ns = static_cast<Wide>(b.realtime_ns) - a.realtime_ns;
    if (b.tsc <= a.tsc || ns <= 0 || ns > kMaxAnchorDistance) return false;
    const Wide ticks = static_cast<Wide>(b.tsc) - a.tsc;
    return ticks * 100 >= ns && ticks <= ns * 100;  // ticks a ns
  }

  /// A product of two 64-bit numbers fits in `Wide` only below 2^127.
  static constexpr std::int64_t kMaxAnchorDistance = std::int64_t{1} << 62;

  static std::int64_t bounded(Wide value) noexcept {
    constexpr Wide low = std::numeric_limits<std::int64_t>::min();
    constexpr Wide high = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(value, low, high));
  }

  static std::int64_t convert(std::uint64_t ticks, const Anchor& a, std::int64_t ns, Wide span) noexcept {
    const Wide product = (static_cast<Wide>(ticks) - static_cast<Wide>(a.tsc)) * ns;
    Wide quotient = product / span;
    if (product % span != 0 && product < 0) --quotient;  // towards minus infinity
    return bounded(a.realtime_ns + quotient);
  }

  std::uint64_t tsc_hz_;
  std::vector<Anchor> anchors_;
};

}  // namespace lmlog::formats
