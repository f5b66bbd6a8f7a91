// SPDX-License-Identifier: Apache-2.0
// Level ranges, message patterns and the record filter.
#include <gtest/gtest.h>

#include "decoder/query/level_range.hpp"
#include "decoder/query/message_pattern.hpp"
#include "decoder/query/record_filter.hpp"

namespace lmlog::decoder {
namespace {

TEST(LevelRange, MeansThisLevelAndWorse) {
  EXPECT_EQ(*parse_levels("trace"), 0b1111111);
  EXPECT_EQ(*parse_levels("warn"), 0b1110000);
  EXPECT_EQ(*parse_levels("WARNING"), 0b1110000);
  EXPECT_EQ(*parse_levels("Fatal"), 0b1000000);
}

TEST(LevelRange, MeansBothEndsOfARange) {
  EXPECT_EQ(*parse_levels("info..warn"), 0b0011100);
  EXPECT_EQ(*parse_levels("..debug"), 0b0000011);
  EXPECT_EQ(*parse_levels("error.."), 0b1100000);
}

TEST(LevelRange, RefusesWhatIsNoLevel) {
  for (const std::string_view text : {"", "..", "loud", "warn..info", "info..loud", "info-warn", "3"})
    EXPECT_FALSE(parse_levels(text).ok()) << text;
}

TEST(MessagePattern, MatchesAnywhereAndSaysWhatIsWrong) {
  const auto pattern = MessagePattern::compile("order [0-9]+ rejected$");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE((*pattern)->matches("the order 17 rejected"));
  EXPECT_FALSE((*pattern)->matches("the order 17 rejected!"));
  EXPECT_FALSE((*pattern)->matches(""));
  const auto bad = MessagePattern::compile("(open");
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.error().text.find("missing"), std::string::npos);
}

TEST(MessagePattern, IsQuickWhereBacktrackingIsNot) {
  const auto pattern = MessagePattern::compile("(x+x+)+y");
  ASSERT_TRUE(pattern.ok());
  EXPECT_FALSE((*pattern)->matches(std::string(100'000, 'x')));
}

TEST(RecordFilter, IncludesBothEndsOfTheTimes) {
  RecordFilter filter;
  filter.since_ns = 10;
  filter.until_ns = 20;
  EXPECT_FALSE(filter.wants_time(9));
  EXPECT_TRUE(filter.wants_time(10));
  EXPECT_TRUE(filter.wants_time(20));
  EXPECT_FALSE(filter.wants_time(21));
}

TEST(RecordFilter, ComparesServicesExactly) {
  RecordFilter filter;
  EXPECT_TRUE(filter.wants_service("anything"));
  filter.services = {"orders", "md"};
  EXPECT_TRUE(filter.wants_service("md"));
  EXPECT_FALSE(filter.wants_service("orders2"));
}

}  // namespace
}  // namespace lmlog::decoder
