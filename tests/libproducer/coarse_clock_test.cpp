// SPDX-License-Identifier: Apache-2.0
// The coarse clock: the word while it is kept, the calendar while it is not, and no way back between the two.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "libproducer/src/clock_source.hpp"
#include "libproducer/src/coarse_clock.hpp"
#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using detail::CoarseClock;

constexpr std::uint64_t kHz = 2'000'000'000;
constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kNoon = 1'795'000'000'000'000'000;

std::uint64_t calendar() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

TEST(CoarseClock, IsTheWordWhileThatIsYoung) {
  std::atomic<std::uint64_t> word{kNoon};
  CoarseClock clock(word, kHz);
  EXPECT_EQ(clock.reading(), nullptr) << "not before it was looked at";
  EXPECT_EQ(clock.now(kNoon + kMs, 1000), kNoon);
  ASSERT_NE(clock.reading(), nullptr);
  word = kNoon + 1 * kMs;
  EXPECT_EQ(clock.now(kNoon + 100 * kMs, 1000), kNoon + 1 * kMs);
}

TEST(CoarseClock, IsTheCalendarWhileTheWordIsOldOrThereIsNone) {
  std::atomic<std::uint64_t> word{0};
  CoarseClock clock(word, kHz);
  EXPECT_EQ(clock.now(kNoon, 1000), kNoon);
  EXPECT_EQ(clock.reading(), nullptr);
  word = kNoon;
  EXPECT_EQ(clock.now(kNoon + 101 * kMs, 2000), kNoon + 101 * kMs);
  EXPECT_EQ(clock.reading(), nullptr);
}

TEST(CoarseClock, DoesNotGoBackToAWordThatLags) {
  std::atomic<std::uint64_t> word{0};
  CoarseClock clock(word, kHz);
  EXPECT_EQ(clock.now(kNoon + 3 * kMs, 1000), kNoon + 3 * kMs);
  word = kNoon + 2 * kMs;
  EXPECT_EQ(clock.now(kNoon + 3 * kMs, 1100), kNoon + 3 * kMs);
  EXPECT_EQ(clock.reading(), nullptr);
  word = kNoon + 4 * kMs;
  EXPECT_EQ(clock.now(kNoon + 4 * kMs, 1200), kNoon + 4 * kMs);
  EXPECT_NE(clock.reading(), nullptr);
}

TEST(CoarseClock, FollowsACalendarThatIsSet) {
  std::atomic<std::uint64_t> word{kNoon};
  CoarseClock clock(word, kHz);
  EXPECT_EQ(clock.now(kNoon, 1000), kNoon);
  word = kNoon - 3'600'000 * kMs;
  EXPECT_EQ(clock.now(kNoon - 3'600'000 * kMs, 2000), kNoon - 3'600'000 * kMs) << "an hour back, word and calendar";
  word = kNoon;
  EXPECT_EQ(clock.now(kNoon - 3'600'000 * kMs, 3000), kNoon - 3'600'000 * kMs) << "a word of another calendar";
}

TEST(CoarseReading, KeepsPaceWithTheCounter) {
  std::atomic<std::uint64_t> word{kNoon};
  CoarseClock clock(word, kHz);
  (void)clock.now(kNoon, 1'000'000);
  auto& reading = *clock.reading();
  EXPECT_TRUE(reading.look(kNoon + 5 * kMs, 1'000'000 + kHz / 200));
  EXPECT_TRUE(reading.look(kNoon + 5 * kMs, 1'000'000 + kHz / 200 + kHz / 20)) << "50 ms old";
  EXPECT_FALSE(reading.look(kNoon + 5 * kMs, 1'000'000 + kHz / 200 + kHz / 8)) << "looks do not make it younger";
  EXPECT_FALSE(reading.look(kNoon + 10 * kMs, 1'000'000 + kHz)) << "it stood still for a second";
  EXPECT_FALSE(reading.look(kNoon + 3'600'000 * kMs, 1'000'000 + kHz / 100)) << "the calendar was set";
}

