// SPDX-License-Identifier: Apache-2.0
// Times as text, against the C library and over all days of several centuries.
#include "decoder/render/time_text.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace lmlog::decoder {
namespace {

std::string rfc3339(std::uint64_t ns) {
  TimeText time;
  std::string out;
  time.append_rfc3339(out, ns);
  return out;
}

TEST(TimeText, WritesNineDigitsAlways) {
  EXPECT_EQ(rfc3339(1'795'383'855'123'456'789), "2026-11-22T21:44:15.123456789Z");
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(rfc3339(1'000'000'001), "1970-01-01T00:00:01.000000001Z");
  EXPECT_EQ(rfc3339(~std::uint64_t{0}), "2554-07-21T23:34:33.709551615Z");
}

TEST(TimeText, WritesTheNumberInFull) {
  TimeText time;
  for (const std::uint64_t ns :
       {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{999'999'999}, std::uint64_t{1'000'000'000},
        std::uint64_t{1'795'383'855'000'000'009}, ~std::uint64_t{0}}) {
    std::string out;
    time.append_nanoseconds(out, ns);
    EXPECT_EQ(out, std::to_string(ns));
  }
}

TEST(TimeText, AgreesWithTheCLibraryInAnyOrderOfTimes) {
  std::mt19937_64 random(11);
  TimeText time;
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t ns = random();
    const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char expected[40];
    std::strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &parts);
    char fraction[16];
    std::snprintf(fraction, sizeof(fraction), ".%09uZ", static_cast<unsigned>(ns % 1'000'000'000));
    std::string out;
    time.append_rfc3339(out, ns);
    ASSERT_EQ(out, std::string(expected) + fraction);
  }
}

TEST(CivilDate, RoundTripsEveryDay) {
  for (std::int64_t day = -150'000; day < 250'000; ++day) ASSERT_EQ(days_from_civil(civil_from_days(day)), day);
}

}  // namespace
}  // namespace lmlog::decoder
