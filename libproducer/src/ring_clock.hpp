// SPDX-License-Identifier: Apache-2.0
// A ring's clock: the session's until the counter runs backwards, from then on CLOCK_REALTIME, as a new clock epoch.
// Implements D5 of the design and the clock kinds of formats/spec/registry.md. Used by the thread that owns the ring.
#pragma once

#include <cstdint>

#include <lmlog/clock.hpp>
#include <lmlog/formats/registry.hpp>

namespace lmlog::detail {

class RingClock {
 public:
  /// `hz`: ticks a second, for a counter.
  RingClock(formats::ClockKind kind, std::uint64_t hz) noexcept : kind_(kind), tolerance_(hz / 1000) {}

  [[nodiscard]] formats::ClockKind kind() const noexcept { return kind_; }
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }

  /// The time of now in the clock's unit.
  [[nodiscard]] std::uint64_t now() noexcept {
    return kind_ == formats::ClockKind::tsc ? time_of(read_tsc()) : realtime_ns();
  }

  /// The time of now, when the counter says `ticks`. One that ran back by more than a millisecond (a resumed or moved
  /// machine) is no clock any more: kind and epoch change.
  [[nodiscard]] std::uint64_t time_of(std::uint64_t ticks) noexcept {
    if (ticks + tolerance_ < last_ticks_) {
      kind_ = formats::ClockKind::realtime;
      ++epoch_;
      return realtime_ns();
    }
    last_ticks_ = ticks;
    return ticks;
  }

 private:
  formats::ClockKind kind_;
  std::uint64_t tolerance_;
  std::uint32_t epoch_ = 0;
  std::uint64_t last_ticks_ = 0;
};

}  // namespace lmlog::detail
