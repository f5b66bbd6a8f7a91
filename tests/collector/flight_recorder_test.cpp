// SPDX-License-Identifier: Apache-2.0
// Rings with the policy overwrite, written by hand: what is jumped over, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>

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

}  // namespace
}  // namespace lmlog::collector::testing
