// SPDX-License-Identifier: Apache-2.0
// The collector's half of a control word, written as it does: with pwrite, by another process, while the service runs.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

constexpr std::uint32_t kRule = formats::kControlRuleOff >> 32;
constexpr std::uint32_t kHalfKept = 1u << 31;  // bits 40–63: keep threshold
constexpr std::uint32_t kUnknown = 1u << 3;    // bit 35 of the word

/// From a child: closing a descriptor of the session file here would drop the process's lock.
void write_rule(const RecordedSession& session, std::uint32_t statement, std::uint32_t high) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(session.path.c_str(), O_WRONLY | O_CLOEXEC);
    const auto offset = session.descriptor.control_offset + 8 * (statement - formats::kFirstStatementId) + 4;
    ::_exit(fd >= 0 && ::pwrite(fd, &high, sizeof(high), static_cast<off_t>(offset)) == sizeof(high) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

TEST(ControlWordTest, SwitchesAStatementOffAndOnAlsoWhenItsLevelAllowsIt) {
  const RingsFolder folder;
  Session session({.service = "rules"});
  int evaluated = 0;
  const auto call = [&] { LMLOG_INFO("ruled {}", ++evaluated); };
  const std::uint32_t id = read_session(folder).statement("ruled {}").id;
  call();
  write_rule(read_session(folder), id, kRule);
  for (int i = 0; i < 10; ++i) call();
  EXPECT_EQ(evaluated, 1);
  session.set_level(Level::trace);
  call();
  EXPECT_EQ(evaluated, 1) << "both halves must pass";
  write_rule(read_session(folder), id, 0);
  call();
  EXPECT_EQ(evaluated, 2);
  session.set_level(Level::error);
  call();
  EXPECT_EQ(evaluated, 2) << "the process's half is its own";
  EXPECT_EQ(read_session(folder).records("ruled {}").size(), 2u);
}

TEST(ControlWordTest, OfOneLoggerLeavesTheOthersAlone) {
  const RingsFolder folder;
  const Session session({.service = "rules"});
  const Logger loggers[] = {logger("ruled.a"), logger("ruled.b")};
  const auto call = [&] {
    for (const Logger& log : loggers) LMLOG_LOG(log, Level::info, "of a logger");
  };
  call();
  const RecordedSession before = read_session(folder);
  const Recorded of_a = before.records("of a logger").at(0);
  ASSERT_EQ(before.logger(of_a), "ruled.a");
  write_rule(before, of_a.id, kRule);
  call();
  loggers[0].set_level(Level::trace);
  call();
  write_rule(before, of_a.id, 0);
  call();
  const RecordedSession after = read_session(folder);
  int of_loggers[2] = {};
  for (const auto& record : after.records("of a logger")) ++of_loggers[after.logger(record) == "ruled.b" ? 1 : 0];
  EXPECT_EQ(of_loggers[0], 2);
  EXPECT_EQ(of_loggers[1], 4);
}

TEST(ControlWordTest, WithBitsThatTheProducerDoesNotKnowStillLogs) {
  const RingsFolder folder;
  Session session({.service = "unknown bits"});
  int evaluated = 0;
  const auto call = [&] { LMLOG_INFO("kept {}", ++evaluated); };
  const std::uint32_t id = read_session(folder).statement("kept {}").id;
  for (const std::uint32_t high : {kHalfKept, kUnknown, kHalfKept | kUnknown}) {
    write_rule(read_session(folder), id, high);
    const int before = evaluated;
    for (int i = 0; i < 100; ++i) call();
    EXPECT_EQ(evaluated, before + 100) << "a threshold is not applied: every record is kept";
    session.set_level(Level::warn);
    call();
    EXPECT_EQ(evaluated, before + 100) << "off is off, whatever else the word says";
    session.set_level(Level::info);
  }
  write_rule(read_session(folder), id, kHalfKept | kRule);
  call();
  EXPECT_EQ(evaluated, 300);
  EXPECT_EQ(read_session(folder).records("kept {}").size(), 300u);
}

}  // namespace
}  // namespace lmlog::testing
