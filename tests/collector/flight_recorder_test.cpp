// SPDX-License-Identifier: Apache-2.0
// Rings with the policy overwrite, written by hand: what is jumped over, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include <lmlog/formats/sub_buffer.hpp>

#include "tests/collector/support/collected.hpp"

namespace lmlog::collector::testing {
namespace {

using formats::ArgType;
using formats::LossReason;
using ::testing::IsEmpty;

constexpr std::uint64_t kSubBytes = formats::kMinRingBytes / formats::kSubBuffers;
constexpr auto kOverwritten = static_cast<std::uint32_t>(LossReason::overwritten);

class FlightRecorder : public Collected {
 protected:
  /// As many records as go into the sub-buffer; a pad goes behind them.
  std::uint64_t fill_sub_buffer() {
    std::uint64_t records = 0;
    for (; kSubBytes - ring.head % kSubBytes >= formats::record_length(8) + formats::kRecordHeaderBytes; ++records)
      write();
    return records;
  }

  void write() { ring.write(id, time++, number(next++)); }

  HandMadeSession session{rings.path(), {.policy = formats::RingPolicy::overwrite}};
  std::uint32_t id = session.statement("n {a}", {ArgType::i64});
  HandMadeRing& ring = session.ring();
  std::uint64_t time = 10;
  std::int64_t next = 0;
};

TEST_F(FlightRecorder, ThatRunsAwayLosesWhatWasOverwrittenAndSaysHowMuch) {
  collector.start();
  const std::uint64_t first = fill_sub_buffer();
  collector.step(2);
  ring.enter_sub_buffer(time, 0);
  const std::uint64_t lost = fill_sub_buffer();
  ring.enter_sub_buffer(time, 2 * kSubBytes);
  write();
  collector.step(2);
  const auto archived = finish();
  EXPECT_EQ(archived.records.size(), first + 1);
  EXPECT_EQ(archived.lost, (std::map<std::uint32_t, std::uint64_t>{{kOverwritten, lost}}));
  ASSERT_EQ(archived.losses.size(), 1u);
  EXPECT_EQ(archived.losses[0].cursor, 2 * kSubBytes + formats::kJumpCursor);
  EXPECT_THAT(archived.damage, IsEmpty());
  EXPECT_THAT(collector.sentences, IsEmpty());
}

TEST_F(FlightRecorder, WhoseOverwrittenBytesAreAPadLostNothing) {
  collector.start();
  const std::uint64_t first = fill_sub_buffer();
  collector.step(2);
  ring.enter_sub_buffer(time, kSubBytes);
  write();
  collector.step(2);
  const auto archived = finish();
  EXPECT_EQ(archived.records.size(), first + 1);
  EXPECT_TRUE(archived.lost.empty());
  EXPECT_THAT(archived.damage, IsEmpty());
  EXPECT_THAT(collector.sentences, IsEmpty());
}

TEST_F(FlightRecorder, GoesOnBehindAPadThatWasOverwrittenAfterTheCollectorsDeath) {
  collector.start();
  const std::uint64_t first = fill_sub_buffer();
  collector.step(2);
  ring.enter_sub_buffer(time, kSubBytes);
  write();
  collector.step(2);
  collector.kill();
  collector.start();
  write();
  collector.step(2);
  const auto archived = finish();
  EXPECT_EQ(archived.records.size(), first + 2);
  EXPECT_TRUE(archived.lost.empty());
  EXPECT_THAT(archived.damage, IsEmpty());
  EXPECT_THAT(collector.sentences, IsEmpty());
}

/// One whose producer writes on while the collector reads it.
class MovingRecorder : public FlightRecorder {
 protected:
  /// Calls `move` before the floor is read the second time of a turn.
  void before_the_second_look(std::function<void()> move) {
    collector.files.disk->before_read = [this, move = std::move(move), looks = 0](const std::string& path,
                                                                                  std::uint64_t offset) mutable {
      if (path == ring.file.path() && offset == formats::kFloorOffset && ++looks % 2 == 0) move();
    };
  }
  void put_floor(std::uint64_t floor) { ring.file.put(formats::kFloorOffset, floor); }
  void expect_quarantined(const std::string& why) {
    const auto status = collector.collector->status();
    ASSERT_EQ(status.quarantined.size(), 1u);
    EXPECT_NE(status.quarantined[0].second.find(why), std::string::npos) << status.quarantined[0].second;
  }
};

TEST_F(MovingRecorder, IsReadAgainWhenAllThatWasReadIsOverwrittenMeanwhile) {
  collector.start();
  collector.step();
  fill_sub_buffer();
  bool has_moved = false;
  before_the_second_look([&] {
    if (std::exchange(has_moved, true)) return;
    ring.enter_sub_buffer(time, kSubBytes);
    write();
  });
  collector.step(3);
  EXPECT_TRUE(has_moved);
  EXPECT_TRUE(collector.collector->status().quarantined.empty());
  const auto archived = finish();
  EXPECT_EQ(archived.records.size(), 1u);
  EXPECT_EQ(archived.lost,
            (std::map<std::uint32_t, std::uint64_t>{{kOverwritten, static_cast<std::uint64_t>(next - 1)}}));
}

TEST_F(MovingRecorder, WhoseFloorRunsAwayForEverIsQuarantined) {
  collector.start();
  collector.step();
  write();
  before_the_second_look([&] { put_floor(kSubBytes); });
  for (int i = 0; i < 12'000 && collector.collector->status().quarantined.empty(); ++i) {
    put_floor(0);
    collector.step_for(100 * kNsPerMs);
  }
  expect_quarantined("its floor runs away");
}

TEST_F(MovingRecorder, WhoseHeadIsTooFarAheadOfTheFloorIsWaitedForAndThenQuarantined) {
  collector.start();
  collector.step();
  write();
  const std::uint64_t far_ahead = ring.head + formats::kMinRingBytes;
  ring.file.put(formats::kHeadOffset, far_ahead);
  collector.step_for(kNsPerSecond);
  EXPECT_TRUE(collector.collector->status().quarantined.empty()) << "the floor may be on its way";
  for (int i = 0; i < 12'000 && collector.collector->status().quarantined.empty(); ++i)
    collector.step_for(100 * kNsPerMs);
  expect_quarantined("is impossible with the floor");
}

TEST_F(MovingRecorder, WhoseSubBufferBeginsWithARecordIsQuarantined) {
  collector.start();
  collector.step();
  fill_sub_buffer();
  ring.enter_sub_buffer(time, kSubBytes);
  ring.file.put(formats::kRingDataOffset + kSubBytes + 12, formats::pack_id_and_length(id, ring.head % kSubBytes));
  collector.step_for(kNsPerSecond);
  expect_quarantined("does not begin with its head");
}

TEST_F(MovingRecorder, WhoseSubBufferBeginsWithNothingIsQuarantined) {
  collector.start();
  collector.step();
  fill_sub_buffer();
  ring.enter_sub_buffer(time, kSubBytes);
  ring.file.put(formats::kRingDataOffset + kSubBytes + 8, std::uint32_t{0xDEADBEEF});
  collector.step_for(kNsPerSecond);
  expect_quarantined("does not begin with its head");
}

TEST_F(MovingRecorder, WhoseHeadOfASubBufferWasReadInPartIsReadAgain) {
  constexpr std::uint64_t kLargeBytes = std::uint64_t{2} << 20;
  constexpr std::uint64_t kLargeSubBytes = kLargeBytes / formats::kSubBuffers;
  HandMadeSession large(rings.path(), {.ring_bytes = kLargeBytes, .policy = formats::RingPolicy::overwrite});
  const auto statement = large.statement("n {a} {b}", {ArgType::i64, ArgType::string});
  auto& fast = large.ring();
  collector.start();
  collector.step(2);
  // A turn takes a MiB from here on, which ends some bytes behind the beginning of a sub-buffer.
  const std::uint64_t from = fast.head;
  std::int64_t written = 0;
  for (std::uint64_t end = kLargeSubBytes; end <= kLargeBytes - kLargeSubBytes; end += kLargeSubBytes) {
    while (end - fast.head % kLargeBytes >= 1100) {
      fast.write(statement, 10, Body().fixed(written++).text(std::string(1000, 'x')).bytes());
    }
    fast.enter_sub_buffer(11, 0);
  }
  const std::uint64_t stretch_end = from + kLargeBytes / 2;
  ASSERT_LT(stretch_end % kLargeSubBytes, 1000u);
  collector.files.disk->before_read = [&, looks = 0](const std::string& path, std::uint64_t offset) mutable {
    if (path == fast.file.path() && offset == formats::kFloorOffset && ++looks == 2)
      fast.file.put(formats::kFloorOffset, stretch_end / kLargeSubBytes * kLargeSubBytes);
  };
  collector.step(4);
  EXPECT_TRUE(collector.collector->status().quarantined.empty());
  const auto archived = finish();
  EXPECT_THAT(archived.damage, IsEmpty());
  EXPECT_EQ(archived.records.size() + archived.lost.at(kOverwritten), static_cast<std::size_t>(written));
}

}  // namespace
}  // namespace lmlog::collector::testing
