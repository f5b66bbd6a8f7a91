// SPDX-License-Identifier: Apache-2.0
// Lines of tick files, good and bad.
#include "tools/replay/tick_row.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace lmlog::tools {
namespace {

TEST(TickRow, HoldsAllFieldsOfAQuote) {
  const auto line = parse_tick_line("14400152,491800,300,494100,3000,Q,1,0", TickKind::quote);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->time_ms, 14'400'152u);
  EXPECT_EQ(line->row.price, 491'800u);
  EXPECT_EQ(line->row.size, 300u);
  EXPECT_EQ(line->row.ask_price, 494'100u);
  EXPECT_EQ(line->row.ask_size, 3000u);
  EXPECT_EQ(line->exchange, "Q");
  EXPECT_EQ(line->row.condition, 1u);
  EXPECT_EQ(line->row.suspicious, 0u);
}

TEST(TickRow, ReadsTheConditionAsHexadecimal) {
  const auto line = parse_tick_line("14581540,488700,2000,Q,20002020,1", TickKind::trade);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->row.condition, 0x20002020u);
  EXPECT_EQ(line->row.suspicious, 1u);
  EXPECT_EQ(line->row.kind, TickKind::trade);
}

TEST(TickRow, RefusesLinesThatDoNotHaveTheRightFields) {
  for (const std::string_view bad : {"", "14400152", "14400152,1,2,Q,1", "14400152,1,2,Q,1,0,9", "14400152,1,2,Q,xyz,0",
                                     "14400152,-1,2,Q,1,0", "14400152,1.5,2,Q,1,0", "14400152,,2,Q,1,0",
                                     "86400000,1,2,Q,1,0", "14400152,4294967296,2,Q,1,0", "14400152,1,2,Q,1,0 "}) {
    EXPECT_FALSE(parse_tick_line(bad, TickKind::trade).has_value()) << bad;
  }
  EXPECT_FALSE(parse_tick_line("14400688,491800,300,P,2000,0", TickKind::quote).has_value());
}

}  // namespace
}  // namespace lmlog::tools
