// SPDX-License-Identifier: Apache-2.0
// lmlog::testing::Capture as services' unit tests use it.
#include <lmlog/testing/capture.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

namespace lmlog::testing {
namespace {

using namespace literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Folders of captures that there are.
std::set<std::string> capture_folders() {
  std::set<std::string> names;
  for (const char* parent : {"/dev/shm", "/tmp"})
    for (const auto& entry : std::filesystem::directory_iterator(parent))
      if (entry.path().filename().string().starts_with("lmlog-capture-" + std::to_string(::geteuid())))
        names.insert(entry.path());
  return names;
}

/// A rings folder of the test's own, for the sessions that captures stand in for.
class CaptureTest : public ::testing::Test {
 protected:
  CaptureTest() {
    char name[] = "/dev/shm/lmlog-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    ::setenv("LMLOG_RING_DIR", folder_.c_str(), 1);
  }
  ~CaptureTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

std::uint64_t sum(const LossCounts& counts) {
  std::uint64_t all = 0;
  for (const std::uint64_t count : counts) all += count;
  return all;
}

TEST_F(CaptureTest, GivesTheRecordsAsValues) {
  const auto before = std::chrono::system_clock::now();
  const Capture capture;
  const std::string name = "Zoë \"Z\"\n";
  LMLOG_WARN("order {id} of {name} at {px}", 7, name, 48.0, "ok"_k = true, "big"_k = ~std::uint64_t{0}, "low"_k = -3);
  const auto records = capture.records();
  ASSERT_EQ(records.size(), 1u);
  const Record& record = records.front();
  EXPECT_EQ(record.level, Level::warn);
  EXPECT_EQ(record.message, "order 7 of Zoë \"Z\"\n at 48");
  EXPECT_EQ(record.template_text, "order {id} of {name} at {px}");
  EXPECT_THAT(record.file, HasSubstr("capture_test.cpp"));
  EXPECT_EQ(record.function, "TestBody");
  EXPECT_GT(record.line, 50u);
  EXPECT_EQ(record.tid, static_cast<std::uint32_t>(::gettid()));
  EXPECT_FALSE(record.thread.empty());
  EXPECT_EQ(record.logger, "");
  EXPECT_FALSE(record.is_loss);
  EXPECT_GE(record.time, before - std::chrono::milliseconds(5));
  EXPECT_LE(record.time, std::chrono::system_clock::now() + std::chrono::milliseconds(5));
  EXPECT_EQ(record.fields.size(), 6u);
  EXPECT_EQ(record.field("id"), 7);
  EXPECT_EQ(record.field("id").as_int64(), 7);
  EXPECT_EQ(record.field("name"), name);
  EXPECT_EQ(record.field("px"), 48.0);
  EXPECT_TRUE(record.field("px").is<double>());
  EXPECT_EQ(record.field("ok"), true);
  EXPECT_EQ(record.field("big"), ~std::uint64_t{0});
  EXPECT_EQ(record.field("low"), -3);
  EXPECT_THAT(record.json, HasSubstr("\"fields\":{\"id\":7,"));
  EXPECT_EQ(record.json.back(), '}');
}

TEST_F(CaptureTest, RefusesAValueOfAnotherTypeAndAFieldThatIsNotThere) {
  const Capture capture;
  LMLOG_INFO("{text} {none}", "some", std::nan(""));
  const Record record = capture.records().at(0);
  EXPECT_THROW((void)record.field("text").as_int64(), std::logic_error);
  EXPECT_TRUE(std::isnan(record.field("none").as_double()));
  EXPECT_FALSE(record.field("text") == 1);
  try {
    (void)record.field("nane");
    FAIL();
  } catch (const std::out_of_range& error) {
    EXPECT_THAT(error.what(), HasSubstr("has no field 'nane'; it has 'none', 'text'"));
  }
}

TEST_F(CaptureTest, TakesEverythingWhateverTheLevelsAre) {
  const Session session({.service = "levels", .level = Level::error});
  const auto log = logger("quiet.one");
  log.set_level(Level::fatal);
  {
    const Capture capture;
    LMLOG_TRACE("traced");
    LMLOG_LOG(log, Level::debug, "by a logger");
    EXPECT_THAT(capture.messages(), ElementsAre("traced", "by a logger"));
    EXPECT_EQ(capture.records().at(1).logger, "quiet.one");
    EXPECT_EQ(capture.count(Level::trace), 1u);
    EXPECT_TRUE(capture.contains("logger"));
    EXPECT_FALSE(capture.contains("nothing"));
  }
  EXPECT_EQ(session.level(), Level::error);
  EXPECT_EQ(log.level(), Level::fatal);
  {
    const Capture capture({.level = Level::warn});
    LMLOG_INFO("below");
    LMLOG_WARN("above");
    EXPECT_THAT(capture.messages(), ElementsAre("above"));
  }
  log.reset_level();
}

TEST_F(CaptureTest, PutsTheSessionBackAsItWas) {
  const Session session({.service = "own"});
  LMLOG_INFO("before");
  const std::string path = session.path();
  {
    Capture capture;
    LMLOG_INFO("within");
    EXPECT_EQ(session.path(), path);
    EXPECT_THAT(capture.messages(), ElementsAre("within"));
    capture.stop();
    LMLOG_INFO("behind stop");
    EXPECT_THAT(capture.messages(), ElementsAre("within"));
  }
  LMLOG_INFO("after");
  EXPECT_EQ(session.path(), path);
  EXPECT_EQ(sum(session.losses()), 0u);
  std::size_t sessions = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    sessions += entry.path().extension() == ".session" ? 1 : 0;
  EXPECT_EQ(sessions, 1u);
}

TEST_F(CaptureTest, StaysWhenASessionBeginsOrEndsMeanwhile) {
  Capture capture;
  LMLOG_INFO("implicit");
  {
    const Session session({.service = "begun", .clock = Clock::user_ns});
    LMLOG_INFO_AT(1'000'000'000, "explicit");
    EXPECT_EQ(session.path(), "");
  }
  LMLOG_INFO("implicit again");
  EXPECT_THAT(capture.messages(), ::testing::UnorderedElementsAre("implicit", "explicit", "implicit again"));
  EXPECT_EQ(capture.records().at(0).time.time_since_epoch(), std::chrono::seconds(1)) << "in the clock of its session";
  capture.stop();
  const Session session({.service = "later"});
  LMLOG_INFO("later");
  EXPECT_THAT(session.path(), HasSubstr(folder_));
}

TEST_F(CaptureTest, MovesThreadsThatAreLogging) {
  std::atomic<bool> stop{false};
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      LMLOG_INFO("up {}", number);
      ++ready;
      while (!stop) {
        LMLOG_INFO("turn of {number}", number);
        std::this_thread::sleep_for(std::chrono::microseconds(100));  // so that rings do not fill at once
      }
    });
  }
  while (ready < 4) std::this_thread::yield();
  for (int round = 0; round < 3; ++round) {
    const Capture capture({.ring_bytes = 64 << 10});
    // Every thread comes by, whatever the others do meanwhile.
    std::set<std::int64_t> seen;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (seen.size() < 4 && std::chrono::steady_clock::now() < deadline)
      for (const Record& record : capture.records())
        if (!record.is_loss && record.template_text == "turn of {number}")
          seen.insert(record.field("number").as_int64());
    EXPECT_EQ(seen.size(), 4u);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}

TEST_F(CaptureTest, ShowsWhatWasLost) {
  Capture capture({.ring_bytes = 64 << 10});
  constexpr std::uint64_t kCalls = 10'000;
  for (std::uint64_t i = 0; i < kCalls; ++i) LMLOG_INFO("call {i}", i);
  const auto lost = capture.lost();
  EXPECT_GT(lost, 0u);
  EXPECT_EQ(capture.messages().size() + lost, kCalls);
  EXPECT_EQ(capture.messages().front(), "call 0");
  bool shown = false;
  for (const Record& record : capture.records())
    shown = shown || (record.is_loss && record.field("reason") == "ring_full");
  EXPECT_TRUE(shown);
  capture.clear();
  EXPECT_THAT(capture.records(), IsEmpty());
  LMLOG_INFO("behind it");
  EXPECT_THAT(capture.messages(), ElementsAre("behind it"));
  EXPECT_EQ(capture.lost(), 0u);
}

TEST_F(CaptureTest, KeepsTheLastRecordsWithThePolicyOverwrite) {
  const Capture capture({.ring_bytes = 64 << 10, .policy = Policy::overwrite});
  constexpr std::uint64_t kCalls = 10'000;
  for (std::uint64_t i = 0; i < kCalls; ++i) LMLOG_INFO("call {i}", i);
  EXPECT_EQ(capture.messages().back(), "call 9999");
  EXPECT_GT(capture.lost(), 0u);
  EXPECT_EQ(capture.messages().size() + capture.lost(), kCalls);
}

TEST_F(CaptureTest, IsOneAtATime) {
  auto first = std::make_unique<Capture>();
  EXPECT_THROW(Capture(), std::logic_error);
  LMLOG_INFO("to the first");
  EXPECT_THAT(first->messages(), ElementsAre("to the first"));
  first->stop();
  const Capture second;
  LMLOG_INFO("to the second");
  EXPECT_THAT(first->messages(), ElementsAre("to the first"));
  EXPECT_THAT(second.messages(), ElementsAre("to the second"));
}

TEST_F(CaptureTest, LeavesNothingBehind) {
  const auto before = capture_folders();
  const auto descriptors = [] {
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return std::distance(begin(open), end(open));
  };
  LMLOG_INFO("a session");
  const auto opened = descriptors();
  for (int i = 0; i < 50; ++i) {
    Capture capture;
    LMLOG_INFO("round {}", i);
    capture.clear();
    LMLOG_INFO("cleared {}", i);
    ASSERT_EQ(capture.messages().size(), 1u);
    const auto now = capture_folders();
    ASSERT_EQ(now.size(), before.size() + 1);
    for (const auto& path : now) {
      struct stat status {};
      ASSERT_EQ(::stat(path.c_str(), &status), 0);
      EXPECT_TRUE(before.contains(path) || (status.st_mode & 07777) == 0700u) << path;
    }
  }
  EXPECT_EQ(capture_folders(), before);
  EXPECT_LE(descriptors(), opened + 2);
}

TEST_F(CaptureTest, IsItsProcesssAlone) {
  const Capture capture;
  LMLOG_INFO("parent");
  const pid_t child = ::fork();
  if (child == 0) {
    LMLOG_INFO("child");
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(capture.messages(), ElementsAre("parent"));
}

}  // namespace
}  // namespace lmlog::testing
