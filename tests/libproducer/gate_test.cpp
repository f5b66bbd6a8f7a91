// SPDX-License-Identifier: Apache-2.0
// Gates: which calls get through, what the records say of those that did not, and that no count is lost, between
// threads, when records are, and when the level is off.
#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"
#include "tests/libproducer/shared_statement.hpp"

namespace lmlog::testing {
namespace {

using namespace std::chrono_literals;

class GateTest : public ::testing::Test {
 protected:
  /// Arguments of all records of a statement, joined by blanks.
  std::vector<std::string> Records(const std::string& format) {
    const RecordedSession recorded = read_session(folder_, session_.id());
    std::vector<std::string> lines;
    for (const Recorded& record : recorded.records(format)) {
      std::string line;
      for (const std::string& value : recorded.values(record)) line += (line.empty() ? "" : " ") + value;
      lines.push_back(line);
    }
    return lines;
  }

  /// The sum of a statement's field `suppressed`, its last argument.
  std::uint64_t Suppressed(const std::string& format) {
    std::uint64_t sum = 0;
    for (const std::string& line : Records(format)) sum += std::stoull(line.substr(line.rfind(' ') + 1));
    return sum;
  }

  using Lines = std::vector<std::string>;

  RingsFolder folder_;
  Session session_{{.service = "gates", .ring_bytes = 1 << 20, .level = Level::info}};
};

TEST_F(GateTest, OnceLetsOneCallThrough) {
  for (int i = 0; i < 5; ++i) LMLOG_WARN_ONCE("once {}", i);
  for (int i = 5; i < 9; ++i) LMLOG_WARN_ONCE("once too {}", i);
  EXPECT_EQ(Records("once {}"), Lines{"0"});
  EXPECT_EQ(Records("once too {}"), Lines{"5"});
}

TEST_F(GateTest, FirstNLetsTheFirstCallsThrough) {
  for (int i = 0; i < 9; ++i) LMLOG_WARN_FIRST_N(3, "first {}", i);
  for (int i = 0; i < 9; ++i) LMLOG_WARN_FIRST_N(-1, "first of none {}", i);
  EXPECT_EQ(Records("first {}"), (Lines{"0", "1", "2"}));
  EXPECT_EQ(Records("first of none {}"), Lines{});
}

TEST_F(GateTest, EveryNLetsTheFirstAndEachNthAfterItThroughAndCountsTheOthers) {
  for (int i = 0; i < 10; ++i) LMLOG_WARN_EVERY_N(4, "every {}", i);
  for (int i = 0; i < 3; ++i) LMLOG_WARN_EVERY_N(0, "every one {}", i);
  EXPECT_EQ(Records("every {}"), (Lines{"0 0", "4 3", "8 3"}));
  EXPECT_EQ(Records("every one {}"), (Lines{"0 0", "1 0", "2 0"}));
  const formats::Statement statement = read_session(folder_, session_.id()).statement("every {}");
  EXPECT_EQ(statement.arguments.back().name, "suppressed");
  EXPECT_FALSE(statement.arguments.back().in_message());
}

TEST_F(GateTest, IfAsksTheConditionOnlyWhenTheLevelIsOn) {
  int asked = 0;
  const auto ask = [&asked](bool answer) { return ++asked, answer; };
  LMLOG_INFO_IF(ask(true), "if {}", 1);
  LMLOG_INFO_IF(ask(false), "if not {}", 2);
  LMLOG_DEBUG_IF(ask(true), "if off {}", 3);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(Records("if {}"), Lines{"1"});
  EXPECT_EQ(Records("if not {}"), Lines{});
}

TEST_F(GateTest, ArgumentsOfSuppressedCallsAreNotEvaluated) {
  int evaluated = 0;
  const auto evaluate = [&evaluated] { return ++evaluated; };
  for (int i = 0; i < 8; ++i) {
    LMLOG_INFO_ONCE("lazy once {}", evaluate());
    LMLOG_INFO_FIRST_N(2, "lazy first {}", evaluate());
    LMLOG_INFO_EVERY_N(8, "lazy every {}", evaluate());
    LMLOG_INFO_THROTTLE(1h, "lazy throttle {}", evaluate());
    LMLOG_INFO_IF(i == 3, "lazy if {}", evaluate());
  }
  EXPECT_EQ(evaluated, 6);
}

TEST_F(GateTest, CallsThatAreOffAreNotCounted) {
  const auto log = [] {
    LMLOG_INFO_ONCE("off once");
    LMLOG_INFO_EVERY_N(3, "off every {}", 0);
  };
  session_.set_level(Level::error);
  for (int i = 0; i < 5; ++i) log();
  session_.set_level(Level::info);
  for (int i = 0; i < 4; ++i) log();
  EXPECT_EQ(Records("off once"), Lines{""});
  EXPECT_EQ(Records("off every {}"), (Lines{"0 0", "0 2"}));
}

TEST_F(GateTest, ThrottleLetsOneCallThroughInAnInterval) {
  for (int i = 0; i < 1000; ++i) LMLOG_INFO_THROTTLE(1h, "hourly {}", i);
  EXPECT_EQ(Records("hourly {}"), Lines{"0 0"});
  // Until the third record: none of its calls is missing in the counts.
  int calls = 0;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  const auto begin = std::chrono::steady_clock::now();
  std::size_t records = 0;
  while (records < 3 && std::chrono::steady_clock::now() < deadline) {
    LMLOG_INFO_THROTTLE(30ms, "often {}", ++calls);  // evaluated when it gets through
    records = Records("often {}").size();
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 60ms);
  EXPECT_EQ(records, 3u);
}

TEST_F(GateTest, ThrottleCountsWhatItSuppresses) {
  std::uint64_t calls = 0;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (Records("counted {}").size() < 3 && std::chrono::steady_clock::now() < deadline) {
    for (int i = 0; i < 50; ++i) {
      ++calls;
      LMLOG_INFO_THROTTLE(20ms, "counted {}", calls);
      if (Records("counted {}").size() == 3) break;
    }
  }
  EXPECT_EQ(Records("counted {}").size() + Suppressed("counted {}"), calls);
}

TEST_F(GateTest, ThrottleTakesAnyDuration) {
  for (int i = 0; i < 3; ++i) {
    LMLOG_INFO_THROTTLE(std::chrono::hours::max(), "for ever {}", i);
    LMLOG_INFO_THROTTLE(std::chrono::duration<double>(1e300), "longer {}", i);
    LMLOG_INFO_THROTTLE(std::chrono::duration<float>(3.5F), "seconds {}", i);
    LMLOG_INFO_THROTTLE(0s, "no interval {}", i);
    LMLOG_INFO_THROTTLE(-1s, "negative {}", i);
    LMLOG_INFO_THROTTLE(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()), "nan {}", i);
  }
  EXPECT_EQ(Records("for ever {}"), Lines{"0 0"});
  EXPECT_EQ(Records("longer {}"), Lines{"0 0"});
  EXPECT_EQ(Records("seconds {}"), Lines{"0 0"});
  EXPECT_EQ(Records("no interval {}").size(), 3u);
  EXPECT_EQ(Records("negative {}").size(), 3u);
  EXPECT_EQ(Records("nan {}").size(), 3u);
}

TEST_F(GateTest, CountsAreExactBetweenThreads) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 20'001;
  const auto log = [] {
    for (int i = 0; i < kCalls; ++i) {
      LMLOG_INFO_ONCE("threads once {}", 0);
      LMLOG_INFO_FIRST_N(100, "threads first {}", 0);
      LMLOG_INFO_EVERY_N(7, "threads every {}", 0);
      LMLOG_INFO_THROTTLE(1h, "threads throttle {}", 0);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(log);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(session_.losses(), LossCounts{});
  EXPECT_EQ(Records("threads once {}").size(), 1u);
  EXPECT_EQ(Records("threads first {}").size(), 100u);
  EXPECT_EQ(Records("threads throttle {}"), Lines{"0 0"});
  constexpr std::uint64_t kTotal = kThreads * kCalls;
  const std::size_t records = Records("threads every {}").size();
  EXPECT_EQ(records, (kTotal + 6) / 7);
  EXPECT_EQ(Suppressed("threads every {}"), (records - 1) * 6);
}

TEST_F(GateTest, ACountThatGoesWithALostRecordIsToldByTheNext) {
  const auto log = [](int number) { LMLOG_INFO_EVERY_N(5, "lossy {}", number); };
  for (int i = 0; i < 6; ++i) log(i);  // 0 and 5 get through
  const std::string text(4000, 'x');
  while (session_.losses()[0] == 0) LMLOG_INFO("{}", text);
  while (session_.losses()[0] < 1000) LMLOG_INFO("filler");  // to the last byte
  for (int i = 6; i < 19; ++i) log(i);                       // 10 and 15 are lost
  const std::string ring = folder_.path() + '/' + session_.id() + ".0.ring";
  write_tail(ring, formats::TailLine::of(read_u64(ring, formats::kHeadOffset), 0));
  for (int i = 19; i < 26; ++i) log(i);  // 20 and 25 get through
  EXPECT_EQ(Records("lossy {}"), (Lines{"20 12", "25 4"}));
}

template <class T> void log_of(T value) { LMLOG_INFO_ONCE("typed {}", value); }

TEST_F(GateTest, EachInstanceOfATemplateHasAGateOfItsOwn) {
  for (int i = 0; i < 3; ++i) log_of(i);
  for (int i = 0; i < 3; ++i) log_of(i + 0.5);
  EXPECT_EQ(read_session(folder_, session_.id()).rings.at(0).ordinary().size(), 2u);
}

TEST_F(GateTest, AnInlineFunctionInSeveralSourcesHasOneGate) {
  for (int i = 0; i < 6; ++i) {
    log_shared(i);
    log_shared_elsewhere(i);
  }
  EXPECT_EQ(Records("shared once {}"), Lines{"0"});
  EXPECT_EQ(Records("shared every {}"), (Lines{"0 0", "2 3", "4 3"}));
}

}  // namespace
}  // namespace lmlog::testing
