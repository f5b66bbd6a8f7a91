// SPDX-License-Identifier: Apache-2.0
// Draining: what producers wrote comes into the archive once, and broken or hostile rings stop nobody else.
#include "collector/drain/drain.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/collector/support/collected.hpp"

namespace lmlog::collector::testing {
namespace {

using formats::ArgType;
using formats::LossReason;

class Drained : public Collected {
 protected:
  static std::vector<std::string> first_arguments(const Archived& archived) {
    std::vector<std::string> out;
    for (const auto& record : archived.records) out.push_back(record.arguments.at(0));
    return out;
  }
};

TEST_F(Drained, BringsRecordsIntoTheArchiveWithTheirValues) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("order {a} by {b} at {c}", {ArgType::i64, ArgType::string, ArgType::f64});
  auto& ring = session.ring();
  // Fixed arguments stand before strings, whatever their order in the call.
  ring.write(id, 1000, Body().fixed(std::int64_t{-5}).fixed(48.25).text("ann").bytes());
  ring.write(id, 2000, Body().fixed(std::int64_t{7}).fixed(0.5).text("").bytes());
  collector.start();
  collector.step();
  const auto archived = finish();
  ASSERT_EQ(archived.records.size(), 2u);
  EXPECT_EQ(archived.records[0].time, 1000u);
  EXPECT_EQ(archived.records[0].arguments.at(0), std::to_string(static_cast<std::uint64_t>(-5)));
  EXPECT_EQ(archived.records[0].arguments.at(1), "ann");
  EXPECT_EQ(archived.records[1].arguments.at(1), "");
}

TEST_F(Drained, ReleasesTheTailAndCountsTheStatementsBelowIt) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  for (int i = 0; i < 5; ++i) ring.write(id, 10, number(i));
  collector.start();
  collector.step();
  EXPECT_TRUE(ring.tail().is_whole());
  EXPECT_EQ(ring.tail().tail, ring.head);
  EXPECT_EQ(ring.tail().drained, 5u);
}

TEST_F(Drained, FollowsARingAroundItsWrapManyTimes) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a} {b}", {ArgType::i64, ArgType::string});
  auto& ring = session.ring();
  collector.start();
  std::vector<std::string> expected;
  for (int i = 0; i < 20'000; ++i) {
    ring.write(id, 10 + static_cast<std::uint64_t>(i),
               Body().fixed(std::int64_t{i}).text(std::string(static_cast<std::size_t>(i) % 61, 'x')).bytes());
    expected.push_back(std::to_string(i));
    if (i % 300 == 0) collector.step();
  }
  EXPECT_GT(ring.head, 15 * ring.descriptor.data_bytes);
  EXPECT_EQ(first_arguments(finish()), expected);
}

TEST_F(Drained, TakesStatementsThatAreEnteredLater) {
  HandMadeSession session(rings.path());
  auto& ring = session.ring();
  collector.start();
  collector.step(2);
  for (int i = 0; i < 3; ++i) {
    const auto id = session.statement("late " + std::to_string(i) + " {a}", {ArgType::i64});
    ring.write(id, 10, number(i));
    collector.step();
  }
  EXPECT_EQ(first_arguments(finish()), (std::vector<std::string>{"0", "1", "2"}));
}

TEST_F(Drained, FindsSessionsAndRingsThatAppearLater) {
  collector.start();
  collector.step();
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  session.ring().write(id, 10, number(1));
  collector.step_for(2 * kNsPerSecond);
  session.ring().write(id, 10, number(2));
  collector.step_for(2 * kNsPerSecond);
  EXPECT_EQ(collector.collector->status().rings, 2u);
  EXPECT_EQ(first_arguments(finish()), (std::vector<std::string>{"1", "2"}));
}

