// SPDX-License-Identifier: Apache-2.0
// Rings with the policy overwrite as the producer writes them: sub-buffers, their heads, the floor, and what the newest
// records find in front of them.
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <lmlog/formats/sub_buffer.hpp>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using formats::LossReason;
using formats::RecordKind;

constexpr std::uint64_t kBytes = 64 << 10;
constexpr std::uint64_t kSub = kBytes / 8;

formats::RecordView view_of(const Recorded& record) {
  return {record.position, record.length, record.time, record.id,
          std::as_bytes(std::span(record.body.data(), record.body.size()))};
}

class FlightRecorderTest : public ::testing::Test {
 protected:
  void Open(SessionOptions options = {}) {
    options.service = "recorder";
    options.ring_bytes = kBytes;
    options.policy = Policy::overwrite;
    session_.emplace(std::move(options));
    id_ = session_->id();
  }
  RecordedRing Ring(int number = 0) const { return read_ring(Path(number)); }
  std::string Path(int number = 0) const { return folder_.path() + '/' + id_ + '.' + std::to_string(number) + ".ring"; }
  std::uint64_t Floor() const { return read_u64(Path(), formats::kFloorOffset); }

  /// Walks the ring from its floor as a reader does, and says what every head of a sub-buffer must say.
  formats::StateVector Check(const RecordedRing& ring) const {
    formats::StateVector state;
    bool first = true;
    std::uint64_t heads = 0;
    for (const auto& record : ring.records) {
      if (record.position % kSub == 0) {
        ++heads;
        const auto head = formats::parse_sub_buffer(view_of(record));
        EXPECT_TRUE(head.has_value()) << "at position " << record.position;
        if (!head) return state;
        if (!first) {
          EXPECT_EQ(head->state, state) << "at position " << record.position;
        }
        state = head->state;
      } else {
        EXPECT_FALSE(first) << "the first record behind the floor is no head";
        EXPECT_FALSE(record.is(RecordKind::sub_buffer));
      }
      EXPECT_LE(record.position % kSub + record.length, kSub) << "a record crosses a sub-buffer's end";
      EXPECT_NE(record.position % kSub + record.length, kSub - 8) << "a gap of 8 bytes arises";
      first = false;
      EXPECT_TRUE(state.apply(view_of(record)));
    }
    EXPECT_EQ(heads, (ring.head - Floor() + kSub - 1) / kSub);
    return state;
  }

  RingsFolder folder_;
  std::optional<Session> session_;
  std::string id_;
};

TEST_F(FlightRecorderTest, BeginsWithTheHeadOfItsFirstSubBuffer) {
  Open();
  LMLOG_INFO("first");
  const auto ring = Ring();
  EXPECT_EQ(ring.descriptor.policy, static_cast<std::uint32_t>(formats::RingPolicy::overwrite));
  EXPECT_EQ(ring.descriptor.sub_buffer_bytes, kSub);
  ASSERT_EQ(ring.records.size(), 4u);
  EXPECT_TRUE(ring.records[0].is(RecordKind::sub_buffer));
  EXPECT_TRUE(ring.records[1].is(RecordKind::thread));
  EXPECT_TRUE(ring.records[2].is(RecordKind::clock));
  EXPECT_EQ(Check(ring).index, 1u);
}

TEST_F(FlightRecorderTest, KeepsTheNewestRecordsOfManyLapsAndKnowsHowManyThereWere) {
  Open();
  std::mt19937 random(1);
  const std::string text(3000, 'x');
  std::uint64_t logged = 0;
  for (int round = 0; round < 400; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::size_t length = random() % (random() % 10 == 0 ? text.size() : 100);
      LMLOG_INFO("lap {} {}", logged, std::string_view(text).substr(0, length));
      ++logged;
    }
    const auto ring = Ring();
    const auto state = Check(ring);
    ASSERT_EQ(state.index, logged);
    const auto ordinary = ring.ordinary();
    std::uint64_t expected = logged - ordinary.size();
    for (const auto& record : ordinary) {
      std::uint64_t value = 0;
      std::memcpy(&value, record.body.data(), sizeof(value));
      ASSERT_EQ(value, expected++);
    }
    ASSERT_EQ(expected, logged) << "up to the last call";
    if (ring.head > kBytes) {
      ASSERT_GT(ring.head - Floor(), kBytes - 2 * kSub) << "seven eighths are there";
    }
  }
  EXPECT_GT(Floor(), 4 * kBytes);
  EXPECT_EQ(session_->losses(), LossCounts{}) << "nothing is dropped for want of room";
}

TEST_F(FlightRecorderTest, LeavesNoGapOfEightBytesWhateverTheLengths) {
  Open();
  const std::string text(64, 'y');
  for (std::size_t first = 0; first < 40; ++first) {
    for (std::size_t i = 0; i < 700; ++i) LMLOG_INFO("{}", std::string_view(text).substr(0, (first * 8 + i * i) % 60));
    (void)Check(Ring());
  }
}

