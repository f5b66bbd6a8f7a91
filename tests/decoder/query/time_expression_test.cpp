// SPDX-License-Identifier: Apache-2.0
// What people may write for a time, and what not.
#include "decoder/query/time_expression.hpp"

#include <gtest/gtest.h>

namespace lmlog::decoder {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kNow = 1'795'383'855 * kSecond + 500;  // 2026-11-22T21:44:15
constexpr std::uint64_t kToday = 1'795'305'600 * kSecond;      // 2026-11-22T00:00:00
constexpr std::uint64_t kMinute = 60 * kSecond;

std::uint64_t parsed(std::string_view text) {
  const auto time = parse_time(text, kNow);
  EXPECT_TRUE(time.ok()) << text;
  return time.ok() ? *time : 0;
}

TEST(TimeExpression, UnderstandsRfc3339) {
  EXPECT_EQ(parsed("2026-11-22T21:44:15Z"), kNow - 500);
  EXPECT_EQ(parsed("2026-11-22T21:44:15.000000500Z"), kNow);
  EXPECT_EQ(parsed("2026-11-22t22:44:15+01:00"), kNow - 500);
  EXPECT_EQ(parsed("2026-11-22T16:14:15-05:30"), kNow - 500);
  EXPECT_EQ(parsed("1970-01-01T00:00:00Z"), 0u);
}

TEST(TimeExpression, UnderstandsDatesAndTimesWithoutZoneAsUtc) {
  EXPECT_EQ(parsed("2026-11-22 21:44"), kNow - 500 - 15 * kSecond);
  EXPECT_EQ(parsed("2026-11-22 21:44:15"), kNow - 500);
  EXPECT_EQ(parsed("2026-11-22"), kToday);
  EXPECT_EQ(parsed("21:44"), kNow - 500 - 15 * kSecond);
  EXPECT_EQ(parsed("2024-02-29"), 1'709'164'800 * kSecond);
}

TEST(TimeExpression, UnderstandsWordsAndDistances) {
  EXPECT_EQ(parsed("now"), kNow);
  EXPECT_EQ(parsed("today"), kToday);
  EXPECT_EQ(parsed("yesterday"), kToday - 24 * 60 * kMinute);
  EXPECT_EQ(parsed("tomorrow"), kToday + 24 * 60 * kMinute);
  EXPECT_EQ(parsed("-10m"), kNow - 10 * kMinute);
  EXPECT_EQ(parsed("-250ms"), kNow - 250'000'000);
  EXPECT_EQ(parsed("-1h30m"), kNow - 90 * kMinute);
  EXPECT_EQ(parsed("+7d"), kNow + 7 * 24 * 60 * kMinute);
  EXPECT_EQ(parsed("@1795383855.0000005"), kNow);
}

TEST(TimeExpression, KeepsTimesBeforeTheEpochAtIt) {
  for (const std::string_view text :
       {"-9000w", "-999999d", "-999999999999999w999999999999999w", "1969-01-01", "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:30+01:00", "0001-01-01", "0000-02-29 12:00", "@-1", "@-0.5"})
    EXPECT_EQ(parsed(text), 0u) << text;
}

TEST(TimeExpression, KnowsEveryTimeThatARecordCanHaveAndKeepsLaterOnesAtTheLast) {
  constexpr std::uint64_t kLast = ~std::uint64_t{0};
  EXPECT_EQ(parsed("2262-04-11T23:47:16.854775808Z"), std::uint64_t{1} << 63);
  EXPECT_EQ(parsed("2300-01-01"), 10'413'792'000 * kSecond);
  EXPECT_EQ(parsed("2554-07-21T23:34:33.709551615Z"), kLast);
  for (const std::string_view text : {"2554-07-21T23:34:33.709551616Z", "2555-01-01", "9999-12-31T23:59:60Z",
                                      "+999999d", "+999999999999999w", "@999999999999999"})
    EXPECT_EQ(parsed(text), kLast) << text;
}

TEST(TimeExpression, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "10m",
                                      "-10",
                                      "-m",
                                      "2026-13-01",
                                      "2026-02-30",
                                      "2025-02-29",
                                      "2026-11-22T",
                                      "2026-11-22T25:00",
                                      "24:00",
                                      "2026-11-22 21:44:15 nonsense",
                                      "now!",
                                      "yesterday morning",
                                      "@",
                                      "@12x",
                                      "-99999999999999999999d",
                                      "2026-1-1",
                                      "2026-11-22T21:44:15+1",
                                      "21:60",
                                      "-1y"}) {
    const auto time = parse_time(text, kNow);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.error().code, formats::ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace lmlog::decoder
