// SPDX-License-Identifier: Apache-2.0
// The ring as the producer writes it: wraps, pads, full rings, both policies, what comes first, and tails that lie.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/formats/state_vector.hpp>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using namespace std::chrono_literals;
using formats::LossReason;
using formats::RecordKind;
using formats::TailLine;

constexpr std::uint64_t kBytes = 64 << 10;

formats::LossCounts losses_of(const Recorded& record) {
  formats::LossCounts counts{};
  EXPECT_TRUE(record.is(RecordKind::loss));
  EXPECT_TRUE(formats::parse_losses(std::as_bytes(std::span(record.body.data(), record.body.size())), counts));
  return counts;
}

class RingTest : public ::testing::Test {
 protected:
  void Open(SessionOptions options, std::size_t ring_bytes = kBytes) {
    options.service = "ring";
    options.ring_bytes = ring_bytes;
    session_.emplace(std::move(options));
    id_ = session_->id();
  }
  RecordedRing Ring() const { return read_ring(Path()); }
  std::string Path() const { return folder_.path() + '/' + id_ + ".0.ring"; }

  /// Takes all records, as the collector does, and gives the room back.
  std::vector<Recorded> Drain() {
    const RecordedRing ring = Ring();
    drained_ += ring.records.size();
    write_tail(Path(), TailLine::of(ring.head, drained_));
    return ring.records;
  }
  /// Drains, and logs small records until so many bytes are left before the wrap.
  void LeaveBeforeWrap(std::uint64_t bytes) {
    for (int i = 0; i < 1 << 16; ++i) {
      const std::uint64_t left = kBytes - read_u64(Path(), formats::kHeadOffset) % kBytes;
      if (left == bytes) return;
      if (i % 1000 == 0) Drain();
      // 24 and 16 bytes reach every multiple of 8.
      if (left > bytes && (left - bytes) % 16 != 0)
        LMLOG_INFO("step {}", 1);
      else
        LMLOG_INFO("step");
    }
    FAIL() << "never " << bytes << " bytes before the wrap";
  }

  RingsFolder folder_;
  std::optional<Session> session_;
  std::string id_;
  std::uint64_t drained_ = 0;
};

TEST_F(RingTest, BeginsWithThreadAndClock) {
  Open({});
  LMLOG_INFO("first");
  const auto records = Ring().records;
  ASSERT_EQ(records.size(), 3u);
  ASSERT_TRUE(records[0].is(RecordKind::thread));
  ASSERT_TRUE(records[1].is(RecordKind::clock));
  const auto thread = formats::parse_thread(std::as_bytes(std::span(records[0].body.data(), records[0].body.size())));
  ASSERT_TRUE(thread.has_value());
  EXPECT_EQ(thread->tid, static_cast<std::uint32_t>(::gettid()));
  EXPECT_EQ(thread->epoch, 1u);
  EXPECT_FALSE(thread->name.empty());
  formats::ByteReader clock(std::as_bytes(std::span(records[1].body.data(), records[1].body.size())));
  EXPECT_EQ(clock.take<std::uint32_t>(), read_session(folder_).descriptor.clock);
  EXPECT_EQ(clock.take<std::uint32_t>(), 0u);
  EXPECT_EQ(clock.take<std::uint64_t>(), read_session(folder_).descriptor.start_tsc);
}

TEST_F(RingTest, KeepsEveryRecordOverManyLaps) {
  Open({});
  std::mt19937 random(1);
  const std::string text(9000, 'x');
  std::uint64_t next = 0;
  std::uint64_t logged = 0;
  std::size_t bytes_seen = 0;
  const auto check = [&](const std::vector<Recorded>& records) {
    for (const auto& record : records) {
      if (record.id < formats::kFirstStatementId) continue;
      std::uint64_t value = 0;
      std::memcpy(&value, record.body.data(), sizeof(value));
      EXPECT_EQ(value, next);
      ++next;
      bytes_seen += record.length;
    }
  };
  while (bytes_seen < 40 * kBytes) {
    const std::size_t length = random() % (random() % 10 == 0 ? text.size() : 100);
    LMLOG_INFO("lap {} {}", logged, std::string_view(text).substr(0, length));
    ++logged;
    if (random() % 8 == 0 || length > 1000) check(Drain());
  }
  check(Drain());
  EXPECT_EQ(next, logged);
  EXPECT_EQ(session_->losses(), LossCounts{});
}

