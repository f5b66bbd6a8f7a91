// SPDX-License-Identifier: Apache-2.0
// The histogram behind ns_per_call, and which calls are timed.
#include "tools/replay/call_meter.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace lmlog::tools {
namespace {

TEST(TickHistogram, IsExactForSmallValues) {
  TickHistogram histogram;
  for (std::uint64_t value = 1; value <= 101; ++value) histogram.add(value);
  EXPECT_EQ(histogram.quantile(0), 1);
  EXPECT_EQ(histogram.quantile(0.5), 51);
  EXPECT_EQ(histogram.quantile(1), 101);
}

TEST(TickHistogram, IsWithinTwoPercentForEveryMagnitude) {
  for (std::uint64_t value = 100; value < (std::uint64_t{1} << 35); value = value * 3 / 2 + 7) {
    TickHistogram histogram;
    histogram.add(value);
    histogram.add(value);
    histogram.add(value * 1000);
    EXPECT_NEAR(histogram.quantile(0.5), static_cast<double>(value), 0.02 * static_cast<double>(value));
    EXPECT_EQ(histogram.max(), value * 1000);
  }
}

TEST(TickHistogram, AddsUpWhatThreadsMeasured) {
  TickHistogram a;
  TickHistogram b;
  for (int i = 0; i < 90; ++i) a.add(10);
  for (int i = 0; i < 10; ++i) b.add(5000);
  a.add(b);
  EXPECT_EQ(a.count(), 100u);
  EXPECT_EQ(a.quantile(0.5), 10);
  EXPECT_NEAR(a.quantile(0.99), 5000, 100);
  EXPECT_EQ(a.max(), 5000u);
}

TEST(TickHistogram, IsZeroWithoutValues) { EXPECT_EQ(TickHistogram().quantile(0.5), 0); }

TEST(CallMeter, MakesEveryCallAndTimesOneIn64ButNotTheFirst) {
  CallMeter meter;
  int made = 0;
  for (int i = 0; i < 64 * 10 + 1; ++i) meter([&made] { ++made; });
  EXPECT_EQ(made, 641);
  EXPECT_EQ(meter.calls(), 641u);
  EXPECT_EQ(meter.histogram().count(), 10u);
}

TEST(CallMeter, TellsTheStepThatTheCounterMovesBy) {
  const CallMeter meter;
  ASSERT_GT(meter.step(), 0u);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t begin = ordered_ticks();
    const std::uint64_t moved = ordered_ticks() - begin;
    EXPECT_TRUE(moved == 0 || moved >= meter.step()) << moved;
  }
}

}  // namespace
}  // namespace lmlog::tools
