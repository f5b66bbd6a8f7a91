// SPDX-License-Identifier: Apache-2.0
// A counter that runs backwards is no clock any more.
#include <cstdint>

#include <gtest/gtest.h>

#include "libproducer/src/ring_clock.hpp"

namespace lmlog::detail {
namespace {

using formats::ClockKind;

constexpr std::uint64_t kHz = 2'000'000'000;

TEST(RingClock, IsTheCounterWhileItRunsForward) {
  RingClock clock(ClockKind::tsc, kHz);
  EXPECT_EQ(clock.time_of(5'000'000'000), 5'000'000'000u);
  EXPECT_EQ(clock.time_of(5'000'000'001), 5'000'000'001u);
  EXPECT_EQ(clock.kind(), ClockKind::tsc);
  EXPECT_EQ(clock.epoch(), 0u);
}

TEST(RingClock, ForgivesAMillisecondBetweenCores) {
  RingClock clock(ClockKind::tsc, kHz);
  EXPECT_EQ(clock.time_of(5'000'000'000), 5'000'000'000u);
  EXPECT_EQ(clock.time_of(5'000'000'000 - kHz / 1000), 5'000'000'000 - kHz / 1000);
  EXPECT_EQ(clock.epoch(), 0u);
}

TEST(RingClock, TakesTheCalendarInANewEpochWhenTheCounterRunsBackwards) {
  RingClock clock(ClockKind::tsc, kHz);
  EXPECT_EQ(clock.time_of(5'000'000'000), 5'000'000'000u);
  const std::uint64_t before = realtime_ns();
  EXPECT_GE(clock.time_of(5'000'000'000 - kHz / 1000 - 1), before);
  EXPECT_EQ(clock.kind(), ClockKind::realtime);
  EXPECT_EQ(clock.epoch(), 1u);
  EXPECT_GE(clock.now(), before) << "and keeps to it";
  EXPECT_EQ(clock.epoch(), 1u);
}

}  // namespace
}  // namespace lmlog::detail