TEST_F(Drained, KeepsTheRecordsBeforeABrokenOneAndReportsTheRest) {
  HandMadeSession broken(rings.path());
  HandMadeSession fine(rings.path());
  const auto id = broken.statement("n {a}", {ArgType::i64});
  (void)fine.statement("n {a}", {ArgType::i64});
  auto& ring = broken.ring();
  ring.write(id, 10, number(1));
  const auto at = ring.write(id, 10, number(2));
  ring.write(id, 10, number(3));
  ring.file.put(formats::kRingDataOffset + at + 8, std::uint32_t{0xDEADBEEF});  // the stamp
  fine.ring().write(id, 10, number(4));
  collector.start();
  collector.step(3);
  const auto status = collector.collector->status();
  ASSERT_EQ(status.quarantined.size(), 1u);
  EXPECT_NE(status.quarantined[0].second.find("stamp"), std::string::npos);
  EXPECT_EQ(ring.tail().tail, at);
  const auto archived = finish();
  EXPECT_EQ(archived.records.size(), 2u);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::corrupt)), 1u);
}

TEST_F(Drained, ReportsACorruptionOnceWhateverHowOftenItIsStarted) {
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  const auto at = ring.write(id, 10, number(1));
  ring.file.put(formats::kRingDataOffset + at + 8, std::uint32_t{1});
  for (int i = 0; i < 3; ++i) {
    collector.start();
    collector.step_for(2 * kNsPerSecond);
    if (i == 0) {
      collector.kill();
    } else {
      EXPECT_TRUE(collector.end());
    }
  }
  collector.start();
  EXPECT_EQ(finish().lost.at(static_cast<std::uint32_t>(LossReason::corrupt)), 1u);
}

TEST_F(Drained, QuarantinesFlightRecordersWhoseFloorCannotBe) {
  for (const std::uint64_t floor : {std::uint64_t{100}, std::uint64_t{4 * 8192}}) {  // no sub-buffer; above the head
    HandMadeSession session(rings.path());
    auto& ring = session.ring();
    ring.file.put(76, static_cast<std::uint32_t>(formats::RingPolicy::overwrite));
    ring.file.put(80, std::uint64_t{8192});
    ring.write(session.statement("n {a}", {ArgType::i64}), 10, number(1));
    ring.file.put(formats::kFloorOffset, floor);
    collector.start();
    collector.step(3);
    const auto status = collector.collector->status();
    ASSERT_EQ(status.quarantined.size(), 1u);
    EXPECT_NE(status.quarantined[0].second.find("floor"), std::string::npos) << status.quarantined[0].second;
    EXPECT_TRUE(collector.end());
    std::filesystem::remove(ring.file.path());
    std::filesystem::remove(session.file.path());
  }
}

/// Each breaks a ring that holds one good record and one more, whose position is given.
struct Attack {
  const char* name;
  void (*make)(HandMadeSession&, HandMadeRing&, std::uint64_t at);
  const char* reason;
  std::size_t kept = 1;  // of its two records
};

class HostileRing : public Drained, public ::testing::WithParamInterface<Attack> {};

