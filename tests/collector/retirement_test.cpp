// SPDX-License-Identifier: Apache-2.0
// Ends of sessions: emptied, accounted for, removed in the right order; a living one never is.
#include "collector/drain/retirement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/collector/support/collected.hpp"

namespace lmlog::collector::testing {
namespace {

using formats::ArgType;
using formats::LossReason;

class Ends : public Collected {};

TEST_F(Ends, RemoveADeadSessionsRingsFirstAndTheSessionLast) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  session.ring().write(id, 10, number(1));
  session.ring().write(id, 10, number(2));
  collector.lives.kill_all();
  collector.start();
  collector.step_for(kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  EXPECT_TRUE(session.is_retired());
  EXPECT_TRUE(session.rings[0]->is_retired());
  std::vector<std::string> removed;
  std::copy_if(collector.files.removed.begin(), collector.files.removed.end(), std::back_inserter(removed),
               [&](const auto& path) { return path.starts_with(rings.path()); });
  ASSERT_EQ(removed.size(), 3u);
  EXPECT_TRUE(removed[0].ends_with(".ring"));
  EXPECT_TRUE(removed[2].ends_with(".session"));
  EXPECT_EQ(finish().records.size(), 2u);
}

TEST_F(Ends, WaitForAFolderThatCannotBeListed) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  session.ring().write(id, 10, number(1));
  collector.files.has_watch = false;
  collector.start();
  collector.step_for(2 * kNsPerSecond);
  session.ring().write(id, 10, number(2));  // made just before the end, and not seen yet
  collector.files.unreachable = rings.path();
  collector.lives.kill_all();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(rings.names().size(), 3u);
  collector.files.unreachable.clear();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  EXPECT_EQ(finish().records.size(), 2u);
}

TEST_F(Ends, DoNotRemoveARingWhoseOwnerCannotBeTold) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  session.ring().write(id, 10, number(1));
  session.ring().write(id, 10, number(2));
  collector.files.unreachable = ".1.ring";
  collector.lives.kill_all();
  collector.start();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(rings.names().size(), 2u);
  collector.files.unreachable.clear();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  EXPECT_EQ(finish().records.size(), 2u);
}

TEST_F(Ends, LeaveALivingSessionAlone) {
  HandMadeSession session(rings.path());
  session.ring();
  collector.start();
  collector.step_for(120 * kNsPerSecond);
  EXPECT_EQ(rings.names().size(), 2u);
  EXPECT_FALSE(session.is_retired());
}

TEST_F(Ends, LeaveAClosedSessionAloneWhileAThreadHasARing) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  session.close();
  collector.start();
  collector.step_for(120 * kNsPerSecond);
  EXPECT_EQ(rings.names().size(), 2u);
  ring.write(id, 10, number(1));  // the last call of a thread that was in the middle of it
  ring.set_free();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  EXPECT_EQ(finish().records.size(), 1u);
}

TEST_F(Ends, RemoveAClosedSessionWhoseLivingProcessLetItGo) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  ring.write(id, 10, number(1));
  ring.set_free();
  session.close();
  collector.start();
  collector.lives.unlock_all();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty()) << "nobody will write into it: the process need not end";
  EXPECT_EQ(finish().records.size(), 1u);
}

TEST_F(Ends, RemoveAClosedSessionAtOnceWhenItsProcessIsGone) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  ring.write(id, 10, number(1));
  ring.set_free();
  session.close();
  collector.start();
  collector.lives.kill_all();
  collector.step_for(kNsPerSecond / 2);
  EXPECT_TRUE(rings.names().empty()) << "a drain of what is left does not wait";
  EXPECT_EQ(finish().records.size(), 1u);
}

TEST_F(Ends, DrainAProcessThatLostItsLockButLives) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  collector.start();
  collector.step(2);
  collector.lives.unlock_all();
  collector.step_for(5 * kNsPerSecond);
  EXPECT_TRUE(session.is_retired()) << "so that its slow path leaves";
  EXPECT_EQ(rings.names().size(), 2u) << "it may still be in its fast path";
  ring.write(id, 10, number(1));
  collector.step_for(30 * kNsPerSecond);
  EXPECT_EQ(rings.names().size(), 2u);
  collector.step_for(40 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  EXPECT_EQ(finish().records.size(), 1u);
}

TEST_F(Ends, WriteTheLossesThatADeadProducerCountedAndDidNotReport) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  ring.write(id, 10, number(1));
  ring.write_loss_record(11, {{LossReason::ring_full, 3}});
  ring.count_loss(LossReason::ring_full, 5);
  ring.count_loss(LossReason::too_large, 1);
  session.count_loss(LossReason::no_ring, 2);
  collector.lives.kill_all();
  collector.start();
  collector.step_for(kNsPerSecond);
  const auto archived = finish();
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::ring_full)), 5u);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::too_large)), 1u);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::no_ring)), 2u);
  const auto cursor_of = [&](const formats::Id128& which) {
    const auto found = std::find_if(archived.losses.begin(), archived.losses.end(),
                                    [&](const auto& loss) { return loss.ring == which; });
    return found == archived.losses.end() ? 0 : found->cursor;
  };
  ASSERT_EQ(archived.losses.size(), 2u);
  EXPECT_EQ(cursor_of(ring.descriptor.ring_id), ring.head + 2);
  EXPECT_EQ(cursor_of(session.descriptor.session_id), 16u);
}

