// SPDX-License-Identifier: Apache-2.0
// The catalog while it grows: in chunks, through the session's one descriptor, and up to its end.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

/// More than half of what is backed at a time: the second one needs the next chunk.
std::string long_format(int number) { return std::to_string(number) + std::string(60'000, 'x'); }

int descriptor_of(const std::string& path) {
  for (int fd = 0; fd < 1024; ++fd) {
    char target[4096] = {};
    if (::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof(target) - 1) > 0 && path == target)
      return fd;
  }
  return -1;
}

TEST(Catalog, IsBackedAsItGrows) {
  const RingsFolder folder;
  const Session session({.service = "growing"});
  struct stat before {};
  ASSERT_EQ(::stat(session.path().c_str(), &before), 0);
  const RuntimeSite first(Level::info, long_format(1));
  const RuntimeSite second(Level::info, long_format(2));
  EXPECT_EQ(second.log(), LogOutcome::stored);
  struct stat after {};
  ASSERT_EQ(::stat(session.path().c_str(), &after), 0);
  EXPECT_EQ(after.st_size, before.st_size);
  EXPECT_GT(after.st_blocks, before.st_blocks);
  EXPECT_LT(after.st_blocks * 512, 1 << 20) << "not all 16 MiB of it";
  EXPECT_EQ(read_session(folder).records(long_format(2)).size(), 1u);
}

TEST(Catalog, NeverGrowsAFileThatTheServiceOpenedUnderTheSessionsDescriptor) {
  const RingsFolder folder;
  const Session session({.service = "daemon"});
  LMLOG_INFO("before");
  const std::string id = session.id();
  const int fd = descriptor_of(session.path());
  ASSERT_GE(fd, 0);
  // A daemon closes what it does not know, and opens a file of its own, which gets the same number.
  const std::string own = folder.path() + "/own";
  const int other = ::open(own.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::dup2(other, fd), fd);
  ::close(other);
  const RuntimeSite first(Level::info, long_format(3));
  const RuntimeSite second(Level::info, long_format(4));
  EXPECT_EQ(second.log(), LogOutcome::stored);
  struct stat status {};
  ASSERT_EQ(::fstat(fd, &status), 0);
  EXPECT_EQ(status.st_size, 0) << "the service's file is as it was";
  EXPECT_NE(session.id(), id) << "without its lock the old session counts as dead: a new one goes on";
  LMLOG_INFO("after");
  EXPECT_EQ(read_session(folder, session.id()).records("after").size(), 1u);
  EXPECT_EQ(read_session(folder, id).state, static_cast<std::uint32_t>(formats::SessionState::closed));
  EXPECT_EQ(session.losses(), LossCounts{});
  ::close(fd);
  ::unlink(own.c_str());
}

TEST(Catalog, HasEveryLoggerOnceAndBeforeItsFirstStatement) {
  const RingsFolder folder;
  const Session session({.service = "loggers"});
  constexpr int kLoggers = 3000;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kLoggers; ++i) {
      const Logger log = logger("many.loggers.of.one.process." + std::to_string(i));
      const RuntimeSite site(Level::info, "of {n} loggers", {{ValueType::i32}}, {.logger = log});
      ASSERT_EQ(site.log(i), LogOutcome::stored);
    }
  }
  const RecordedSession recorded = read_session(folder);
  EXPECT_EQ(recorded.loggers.size(), std::size_t{kLoggers});
  const auto records = recorded.records("of {n} loggers");
  EXPECT_EQ(records.size(), std::size_t{2 * kLoggers});
  for (const auto& record : records)
    ASSERT_EQ(recorded.logger(record), "many.loggers.of.one.process." + recorded.values(record).at(0));
}

// The last one: the process keeps its statements, so that every later session of it is full as well.
TEST(Catalog, CountsTheRecordsOfStatementsThatItHasNoRoomFor) {
  const RingsFolder folder;
  const Session session({.service = "full"});
  ::testing::internal::CaptureStderr();
  std::vector<RuntimeSite> statements;
  for (int i = 0; i < 300; ++i) statements.emplace_back(Level::info, long_format(100 + i));
  constexpr auto kReason = static_cast<std::size_t>(formats::LossReason::no_catalog);
  EXPECT_EQ(statements.front().log(), LogOutcome::stored);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(statements.back().log(), LogOutcome::lost);
  EXPECT_EQ(session.losses()[kReason], 1000u);
  for (int i = 0; i < 10; ++i) LMLOG_LOG(logger("full." + std::to_string(i)), Level::info, "of a logger");
  EXPECT_EQ(session.losses()[kReason], 1010u);
  LMLOG_INFO("there already {}", 1);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find(session.path() + ": no room for more statements in the catalog"), std::string::npos) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  const RecordedSession recorded = read_session(folder);
  EXPECT_EQ(recorded.records("there already {}").size(), 1u);
  EXPECT_EQ(recorded.losses[kReason], 1010u);
}

}  // namespace
}  // namespace lmlog::testing