TEST_P(HostileRing, IsQuarantinedAndStopsNobodyElse) {
  HandMadeSession hostile(rings.path());
  HandMadeSession fine(rings.path());
  const auto id = hostile.statement("n {a}", {ArgType::i64});
  (void)fine.statement("n {a}", {ArgType::i64});
  auto& ring = hostile.ring();
  ring.write(id, 10, number(1));
  collector.start();
  collector.step(2);
  const auto at = ring.write(id, 10, number(2));
  GetParam().make(hostile, ring, at);
  collector.step(3);
  fine.ring().write(id, 10, number(4));
  collector.step_for(2 * kNsPerSecond);
  const auto status = collector.collector->status();
  ASSERT_EQ(status.quarantined.size(), 1u);
  EXPECT_NE(status.quarantined[0].second.find(GetParam().reason), std::string::npos) << status.quarantined[0].second;
  EXPECT_FALSE(status.last_error.empty());
  const auto archived = finish();
  ASSERT_EQ(archived.records.size(), GetParam().kept + 1);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::corrupt)), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileRing,
    ::testing::Values(
        Attack{"HeadGoesBack", [](auto&, auto& ring, auto) { ring.file.put(formats::kHeadOffset, std::uint64_t{8}); },
               "head"},
        Attack{"HeadIsOdd", [](auto&, auto& ring, auto) { ring.file.put(formats::kHeadOffset, ring.head + 3); },
               "head"},
        Attack{"HeadRunsAhead",
               [](auto&, auto& ring, auto) {
                 ring.file.put(formats::kHeadOffset, ring.head + 2 * ring.descriptor.data_bytes);
               },
               "head"},
        Attack{"HeadIsBeyondTheRecords",
               [](auto&, auto& ring, auto) { ring.file.put(formats::kHeadOffset, ring.head + 64); }, "stamp", 2},
        Attack{"FileIsCut", [](auto&, auto& ring, auto) { ring.file.resize(4096 + 8); }, "cut"},
        Attack{"FileIsEmpty", [](auto&, auto& ring, auto) { ring.file.resize(0); }, "cut"},
        Attack{"StatementIsUnknown",
               [](auto&, auto& ring, auto at) {
                 ring.file.put(formats::kRingDataOffset + at + 12, formats::pack_id_and_length(999, 24));
               },
               "not in the catalog"},
        Attack{"CatalogIsBrokenWhereItsStatementShouldBe",
               [](auto& session, auto& ring, auto at) {
                 ring.file.put(formats::kRingDataOffset + at + 12, formats::pack_id_and_length(65, 24));
                 const auto end = session.file.template get<std::uint64_t>(formats::kCatalogHeadOffset);
                 session.file.put(session.descriptor.catalog_offset + end, std::uint64_t{3});
                 session.file.put(formats::kCatalogHeadOffset, end + 8);
               },
               "catalog"},
        Attack{"LengthIsTooShortForTheArguments",
               [](auto&, auto& ring, auto at) {
                 ring.file.put(formats::kRingDataOffset + at + 12, formats::pack_id_and_length(64, 16));
               },
               "shorter than its arguments"},
        Attack{"LengthGoesBehindTheHead",
               [](auto&, auto& ring, auto at) {
                 ring.file.put(formats::kRingDataOffset + at + 12, formats::pack_id_and_length(64, 4096));
               },
               "length"},
        Attack{"KindIsUnknown",
               [](auto&, auto& ring, auto at) {
                 ring.file.put(formats::kRingDataOffset + at + 12, formats::pack_id_and_length(20, 24));
               },
               "kind"},
        Attack{"StateRecordIsMalformed",
               [](auto&, auto& ring, auto at) {
                 ring.file.put(formats::kRingDataOffset + at + 12, formats::pack_id_and_length(6, 24));
                 ring.file.put(formats::kRingDataOffset + at + 16, std::uint64_t{77});
               },
               "malformed state record"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Drained, ReadsLaterWhatCannotBeReadForAMoment) {
  for (std::uint64_t call = 1;; call += kCallStride) {
    SCOPED_TRACE(call);
    const ScratchFolder folder;
    SteppedCollector one(archive.path() + "/" + std::to_string(call), folder.path());
    one.files.has_watch = false;
    HandMadeSession session(folder.path());
    const auto id = session.statement("n {a}", {ArgType::i64});
    auto& ring = session.ring();
    std::vector<std::string> expected;
    const auto write = [&](std::uint32_t statement, int count) {
      for (int i = 0; i < count; ++i) {
        ring.write(statement, 10, number(static_cast<std::int64_t>(expected.size())));
        expected.push_back(std::to_string(expected.size()));
      }
    };
    one.start();
    one.step();
    write(id, 2'500);  // 60,000 of 65,536 bytes
    one.step();
    auto& disk = *one.files.disk;
    disk.scope = folder.path() + "/";
    disk.fail_at = call;
    write(id, 500);  // over the wrap
    write(session.statement("m {a}", {ArgType::i64}), 500);
    one.step_for(kNsPerSecond);
    const bool has_failed = disk.calls >= call;
    disk.fail_at.reset();
    one.step_for(2 * kNsPerSecond);
    EXPECT_TRUE(one.collector->status().quarantined.empty());
    ASSERT_TRUE(one.end());
    ASSERT_EQ(first_arguments(read_archive(archive.path() + "/" + std::to_string(call))), expected);
    if (!has_failed) break;
  }
}

/// A ring of which one turn takes a part: half a MiB.
class LargeRing : public Drained {
 protected:
  void write(int count) {
    for (int i = 0; i < count; ++i) {
      ring.write(id, 10, Body().fixed(next).text(std::string(static_cast<std::size_t>(next % 89), 'x')).bytes());
      expected.push_back(std::to_string(next++));
    }
  }

  HandMadeSession session{rings.path(), {.ring_bytes = std::uint64_t{1} << 20}};
  std::uint32_t id = session.statement("n {a} {b}", {ArgType::i64, ArgType::string});
  HandMadeRing& ring = session.ring();
  std::int64_t next = 0;
  std::vector<std::string> expected;
};

TEST_F(LargeRing, IsTakenInStretchesThatEndWithinARecord) {
  write(10'000);
  collector.start();
  collector.step(3);
  EXPECT_EQ(ring.tail().tail, ring.head);
  EXPECT_EQ(first_arguments(finish()), expected);
}

TEST_F(LargeRing, WhoseFirstRecordIsBrokenIsQuarantinedThoughMoreThanAStretchWaits) {
  collector.start();
  collector.step();
  const auto at = ring.head;
  write(10'000);
  ring.file.put(formats::kRingDataOffset + at + 8, std::uint32_t{0xDEADBEEF});
  collector.step_for(kNsPerSecond);
  const auto status = collector.collector->status();
  ASSERT_EQ(status.quarantined.size(), 1u);
  EXPECT_NE(status.quarantined[0].second.find("stamp"), std::string::npos);
}

TEST_F(Drained, SaysThatARingHasNoSession) {
  HandMadeSession session(rings.path());
  session.ring();
  std::filesystem::remove(session.file.path());
  collector.start();
  collector.step();
  EXPECT_FALSE(collector.said("session file is not there")) << "the folder may have been read too early";
  collector.step_for(2 * kNsPerSecond);
  EXPECT_TRUE(
      collector.said("session file is not there, and without it nothing can be read; remove it when no process"));
  EXPECT_EQ(collector.collector->status().quarantined.size(), 1u);
  EXPECT_EQ(rings.names().size(), 1u);
}

TEST_F(Drained, SlowsAUserAboveTheQuotaAndLosesNothing) {
  collector.config.bytes_per_second = 10'000;
  HandMadeSession session(rings.path());
  const auto id = session.statement("n {a}", {ArgType::i64});
  auto& ring = session.ring();
  std::vector<std::string> expected;
  for (int i = 0; i < 2000; ++i) {
    ring.write(id, 10, number(i));  // 24 bytes
    expected.push_back(std::to_string(i));
  }
  collector.start();
  collector.step(5);
  const auto first = ring.tail().tail;
  EXPECT_LT(first, ring.head + 1);
  for (int i = 0; i < 500; ++i) ring.write(id, 10, number(0));
  collector.step(5);
  EXPECT_EQ(ring.tail().tail, first) << "the second's worth is spent";
  for (int i = 0; i < 500; ++i) expected.emplace_back("0");
  EXPECT_EQ(first_arguments(finish()), expected);
}

TEST_F(Drained, RefusesStatementsBeyondTheQuotaAndCountsTheirRecords) {
  collector.config.sites_per_session = 1;
  HandMadeSession session(rings.path());
  const auto allowed = session.statement("n {a}", {ArgType::i64});
  const auto refused = session.statement("m {a}", {ArgType::i64});
  auto& ring = session.ring();
  ring.write(allowed, 10, number(1));
  ring.write(refused, 10, number(2));
  ring.write(refused, 10, number(3));
  ring.write(allowed, 10, number(4));
  collector.start();
  collector.step();
  EXPECT_EQ(ring.tail().tail, ring.head);
  collector.step_for(3 * kNsPerSecond);
  const auto archived = finish();
  EXPECT_EQ(first_arguments(archived), (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::quarantined)), 2u);
}

TEST_F(Drained, ServesOnlySoManyRingsOfAUser) {
  collector.config.rings_per_uid = 2;
  HandMadeSession session(rings.path());
  for (int i = 0; i < 3; ++i) session.ring();
  collector.start();
  collector.step(2);
  const auto status = collector.collector->status();
  EXPECT_EQ(status.rings, 2u);
  ASSERT_EQ(status.quarantined.size(), 1u);
  EXPECT_NE(status.quarantined[0].second.find("rings_per_uid"), std::string::npos);
}

}  // namespace
}  // namespace lmlog::collector::testing
