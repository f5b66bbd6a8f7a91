// SPDX-License-Identifier: Apache-2.0
// LMLOG_ACTIVE_LEVEL: statements below it are not in the catalog, and do not evaluate their arguments.
#define LMLOG_ACTIVE_LEVEL LMLOG_LEVEL_WARN

#include <chrono>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using namespace lmlog::literals;

int evaluated = 0;

int evaluate() { return ++evaluated; }

template <class T> void log_below(T value) {
  const int used_by_a_statement_alone = 1;
  LMLOG_TRACE("below {} {}", evaluate(), used_by_a_statement_alone);
  LMLOG_DEBUG_AT(ticks(), "below {}", value);
  LMLOG_INFO_IF(evaluate() > 0, "below {}", value);
  LMLOG_NOTICE_ONCE("below {}", evaluate());
  LMLOG_INFO_FIRST_N(evaluate(), "below");
  LMLOG_INFO_EVERY_N(3, "below", "field"_k = evaluate());
  LMLOG_INFO_THROTTLE(std::chrono::seconds(evaluate()), "below");
  LMLOG_INFO_PRINTF("below %d", evaluate());
  LMLOG_PRINTF(Level::info, "below %d", evaluate());
  LMLOG_EVENT(event::state_change{.entity = "below", .id = evaluate()});
  LMLOG_LOG(logger("floor"), Level::info, "below {}", evaluate());
  LMLOG_EVENT_LOG(Level::debug, event::error{.operation = "below"});
}

void log_above(int number) {
  LMLOG_WARN("above {}", number);
  LMLOG_ERROR_EVERY_N(2, "above every {}", number);
  LMLOG_PRINTF(Level::fatal, "above printf %d", number);
  LMLOG_EVENT(event::error{.operation = "above", .code = number});
  LMLOG_LOG(logger("floor"), Level::warn, "above {}", number);
  LMLOG_EVENT_LOG(Level::warn, event::state_change{.entity = "above"});
}

TEST(ActiveLevel, LeavesStatementsBelowItOut) {
  const RingsFolder folder;
  const Session session({.service = "floor", .level = Level::trace});
  log_below(evaluated);
  log_above(7);
  EXPECT_EQ(evaluated, 0);
  const RecordedSession recorded = read_session(folder, session.id());
  EXPECT_EQ(recorded.statements.size(), 6u);
  for (const auto& [id, statement] : recorded.statements) EXPECT_GE(statement.level, Level::warn);
  EXPECT_EQ(recorded.rings.at(0).ordinary().size(), 6u);
}

}  // namespace
}  // namespace lmlog::testing
