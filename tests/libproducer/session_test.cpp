// SPDX-License-Identifier: Apache-2.0
// Sessions in one process: the header, the lock, one at a time, levels, clocks, and what happens when one ends.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "libproducer/src/clock_source.hpp"
#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using formats::SessionState;

std::int64_t realtime_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

TEST(SessionTest, DescribesItselfInItsHeader) {
  const RingsFolder folder;
  const std::int64_t before = realtime_now();
  const Session session({.service = "Gr\xC3\xBC\xC3\x9F"
                                    "e/1",
                         .ring_bytes = 100'000,
                         .policy = Policy::block});
  const RecordedSession recorded = read_session(folder);
  const formats::SessionDescriptor& d = recorded.descriptor;
  EXPECT_EQ(std::string(d.service, d.service_length),
            "Gr\xC3\xBC\xC3\x9F"
            "e/1");
  EXPECT_NE(recorded.path.find("/Gr%C3%BC%C3%9Fe%2F1." + std::to_string(::getpid()) + '.' + session.id() + ".session"),
            std::string::npos);
  EXPECT_EQ(session.path(), recorded.path);
  EXPECT_EQ(d.session_id.hex(), session.id());
  EXPECT_EQ(d.pid, static_cast<std::uint32_t>(::getpid()));
  EXPECT_EQ(d.ring_bytes, 131'072u) << "rounded up to a power of two";
  EXPECT_EQ(d.policy, static_cast<std::uint32_t>(formats::RingPolicy::block));
  EXPECT_GE(d.start_realtime_ns, before);
  EXPECT_LE(d.start_realtime_ns, realtime_now());
  EXPECT_EQ(std::string(d.program, d.program_length), "libproducer-test");
  EXPECT_GT(d.host_length, 0);
  EXPECT_NE(d.boot_id, formats::Id128{});
  EXPECT_EQ(recorded.state, static_cast<std::uint32_t>(SessionState::open));
  struct stat status {};
  ASSERT_EQ(::stat(recorded.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST(SessionTest, MeasuresTheCounterWithinAThousandth) {
  const RingsFolder folder;
  const Session session({.service = "rate"});
  const auto d = read_session(folder).descriptor;
  if (d.clock != static_cast<std::uint32_t>(formats::ClockKind::tsc)) GTEST_SKIP() << "no invariant counter here";
  formats::Anchor now{};
  do {
    now = detail::take_anchor();
  } while (now.monotonic_raw_ns - d.start_monotonic_raw_ns < 50'000'000);
  const double rate = static_cast<double>(now.tsc - d.start_tsc) * 1e9 /
                      static_cast<double>(now.monotonic_raw_ns - d.start_monotonic_raw_ns);
  EXPECT_NEAR(static_cast<double>(d.tsc_hz) / rate, 1, 0.001);
}

TEST(SessionTest, HoldsALockThatAnotherProcessSees) {
  const RingsFolder folder;
  const auto locked_by = [&](const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
      const int fd = ::open(path.c_str(), O_RDWR);
      struct flock lock {};
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      lock.l_len = 1;
      const bool asked = fd >= 0 && ::fcntl(fd, F_GETLK, &lock) == 0;
      ::_exit(asked && lock.l_type != F_UNLCK && lock.l_pid == ::getppid() ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status) == 1;
  };
  const Session session({.service = "lock"});
  LMLOG_INFO("locked");
  EXPECT_TRUE(locked_by(session.path()));
  // One descriptor of the session, none of the rings; closed by exec.
  int descriptors = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    char target[4096] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    if (::readlink(link.c_str(), target, sizeof(target) - 1) < 0) continue;
    if (std::string(target).starts_with(folder.path())) {
      ++descriptors;
      EXPECT_EQ(std::string(target), session.path());
      EXPECT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
  }
  EXPECT_EQ(descriptors, 1);
}

TEST(SessionTest, ThatIsASecondOneIsInert) {
  const RingsFolder folder;
  const Session first({.service = "first"});
  ::testing::internal::CaptureStderr();
  {
    Session second({.service = "second"});
    EXPECT_TRUE(second.id().empty());
    EXPECT_TRUE(second.path().empty());
    second.set_level(Level::fatal);
    const Session third({.service = "third"});
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(said,
            "lmlog: a second lmlog::Session (service 'second') while 'first' is there: it does nothing; a process "
            "has one at a time\n");
  LMLOG_INFO("still {}", 1);
  EXPECT_EQ(read_session(folder, first.id()).records("still {}").size(), 1u);
  EXPECT_EQ(folder.files(".session").size(), 1u);
}

TEST(SessionTest, ClosesWhenItEndsAndRecordsGoToAnImplicitOneFromThenOn) {
  const RingsFolder folder;
  std::string id;
  {
    const Session session({.service = "explicit"});
    id = session.id();
    LMLOG_INFO("inside");
    EXPECT_EQ(read_session(folder, id).state, static_cast<std::uint32_t>(SessionState::open));
  }
  EXPECT_EQ(read_session(folder, id).state, static_cast<std::uint32_t>(SessionState::closed));
  for (int i = 0; i < 3; ++i) LMLOG_INFO("outside");
  const auto sessions = folder.files(".session");
  ASSERT_EQ(sessions.size(), 2u);
  for (const auto& name : sessions) {
    if (name.find(id) != std::string::npos) continue;
    EXPECT_TRUE(name.starts_with("libproducer-test.")) << name;
    EXPECT_EQ(read_session(folder, name.substr(name.size() - 40, 32)).records("outside").size(), 3u);
  }
  // An explicit session ends the implicit one.
  const Session session({.service = "explicit again"});
  LMLOG_INFO("inside again");
  const RecordedSession recorded = read_session(folder, session.id());
  EXPECT_EQ(recorded.records("inside again").size(), 1u);
  EXPECT_EQ(recorded.rings.size(), 1u);
  EXPECT_EQ(recorded.statements.size(), read_session(folder, id).statements.size()) << "the same ones, the same ids";
  for (const auto& name : sessions) {
    EXPECT_EQ(read_session(folder, name.substr(name.size() - 40, 32)).state,
              static_cast<std::uint32_t>(SessionState::closed));
  }
}

TEST(SessionTest, SwitchesStatementsBelowItsLevelOffWithoutEvaluatingArguments) {
  const RingsFolder folder;
  Session session({.service = "levels", .level = Level::notice});
  EXPECT_EQ(session.level(), Level::notice);
  int evaluated = 0;
  const auto each = [&] {
    LMLOG_TRACE("trace {}", ++evaluated);
    LMLOG_DEBUG("debug {}", ++evaluated);
    LMLOG_INFO("info {}", ++evaluated);
    LMLOG_NOTICE("notice {}", ++evaluated);
    LMLOG_WARN("warn {}", ++evaluated);
    LMLOG_ERROR("error {}", ++evaluated);
    LMLOG_FATAL("fatal {}", ++evaluated);
  };
  each();
  EXPECT_EQ(evaluated, 4);
  session.set_level(Level::error);
  each();
  EXPECT_EQ(evaluated, 6);
  session.set_level(Level::trace);
  each();
  EXPECT_EQ(evaluated, 13);
  const RecordedSession recorded = read_session(folder);
  EXPECT_EQ(recorded.records("trace {}").size(), 1u);
  EXPECT_EQ(recorded.records("notice {}").size(), 2u);
  EXPECT_EQ(recorded.records("fatal {}").size(), 3u);
  EXPECT_EQ(recorded.statement("trace {}").level, Level::trace);
  EXPECT_EQ(recorded.statement("fatal {}").level, Level::fatal);
}

TEST(SessionTest, BeginsWithItsOwnLevelWhateverTheLastOneHad) {
  const RingsFolder folder;
  {
    Session session({.service = "loud"});
    session.set_level(Level::trace);
  }
  const Session session({.service = "quiet"});
  EXPECT_EQ(session.level(), Level::info);
}

TEST(SessionTest, ObeysTheCollectorsHalfOfTheControlWord) {
  const RingsFolder folder;
  const Session session({.service = "rules"});
  int evaluated = 0;
  const auto log = [&] { LMLOG_INFO("ruled by the collector {}", ++evaluated); };
  log();
  const RecordedSession recorded = read_session(folder);
  const std::uint64_t word = recorded.descriptor.control_offset +
                             8 * (recorded.statement("ruled by the collector {}").id - formats::kFirstStatementId);
  const auto answer = [&](std::uint32_t high) {
    const pid_t child = ::fork();  // another process: closing a descriptor here would drop the session's lock
    if (child == 0) {
      const int fd = ::open(recorded.path.c_str(), O_WRONLY);
      ::_exit(::pwrite(fd, &high, sizeof(high), static_cast<off_t>(word + 4)) == sizeof(high) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  };
  answer(1);
  log();
  EXPECT_EQ(evaluated, 1);
  answer(0);
  log();
  EXPECT_EQ(evaluated, 2);
}

TEST(SessionTest, TakesTheCallersTime) {
  const RingsFolder folder;
  const Session session({.service = "times", .clock = Clock::user_ns});
  EXPECT_EQ(read_session(folder).descriptor.clock, static_cast<std::uint32_t>(formats::ClockKind::user_ns));
  LMLOG_INFO_AT(1'000'000'000ull, "at {}", 1);
  LMLOG_WARN_AT(0, "at zero {}", 2);
  const std::int64_t before = realtime_now();
  LMLOG_INFO("now {}", 3);
  const RecordedSession recorded = read_session(folder);
  EXPECT_EQ(recorded.records("at {}").at(0).time, 1'000'000'000u);
  EXPECT_EQ(recorded.records("at zero {}").at(0).time, 0u);
  EXPECT_EQ(recorded.statement("at {}").flags, formats::kStatementTimeGiven);
  const std::uint64_t time = recorded.records("now {}").at(0).time;
  EXPECT_GE(static_cast<std::int64_t>(time), before);
  EXPECT_LE(static_cast<std::int64_t>(time), realtime_now());
  // State records take the time of the record that they precede: the sort key must not run ahead of a replay.
  EXPECT_EQ(recorded.rings.at(0).records.at(0).time, 1'000'000'000u);
  EXPECT_GE(static_cast<std::int64_t>(ticks()), before);
}

TEST(SessionTest, GivesTicksInItsOwnUnit) {
  const RingsFolder folder;
  const Session session({.service = "ticks"});
  const auto d = read_session(folder).descriptor;
  const std::uint64_t before = ticks();
  LMLOG_INFO("tick {}", 1);
  LMLOG_INFO_AT(before, "given {}", 1);
  const std::uint64_t after = ticks();
  const RecordedSession recorded = read_session(folder);
  EXPECT_GE(recorded.records("tick {}").at(0).time, before);
  EXPECT_LE(recorded.records("tick {}").at(0).time, after);
  EXPECT_EQ(recorded.records("given {}").at(0).time, before);
  EXPECT_GE(before, d.clock == static_cast<std::uint32_t>(formats::ClockKind::tsc)
                        ? d.start_tsc
                        : static_cast<std::uint64_t>(d.start_realtime_ns));
}

TEST(SessionTest, LeavesErrnoAlone) {
  const RingsFolder folder;
  errno = 4711;
  const Session session({.service = "errno"});
  errno = 4711;
  LMLOG_INFO("errno");
  EXPECT_EQ(errno, 4711);
}

}  // namespace
}  // namespace lmlog::testing