TEST_F(RingTest, SkipsAGapOfEightBytesWithoutAWord) {
  Open({});
  LMLOG_INFO("begin");
  LeaveBeforeWrap(8);
  Drain();
  LMLOG_INFO("over the gap");
  const auto records = Drain();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].position % kBytes, 0u);
}

TEST_F(RingTest, PadsAGapThatTheRecordDoesNotFitIn) {
  Open({});
  LMLOG_INFO("begin");
  for (const std::uint64_t gap : {16u, 24u, 32u, 4096u, 40000u}) {
    LeaveBeforeWrap(gap);
    Drain();
    LMLOG_INFO("over the pad {}", std::string(gap < 4096 ? gap : 15000, 'p'));  // a quarter at most
    if (gap == 40000u) continue;
    const RecordedRing ring = Ring();
    const std::uint64_t at = ring.records.at(0).position;
    EXPECT_EQ(at % kBytes, 0u) << gap;
    Drain();
  }
}

TEST_F(RingTest, FillsALapToItsLastByte) {
  Open({});
  LMLOG_INFO("begin");
  LeaveBeforeWrap(24);
  Drain();
  LMLOG_INFO("last {}", 7);
  EXPECT_EQ(Ring().head % kBytes, 0u);
  LMLOG_INFO("first {}", 8);
  const auto records = Drain();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].position % kBytes, 0u);
}

TEST_F(RingTest, CountsWhatAFullRingDropsAndSaysSoBeforeTheNextRecord) {
  Open({});
  constexpr std::uint64_t kCalls = 10'000;
  for (std::uint64_t i = 0; i < kCalls; ++i) LMLOG_INFO("drop {}", i);
  const RecordedRing ring = Ring();
  const std::uint64_t stored = ring.ordinary().size();
  EXPECT_GT(stored, kBytes / 24 - 20);
  EXPECT_EQ(ring.losses[0], kCalls - stored);
  EXPECT_EQ(session_->losses()[0], kCalls - stored);
  Drain();
  LMLOG_INFO("drop {}", kCalls);
  const auto records = Drain();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(losses_of(records[0])[0], kCalls - stored);
  EXPECT_GE(records[1].id, formats::kFirstStatementId);
  LMLOG_INFO("quiet");
  EXPECT_EQ(Drain().size(), 1u) << "a loss is reported once";
}

TEST_F(RingTest, TellsTheNextThreadsReaderFirstWhatTheLastOneLost) {
  Open({});
  std::thread([this] {
    while (session_->losses()[0] == 0) LMLOG_INFO("fill {}", 1);
  }).join();
  const std::uint64_t lost = session_->losses()[0];
  Drain();
  std::thread([] { LMLOG_INFO("next"); }).join();
  const auto records = Drain();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(losses_of(records[0])[0], lost) << "in the state of the thread that lost them";
  EXPECT_TRUE(records[1].is(RecordKind::thread));
}

TEST_F(RingTest, LetsNoSmallerRecordPassBeforeTheLossRecord) {
  Open({});
  LMLOG_INFO("begin");
  while (session_->losses()[0] == 0) LMLOG_INFO("fill {}", std::string(1000, 'f'));
  for (int i = 0; i < 100; ++i) LMLOG_INFO("small");
  // The ring is full to within a thousand bytes: small ones would fit, the loss record too, but it comes first.
  std::vector<std::uint32_t> order;
  const std::uint32_t small = read_session(folder_).statement("small").id;
  for (const auto& record : Ring().records) {
    if (record.id == small || record.is(RecordKind::loss)) order.push_back(record.id);
  }
  ASSERT_GT(order.size(), 1u);
  EXPECT_EQ(order[0], static_cast<std::uint32_t>(RecordKind::loss));
}

