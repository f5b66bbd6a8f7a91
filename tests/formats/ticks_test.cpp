// SPDX-License-Identifier: Apache-2.0
// Ticks become nanoseconds as registry.md says, whatever the anchors claim.
#include "lmlog/formats/ticks.hpp"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lmlog::formats {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

TEST(Ticks, AreInterpolatedBetweenAnchorsAndExtendedBeyondThem) {
  const TickConverter converter({{3000, 2000, 0}, {1000, 1000, 0}, {4000, 2250, 0}});
  EXPECT_EQ(converter.to_ns(1000), 1000);
  EXPECT_EQ(converter.to_ns(2001), 1500);
  EXPECT_EQ(converter.to_ns(3000), 2000);
  EXPECT_EQ(converter.to_ns(3500), 2125);
  EXPECT_EQ(converter.to_ns(5000), 2500);
  EXPECT_EQ(converter.to_ns(0), 500);
  EXPECT_EQ(converter.to_ns(1), 500) << "towards minus infinity";
}

TEST(Ticks, OfOneAnchorGoByTheSessionsRate) {
  const TickConverter converter({{1000, 5000, 0}}, 2'000'000'000);
  EXPECT_EQ(converter.to_ns(3000), 6000);
  EXPECT_EQ(converter.to_ns(999), 4999);
}

TEST(Ticks, PassOverAnchorsThatDoNotFitTheOnesBefore) {
  // None; the calendar set back (and still behind at 3000); a rate of 1 THz; one that fits.
  const TickConverter converter({{0, 9'000'000, 0},
                                 {1000, 1000, 0},
                                 {2000, 1500, 0},
                                 {2500, 1400, 0},
                                 {3000, 1450, 0},
                                 {1'002'000, 2500, 0},
                                 {4000, 2500, 0}});
  EXPECT_EQ(converter.to_ns(1000), 1000);
  EXPECT_EQ(converter.to_ns(1500), 1250);
  EXPECT_EQ(converter.to_ns(3000), 2000);
  EXPECT_EQ(converter.to_ns(4000), 2500);
  EXPECT_EQ(converter.to_ns(6000), 3500) << "the last pair that fits is extended";
}

TEST(Ticks, WithoutAnAnchorCountAsNanoseconds) {
  EXPECT_EQ(TickConverter({}, 5).to_ns(1234), 1234);
  EXPECT_EQ(TickConverter({{1000, 5000, 0}}, 0).to_ns(3000), 7000) << "a rate that is not known: 1 GHz";
}

TEST(Ticks, NeverGoBackAndNeverOverflowWhateverTheAnchorsSay) {
  std::mt19937_64 random(5);
  const std::int64_t edges[] = {kLowest, -1, 0, 1, kHighest};
  for (int round = 0; round < 3000; ++round) {
    std::vector<Anchor> anchors;
    for (auto n = random() % 5; n > 0; --n) {
      const std::uint64_t tsc = random() >> random() % 64;
      const auto realtime =
          random() % 4 == 0 ? edges[random() % 5] : static_cast<std::int64_t>(random() >> random() % 64);
      anchors.push_back({tsc, realtime, 0});
    }
    const TickConverter converter(anchors, random() >> random() % 64);
    std::vector<std::uint64_t> ticks = {0, 1, std::numeric_limits<std::uint64_t>::max()};
    for (int i = 0; i < 20; ++i) ticks.push_back(random() >> random() % 64);
    std::sort(ticks.begin(), ticks.end());
    for (std::size_t i = 1; i < ticks.size(); ++i) EXPECT_LE(converter.to_ns(ticks[i - 1]), converter.to_ns(ticks[i]));
  }
}

TEST(Ticks, OfOtherClocksAreNanosecondsUpToTheLastThatHasASign) {
  const TickConverter converter;
  const auto user = static_cast<std::uint32_t>(ClockKind::user_ns);
  EXPECT_EQ(converter.record_ns(5, user), 5);
  EXPECT_EQ(converter.record_ns(~std::uint64_t{0}, user), kHighest);
}

}  // namespace
}  // namespace lmlog::formats