TEST(CoarseReading, IsLookedAtSeldomByWhoLogsFastAndAlwaysByWhoLogsSeldom) {
  std::atomic<std::uint64_t> word{kNoon};
  CoarseClock clock(word, kHz);
  (void)clock.now(kNoon, 1'000'000);
  auto& reading = *clock.reading();
  for (std::uint64_t look = 1; look <= 8; ++look) EXPECT_TRUE(reading.look(kNoon, 1'000'000 + 100 * look));
  EXPECT_EQ(reading.unseen, 64u);
  EXPECT_TRUE(reading.look(kNoon, 1'000'000 + kHz / 500));
  EXPECT_EQ(reading.unseen, 0u);
  EXPECT_TRUE(reading.look(kNoon, 1'000'000 + 2 * kHz / 500));
  EXPECT_EQ(reading.unseen, 0u);
}

TEST(CalendarNs, GoesOnFromItsAnchor) {
  const formats::Anchor anchor{1000, static_cast<std::int64_t>(kNoon), 0};
  EXPECT_EQ(detail::calendar_ns(1000, anchor, kHz), kNoon);
  EXPECT_EQ(detail::calendar_ns(1000 + 3 * kHz + 2, anchor, kHz), kNoon + 3'000 * kMs + 1);
}

/// What a collector does for the sessions with the coarse clock.
class WordKeeper {
 public:
  explicit WordKeeper(const std::string& session) : fd_(::open(session.c_str(), O_WRONLY | O_CLOEXEC)) {
    Refresh();
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        Refresh();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  // The descriptor stays open: closing it would drop the session's lock.

 private:
  void Refresh() const {
    const std::uint64_t now = calendar();
    EXPECT_EQ(::pwrite(fd_, &now, sizeof(now), formats::kCoarseTimeOffset), 8);
  }
  int fd_;
  std::jthread thread_;
};

class CoarseSessionTest : public ::testing::Test {
 protected:
  struct Call {
    std::uint64_t before;
    std::uint64_t after;
  };
  void Log() {
    const std::uint64_t before = calendar();
    LMLOG_INFO("call {}", calls_.size());
    calls_.push_back({before, calendar()});
  }
  std::vector<Recorded> Records() const { return read_session(folder_).records("call {}"); }

  RingsFolder folder_;
  std::vector<Call> calls_;
};

TEST_F(CoarseSessionTest, IsRightWithoutACollectorWithinMilliseconds) {
  const Session session{{.service = "coarse", .clock = Clock::coarse}};
  for (int i = 0; i < 2000; ++i) Log();
  const auto records = Records();
  ASSERT_EQ(records.size(), calls_.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    ASSERT_GE(records[i].time + 2 * kMs, calls_[i].before);
    ASSERT_LE(records[i].time, calls_[i].after + 2 * kMs);
    if (i != 0) {
      ASSERT_GE(records[i].time, records[i - 1].time);
    }
  }
  EXPECT_EQ(read_session(folder_).descriptor.clock, static_cast<std::uint32_t>(formats::ClockKind::coarse));
}

TEST_F(CoarseSessionTest, TakesTheWordWhileItIsKeptAndTheCounterWhenItStops) {
  const Session session{{.service = "coarse", .ring_bytes = 4 << 20, .clock = Clock::coarse}};
  std::size_t kept = 0;
  {
    const WordKeeper keeper(session.path());
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    while (std::chrono::steady_clock::now() < end && calls_.size() < 20'000) Log();
    kept = calls_.size();
  }
  const std::uint64_t stopped = calendar();
  while (calendar() < stopped + 300 * kMs) {
    Log();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // 64 calls without a look are over before 100 ms are
  }
  const auto records = Records();
  ASSERT_EQ(records.size(), calls_.size());
  std::size_t of_the_word = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    // 64 calls may go by without a look, of a millisecond each and more where the machine is busy.
    ASSERT_GE(records[i].time + 200 * kMs, calls_[i].before) << i;
    ASSERT_LE(records[i].time, calls_[i].after + 2 * kMs) << i;
    of_the_word += i > 0 && i < kept && records[i].time == records[i - 1].time ? 1 : 0;
    if (i >= kept && calls_[i].before > stopped + 200 * kMs) {
      ASSERT_GE(records[i].time + 2 * kMs, calls_[i].before) << "the word is too old, call " << i;
    }
    if (i != 0) {
      ASSERT_GE(records[i].time, records[i - 1].time);
    }
  }
  EXPECT_GT(of_the_word, kept / 2) << "many records of a millisecond have one time";
}

}  // namespace
}  // namespace lmlog::testing