TEST_F(RingTest, CountsARecordThatIsLargerThanAQuarter) {
  Open({.max_string = 1 << 20});
  LMLOG_INFO("large {}", std::string(kBytes / 4, 'l'));
  LMLOG_INFO("fits {}", std::string(kBytes / 4 - 20, 'l'));
  const auto records = Ring().records;
  ASSERT_EQ(records.size(), 4u);  // thread, clock, loss, fits
  EXPECT_EQ(losses_of(records[2])[static_cast<std::size_t>(LossReason::too_large)], 1u);
  EXPECT_EQ(records[3].length, kBytes / 4);
}

TEST_F(RingTest, CountsARecordThatNoJournalTakesHoweverLargeTheRing) {
  Open({.max_string = 16 << 20}, 64 << 20);
  LMLOG_INFO("large {}", std::string(formats::kMaxRecordBytes, 'l'));
  LMLOG_INFO("fits {}", std::string(formats::kMaxRecordBytes - 28, 'l'));
  const auto records = Ring().records;
  ASSERT_EQ(records.size(), 4u);  // thread, clock, loss, fits
  EXPECT_EQ(losses_of(records[2])[static_cast<std::size_t>(LossReason::too_large)], 1u);
  EXPECT_EQ(records[3].length, formats::kMaxRecordBytes);
}

TEST_F(RingTest, AcceptsNoTailThatLies) {
  Open({});
  while (session_->losses()[0] == 0) LMLOG_INFO("fill {}", 1);
  const std::uint64_t head = Ring().head;
  const auto still_full = [&] {
    const std::uint64_t before = session_->losses()[0];
    LMLOG_INFO("more {}", 2);
    return session_->losses()[0] == before + 1 && read_u64(Path(), formats::kHeadOffset) == head;
  };
  write_tail(Path(), {head, head, 0, ~0ull});
  EXPECT_TRUE(still_full()) << "torn";
  write_tail(Path(), TailLine::of(head + 8, 0));
  EXPECT_TRUE(still_full()) << "ahead of the head";
  write_tail(Path(), TailLine::of(~0ull - 7, 0));
  EXPECT_TRUE(still_full()) << "far ahead";
  write_tail(Path(), TailLine::of(1001, 0));
  EXPECT_TRUE(still_full()) << "not aligned";
  write_tail(Path(), TailLine::of(4096, 0));
  EXPECT_FALSE(still_full()) << "a true one";
  while (read_u64(Path(), formats::kHeadOffset) != head + 4096 && session_->losses()[0] < 10'000)
    LMLOG_INFO("more {}", 3);
  const std::uint64_t full = read_u64(Path(), formats::kHeadOffset);
  write_tail(Path(), TailLine::of(0, 0));
  for (int i = 0; i < 1000; ++i) LMLOG_INFO("more {}", 4);
  EXPECT_LE(read_u64(Path(), formats::kHeadOffset), full + 24) << "backwards gives no room";
}

TEST_F(RingTest, WaitsUnderBlockUntilTheTailMoves) {
  Open({.policy = Policy::block, .block_timeout = 60s});
  LMLOG_INFO("begin");
  constexpr std::uint64_t kCalls = 30'000;
  std::atomic<bool> done{false};
  std::uint64_t seen = 0;
  std::thread collector([&] {
    while (!done.load() || Ring().records.size() != 0) {
      for (const auto& record : Drain()) seen += record.id >= formats::kFirstStatementId ? 1 : 0;
    }
  });
  for (std::uint64_t i = 0; i < kCalls; ++i) LMLOG_INFO("block {}", i);
  done = true;
  collector.join();
  EXPECT_EQ(seen, kCalls + 1);
  EXPECT_EQ(session_->losses(), LossCounts{});
}

TEST_F(RingTest, DropsUnderBlockAfterOneTimeoutUntilTheTailMoves) {
  Open({.policy = Policy::block, .block_timeout = 50ms});
  constexpr auto kReason = static_cast<std::size_t>(LossReason::block_timeout);
  std::uint64_t calls = 0;
  const auto start = std::chrono::steady_clock::now();
  while (session_->losses()[kReason] == 0) LMLOG_INFO("block {}", ++calls);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
  const auto again = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) LMLOG_INFO("block {}", ++calls);
  EXPECT_LT(std::chrono::steady_clock::now() - again, 25s) << "1,000 time-outs would take 50 s";
  EXPECT_EQ(session_->losses()[kReason], 1001u);
  const std::uint64_t stored = Drain().size() - 2;
  EXPECT_EQ(stored + 1001, calls);
  LMLOG_INFO("block {}", ++calls);
  const auto records = Drain();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(losses_of(records[0])[kReason], 1001u);
}