TEST_F(Ends, ReportTheLossesOfAnIdleProducerOnceForAPosition) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  ring.write(id, 10, number(1));
  ring.count_loss(LossReason::too_large, 4);
  collector.start();
  collector.step_for(3 * kNsPerSecond);
  ring.count_loss(LossReason::too_large, 6);  // the head stands still: waits for the next record or the end
  collector.step_for(3 * kNsPerSecond);
  const auto before = ring.head;
  ring.write_loss_record(12, {{LossReason::too_large, 6}});
  ring.write(id, 13, number(2));
  collector.step_for(3 * kNsPerSecond);
  const auto archived = finish();
  ASSERT_EQ(archived.losses.size(), 1u);
  EXPECT_EQ(archived.losses[0].cursor, before + 1);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::too_large)), 6u);
}

TEST_F(Ends, CountWhatAQuarantinedSessionLeavesUnread) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& broken = session.ring();
  auto& other = session.ring();
  collector.start();
  collector.step(2);
  broken.file.put(formats::kHeadOffset, std::uint64_t{3});
  collector.step(2);
  other.write(id, 10, number(1));
  collector.step(2);
  collector.lives.kill_all();
  collector.step_for(kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  const auto archived = finish();
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::corrupt)), 1u);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::quarantined)), 1u);
}

TEST_F(Ends, KeepRingsThatCouldNotBeServedWithTheirSessionAndReportThemOnce) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  session.ring().write(id, 10, number(1));
  auto& cut = session.ring();
  cut.file.resize(6000);
  auto& garbled = session.ring();
  const std::string garbage(4096 - 64, '\xff');
  garbled.file.write(64, garbage.data(), garbage.size());
  collector.lives.kill_all();
  for (const std::uint64_t news : {2u, 0u, 0u}) {
    collector.start();
    collector.step_for(5 * kNsPerSecond);
    EXPECT_EQ(rings.names().size(), 3u) << "both, and the session file";
    const auto status = collector.collector->status();
    EXPECT_EQ(status.losses[static_cast<std::size_t>(LossReason::corrupt)], news);
    ASSERT_EQ(status.quarantined.size(), 2u);
    EXPECT_EQ(status.quarantined[0].first, cut.file.path());
    EXPECT_FALSE(status.quarantined[0].second.empty());
    EXPECT_EQ(status.quarantined[1].first, garbled.file.path());
    const auto begun = collector.clock.monotonic_ns();
    const auto archived = finish();
    EXPECT_LT(collector.clock.monotonic_ns() - begun, kNsPerSecond) << "the end does not wait for them";
    EXPECT_EQ(archived.records.size(), 1u);
    ASSERT_EQ(archived.losses.size(), 1u) << "not again at each start";
    EXPECT_EQ(archived.losses[0].ring, session.descriptor.session_id);
    EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::corrupt)), 2u);
  }
  collector.start();
  collector.step_for(2 * kNsPerSecond);
  for (const auto* ring : {&cut, &garbled}) std::filesystem::remove(ring->file.path());
  collector.step_for(2 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty()) << "nothing needs the session file any more";
}

TEST_F(Ends, DrainAKeptRingWhenItCanBeServed) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  ring.write(id, 10, number(1));
  auto newer = ring.descriptor;
  newer.major += 1;
  ring.file.put(0, newer);
  collector.lives.kill_all();
  collector.start();
  collector.step_for(5 * kNsPerSecond);
  EXPECT_EQ(rings.names().size(), 2u);
  EXPECT_EQ(collector.collector->status().losses, formats::LossCounts{}) << "a newer version reads it";
  ring.file.put(0, ring.descriptor);
  collector.step_for(5 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  EXPECT_EQ(finish().records.size(), 1u);
}

TEST_F(Ends, RemoveUnfinishedFilesOfDeadMakersWhenTheyAreOld) {
  const std::string path = rings.path() + "/svc.1." + std::string(32, 'a') + ".session.tmp";
  std::ofstream(path) << "half";
  collector.lives.kill_all();
  collector.start();
  collector.step();
  EXPECT_EQ(rings.names().size(), 0u) << "its time is far in the past of the test's clock";
}

TEST_F(Ends, KeepUnfinishedFilesThatAreNew) {
  const std::string path = rings.path() + "/svc.1." + std::string(32, 'a') + ".session.tmp";
  std::ofstream(path) << "half";
  const auto now = std::chrono::nanoseconds(collector.clock.realtime_ns() - 5 * kNsPerSecond);
  const auto since_epoch = std::chrono::file_clock::from_sys(std::chrono::sys_time<std::chrono::nanoseconds>(now));
  std::filesystem::last_write_time(
      path, std::chrono::time_point_cast<std::filesystem::file_time_type::duration>(since_epoch));
  collector.lives.kill_all();
  collector.start();
  collector.step();
  EXPECT_EQ(rings.names().size(), 1u);
  collector.step_for(10 * kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
}

}  // namespace
}  // namespace lmlog::collector::testing
