// SPDX-License-Identifier: Apache-2.0
// The unit test of a service that has lmlog installed.
#include <lmlog/lmlog.hpp>
#include <lmlog/testing/capture.hpp>

#include <gtest/gtest.h>

namespace {

void reject(int order) { LMLOG_WARN("order {order_id} rejected", order); }

TEST(Engine, SaysWhatItRejects) {
  const lmlog::testing::Capture capture;
  reject(7);
  const auto records = capture.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records.front().message, "order 7 rejected");
  EXPECT_EQ(records.front().field("order_id"), 7);
}

}  // namespace