TEST_F(RingTest, StopsWaitingForEverWhenTheSessionEnds) {
  Open({.policy = Policy::block, .block_timeout = 0s});
  std::atomic<std::uint64_t> begun{0};
  std::atomic<bool> stop{false};
  std::thread service([&] {
    while (!stop.load()) {
      LMLOG_INFO("for ever {}", begun.load());
      ++begun;
    }
  });
  while (begun.load() == 0 || read_u64(Path(), formats::kHeadOffset) + 32 <= kBytes) std::this_thread::yield();
  session_.reset();  // the ring is full: whatever comes now goes elsewhere
  const std::uint64_t before = begun.load();
  while (begun.load() < before + 2) std::this_thread::yield();
  stop = true;
  service.join();
  EXPECT_EQ(read_session(folder_, id_).state, static_cast<std::uint32_t>(formats::SessionState::closed));
  const std::uint64_t in_the_first = read_session(folder_, id_).records("for ever {}").size();
  std::uint64_t in_the_second = 0;
  for (const auto& name : folder_.files(".session")) {
    const std::string id = name.substr(name.size() - 40, 32);
    if (id == id_) continue;
    const RecordedSession second = read_session(folder_, id);
    in_the_second += second.records("for ever {}").size();
    for (const auto& ring : second.rings) in_the_second += ring.losses[0];  // the implicit session drops
  }
  EXPECT_GT(in_the_second, 0u);
  EXPECT_EQ(in_the_first + in_the_second, begun.load());
}

TEST_F(RingTest, WritesAClockRecordWhenTheLastAnchorIsOlderThanASecond) {
  Open({});
  if (read_session(folder_).descriptor.clock != static_cast<std::uint32_t>(formats::ClockKind::tsc))
    GTEST_SKIP() << "no invariant counter on this machine";
  LMLOG_INFO("begin");
  Drain();
  const auto end = std::chrono::steady_clock::now() + 20s;
  std::size_t clocks = 0;
  while (clocks == 0 && std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 2000; ++i) LMLOG_INFO("tick {}", i);
    for (const auto& record : Drain()) clocks += record.is(RecordKind::clock) ? 1 : 0;
  }
  EXPECT_EQ(clocks, 1u);
}

TEST_F(RingTest, LeavesARetiredRingForANewSession) {
  Open({});
  LMLOG_INFO("before");
  Drain();
  write_u32(Path(), formats::kRingRetiredOffset, 1);
  while (session_->id() == id_) LMLOG_INFO("after {}", 1);  // the thread sees it at its next slow path
  const RecordedSession recorded = read_session(folder_, session_->id());
  EXPECT_EQ(recorded.records("after {}").size(), 1u);
  EXPECT_EQ(recorded.descriptor.pid, static_cast<std::uint32_t>(::getpid()));
  EXPECT_EQ(read_session(folder_, id_).state, static_cast<std::uint32_t>(formats::SessionState::closed));
}

}  // namespace
}  // namespace lmlog::testing
