// SPDX-License-Identifier: Apache-2.0
// How soon ends and records are noticed, in passes and simulated time, and what asking costs; a living session is never
// taken for a dead one.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "collector/drain/ring_rounds.hpp"
#include "tests/collector/support/collected.hpp"

namespace lmlog::collector::testing {
namespace {

using formats::ArgType;

class Noticing : public Collected {
 protected:
  /// A pause of the drain and a pass, again and again until the rings folder is empty; the time that took.
  std::int64_t time_until_gone(std::int64_t pause = kNsPerMs / 2) {
    const std::int64_t begin = collector.clock.monotonic_ns();
    while (!rings.names().empty() && collector.clock.monotonic_ns() - begin < 10 * kNsPerSecond) {
      collector.clock.advance(pause);
      collector.step();
    }
    return collector.clock.monotonic_ns() - begin;
  }
  void add_sessions(int count) {
    for (int i = 0; i < count; ++i) {
      sessions.push_back(std::make_unique<HandMadeSession>(rings.path()));
      const auto id = sessions.back()->statement("n {a}", {ArgType::i64});
      sessions.back()->ring().write(id, 10, number(i));
    }
  }

  std::vector<std::unique_ptr<HandMadeSession>> sessions;
};

TEST_F(Noticing, FindsDeadProducersAsSoonAsEachWasAskedForItsLock) {
  add_sessions(20);
  collector.start();
  collector.step_for(5 * kNsPerSecond);
  collector.lives.kill_all();
  EXPECT_LE(time_until_gone(), 4 * kNsPerMs) << "1 ms until each was asked, and a few passes";
  EXPECT_EQ(finish().records.size(), 20u);
}

TEST_F(Noticing, FindsADeathThatIsToldInTheNextPasses) {
  add_sessions(20);
  collector.lives.allow_telling();
  collector.start();
  collector.step_for(5 * kNsPerSecond);
  collector.lives.kill_all();
  collector.lives.tell_all_ends();
  EXPECT_LE(time_until_gone(), 2 * kNsPerMs);
  EXPECT_EQ(finish().records.size(), 20u);
}

TEST_F(Noticing, FindsADeathThatShouldHaveBeenToldAndWasNot) {
  add_sessions(20);
  collector.lives.allow_telling();
  collector.start();
  collector.step_for(5 * kNsPerSecond);
  collector.lives.kill_all();
  EXPECT_LE(time_until_gone(), 120 * kNsPerMs);
}

TEST_F(Noticing, WatchesAProcessAsSoonAsItsSessionIsThereHoweverManyOthersThereAre) {
  add_sessions(400);
  collector.lives.allow_telling();
  collector.start();
  collector.step_for(5 * kNsPerSecond);
  EXPECT_EQ(collector.lives.watched(), 400u);
  add_sessions(1);
  const HandMadeRing& ring = *sessions.back()->rings.front();
  for (int i = 0; i < 3000 && ring.tail().tail != ring.head; ++i) {
    collector.clock.advance(kNsPerMs);
    collector.step();
  }
  EXPECT_EQ(ring.tail().tail, ring.head) << "the first pass with it";
  EXPECT_EQ(collector.lives.watched(), 401u);
}

TEST_F(Noticing, BelievesTheLockWhenAnEndIsToldThatWasNone) {
  add_sessions(3);
  collector.lives.allow_telling();
  collector.start();
  collector.step(2);
  for (int i = 0; i < 100; ++i) {
    collector.lives.tell_all_ends();
    collector.step_for(kNsPerSecond);
  }
  EXPECT_EQ(rings.names().size(), 6u);
  for (const auto& session : sessions) EXPECT_FALSE(session->is_retired());
}

TEST_F(Noticing, WaitsForAProcessThatLostItsLockWhateverWasToldBefore) {
  add_sessions(1);
  collector.lives.allow_telling();
  collector.start();
  collector.step(2);
  collector.lives.tell_all_ends();  // of another process, perhaps: the lock is held after it
  collector.step_for(kNsPerSecond);
  collector.lives.unlock_all();
  collector.step_for(30 * kNsPerSecond);
  EXPECT_TRUE(sessions[0]->is_retired());
  EXPECT_EQ(rings.names().size(), 2u) << "it may be in the middle of a call";
}

TEST_F(Noticing, AsksFewerTimesASecondThanSessionsWouldLike) {
  add_sessions(300);
  collector.start();
  collector.step(2);
  const auto before = collector.lives.asked();
  for (int i = 0; i < 250; ++i) {
    collector.clock.advance(4 * kNsPerMs);
    collector.step();
  }
  EXPECT_LE(collector.lives.asked() - before, 20'250u) << "one for each 50 µs, and one for each pass";
  collector.lives.kill_all();
  EXPECT_LE(time_until_gone(), 20 * kNsPerMs) << "15 ms for 300, and a few passes";
}

TEST_F(Noticing, ServesAsManySessionsOfOneRingAsTheQuotaNames) {
  collector.config.rings_per_uid = 5;
  add_sessions(5);
  collector.start();
  collector.step(2);
  EXPECT_EQ(collector.collector->status().rings, 5u);
  sessions.front()->ring();
  collector.step_for(2 * kNsPerSecond);
  EXPECT_EQ(collector.collector->status().rings, 5u) << "one more is one too many";
  sessions.erase(sessions.begin());
}

TEST_F(Noticing, TakesWhatARestingRingGetsWithinItsTurn) {
  add_sessions(1);
  auto& session = *sessions.front();
  const auto id = session.statement("m {a}", {ArgType::i64});
  constexpr int kRings = 400;
  for (int i = 1; i < kRings; ++i) session.ring();
  collector.start();
  collector.step_for(3 * kNsPerSecond);  // all rest now
  for (auto& ring : session.rings) ring->write(id, 20, number(1));
  // Two passes of 200, in no time at all.
  collector.step(2);
  for (auto& ring : session.rings) EXPECT_EQ(ring->tail().tail, ring->head);
  // Awake, they are read in each pass.
  for (auto& ring : session.rings) ring->write(id, 30, number(2));
  collector.step();
  for (auto& ring : session.rings) EXPECT_EQ(ring->tail().tail, ring->head);
}

TEST(RingRounds, ReadRestingRingsInTurnAndForgetThoseThatGo) {
  AttachedSession session;
  AttachedSession other;
  std::vector<std::unique_ptr<AttachedRing>> rings;
  RingRounds rounds;
  for (int i = 0; i < 1'000; ++i) {
    rings.push_back(std::make_unique<AttachedRing>());
    rounds.add(i < 900 ? session : other, *rings.back());
  }
  std::int64_t now = 100 * kNsPerSecond;
  const auto reads = [&](std::int64_t after, bool all = false) {
    now += after;
    int count = 0;
    rounds.pass(now, all, [&](AttachedSession&, AttachedRing&) {
      ++count;
      return RingRounds::Read::nothing;
    });
    return count;
  };
  EXPECT_EQ(reads(0), 1'000) << "all are awake";
  EXPECT_EQ(reads(0), RingRounds::kAlwaysRead);
  EXPECT_EQ(reads(400 * RingRounds::kRestingReadNs), 400);
  EXPECT_EQ(reads(kNsPerSecond), 1'000);
  EXPECT_EQ(reads(0, true), 1'000);
  rounds.forget([&](const AttachedSession& one) { return &one == &session; });
  EXPECT_EQ(reads(0), 100);
}

}  // namespace
}  // namespace lmlog::collector::testing