TEST_F(FlightRecorderTest, TakesTheLongestRecordThatFitsBehindAHeadAndCountsALongerOne) {
  Open({.max_string = kBytes});
  const std::uint64_t longest = formats::max_record_bytes_overwriting(kBytes, kSub);
  const std::string text(kBytes, 'z');
  const auto log = [&](std::uint64_t bytes) { LMLOG_INFO("{}", std::string_view(text).substr(0, bytes - 20)); };
  for (int i = 0; i < 30; ++i) log(longest);
  EXPECT_EQ(Check(Ring()).index, 30u);
  log(longest + 8);
  log(24);
  const auto state = Check(Ring());
  EXPECT_EQ(state.index, 31u);
  EXPECT_EQ(state.losses[static_cast<std::size_t>(LossReason::too_large)], 1u) << "said before the next record";
  for (int i = 0; i < 30; ++i) log(longest);
  const auto later = Check(Ring());
  EXPECT_EQ(later.index, 61u);
  EXPECT_EQ(later.losses, state.losses) << "every later head says it too";
}

TEST_F(FlightRecorderTest, CountsRecordsThatAreLongerThanAShortOne) {
  Session session({.service = "large", .ring_bytes = 1 << 20, .policy = Policy::overwrite, .max_string = 1 << 20});
  const std::string text(40'000, 'l');
  for (int i = 0; i < 60; ++i) LMLOG_INFO("{}", text);
  const auto ring = read_ring(folder_.path() + '/' + session.id() + ".0.ring");
  std::uint64_t index = 0;
  for (const auto& record : ring.records) {
    if (const auto head = formats::parse_sub_buffer(view_of(record))) {
      if (index != 0) {
        EXPECT_EQ(head->state.index, index);
      }
      index = head->state.index;
    } else if (record.id >= formats::kFirstStatementId) {
      ++index;
    }
  }
  EXPECT_EQ(index, 60u);
}

TEST_F(FlightRecorderTest, GoesOnWhereSomebodyWroteOverItsRecords) {
  Open();
  for (int i = 0; i < 5; ++i) LMLOG_INFO("before {}", i);
  const auto ordinary = Ring().ordinary();
  write_u32(Path(), formats::kRingDataOffset + ordinary.back().position + 12,
            formats::pack_id_and_length(ordinary.back().id, 8));
  for (int i = 0; i < 20'000; ++i) LMLOG_INFO("after {}", i);
  const auto ring = Ring();
  EXPECT_GT(ring.ordinary().size(), 1000u);
  EXPECT_EQ(ring.ordinary().back().position + ring.ordinary().back().length, ring.head);
}

TEST_F(FlightRecorderTest, TellsThreadClockAndSortKeyInEveryHead) {
  Open({.clock = Clock::user_ns});
  // Times that go up and down: the sort key is their maximum.
  for (std::uint64_t i = 0; i < 9000; ++i) LMLOG_INFO_AT(1'000'000 + i * 10 - i % 7 * 60, "{}", i);
  const auto state = Check(Ring());
  EXPECT_EQ(state.index, 9000u);
  EXPECT_EQ(state.thread.tid, static_cast<std::uint32_t>(::gettid()));
  EXPECT_EQ(state.clock_kind, static_cast<std::uint32_t>(formats::ClockKind::user_ns));
}

TEST_F(FlightRecorderTest, GoesFromThreadToThreadWithOneIndex) {
  Open();
  for (int thread = 0; thread < 8; ++thread) {
    std::thread([] {
      for (int i = 0; i < 1000; ++i) LMLOG_INFO("one of many {}", i);
    }).join();
    const auto state = Check(Ring());
    ASSERT_EQ(state.index, 1000u * (thread + 1));
    ASSERT_EQ(state.thread.epoch, static_cast<std::uint32_t>(thread + 1));
  }
  EXPECT_EQ(folder_.files(".ring").size(), 1u);
}

TEST_F(FlightRecorderTest, HeedsNoTail) {
  Open();
  for (int i = 0; i < 10'000; ++i) {
    LMLOG_INFO("no tail {}", i);
    if (i % 1000 == 0) write_tail(Path(), formats::TailLine::of(8u * static_cast<unsigned>(i), 0));
  }
  EXPECT_EQ(Check(Ring()).index, 10'000u);
}

TEST_F(FlightRecorderTest, LeavesARetiredSession) {
  Open();
  LMLOG_INFO("before");
  write_u32(Path(), formats::kRingRetiredOffset, 1);
  // Noticed where the thread comes to its slow path, a page of records later at most.
  for (int i = 0; i < 1000; ++i) LMLOG_INFO("after {}", i);
  EXPECT_NE(session_->id(), id_);
  EXPECT_EQ(session_->losses(), LossCounts{});
}

}  // namespace
}  // namespace lmlog::testing
