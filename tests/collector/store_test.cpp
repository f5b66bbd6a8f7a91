// SPDX-License-Identifier: Apache-2.0
// Parts of the store by themselves: names, anchors, and the living journal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <lmlog/formats/journal_reader.hpp>
#include <lmlog/formats/ticks.hpp>

#include "collector/store/anchor_history.hpp"
#include "collector/store/archive_layout.hpp"
#include "collector/store/journal.hpp"
#include "tests/collector/support/hand_made_session.hpp"
#include "tests/collector/support/stepped_collector.hpp"

namespace lmlog::collector::testing {
namespace {

TEST(ArchiveLayout, GivesNamesThatSortByTimeAndSequence) {
  formats::Id128 id;
  id.bytes[0] = 0x8f;
  EXPECT_EQ(segment_file_name(1'795'470'255'123'456'789, 42, id), "20261123T214415.123Z-0000000042-8f000000.lms");
  EXPECT_EQ(ArchiveLayout("/a").service_folder(formats::Tier::hot, "../x y"), "/a/hot/%2E.%2Fx%20y");
}

TEST(ArchiveLayout, KnowsJournalFilesByTheirNames) {
  EXPECT_EQ(journal_sequence_of("00000000000000ff.lmj"), 255u);
  EXPECT_FALSE(journal_sequence_of("ff.lmj"));
  EXPECT_FALSE(journal_sequence_of("00000000000000fg.lmj"));
  EXPECT_FALSE(journal_sequence_of("00000000000000ff.lms"));
}

formats::Anchor anchor_at(std::int64_t ns, std::int64_t step = 0) {
  return {static_cast<std::uint64_t>(ns) * 3, 1'700'000'000'000'000'000 + ns + step, ns};
}

TEST(AnchorHistory, NeedsTwoAnchorsForAClockThatRunsEvenly) {
  AnchorHistory history(anchor_at(0));
  for (int second = 1; second <= 60; ++second) history.add(anchor_at(second * kNsPerSecond));
  EXPECT_EQ(history.for_block().size(), 2u);
}

TEST(AnchorHistory, KeepsTheAnchorsAroundAStep) {
  AnchorHistory history(anchor_at(0));
  for (int second = 1; second <= 60; ++second)
    history.add(anchor_at(second * kNsPerSecond, second > 30 ? 5 * kNsPerSecond : 0));
  const auto kept = history.for_block();
  EXPECT_EQ(kept.size(), 4u);
  const formats::TickConverter converter(kept);
  for (const int second : {1, 17, 29, 32, 45, 59}) {
    const auto expected = anchor_at(second * kNsPerSecond, second > 30 ? 5 * kNsPerSecond : 0);
    EXPECT_LE(std::abs(converter.to_ns(expected.tsc) - expected.realtime_ns), 100) << second;
  }
}

TEST(AnchorHistory, SurvivesAnchorsThatMakeNoSense) {
  AnchorHistory history(anchor_at(1));
  history.add({1, INT64_MIN, 0});
  history.add({~std::uint64_t{0}, INT64_MAX, 0});
  history.add({std::uint64_t{1} << 63, 0, 0});
  EXPECT_GE(history.for_block().size(), 2u);
}

TEST(AnchorHistory, IsBoundedAndKeepsTheFirst) {
  AnchorHistory history(anchor_at(5));
  for (int i = 0; i < 100'000; ++i) history.add(anchor_at(1000 + i, i % 2 == 0 ? 1'000'000 : 0));
  const auto kept = history.for_block();
  EXPECT_LE(kept.size(), 4096u);
  EXPECT_EQ(kept.front().tsc, anchor_at(5).tsc);
}

class LivingJournal : public ::testing::Test {
 protected:
  LivingJournal() { EXPECT_TRUE(files.make_folder(layout.journal_folder(), 0700)); }

  void append_range(std::uint64_t from, std::size_t bytes) {
    journal.declare(mark, 0, session.descriptor, {});
    journal.writer().range(mark.number, session.descriptor.session_id, 1 << 20, from, from + bytes, {},
                           std::vector<std::byte>(bytes));
  }
  std::size_t sessions_in(std::uint64_t sequence) {
    const auto file = files.open(layout.journal_file(sequence), OpenFor::reading);
    auto reader = formats::JournalReader::open(**file);
    std::size_t sessions = 0;
    for (auto entry = reader->next(); entry && *entry; entry = reader->next())
      if ((*entry)->type == formats::JournalEntryType::session) ++sessions;
    return sessions;
  }

  ScratchFolder rings;
  ScratchFolder folder;
  FailingFiles files;
  ManualClock clock;
  ArchiveLayout layout{folder.path()};
  Journal journal{files, clock, layout, 7, Durability::write};
  HandMadeSession session{rings.path()};
  JournalMark mark;
};

TEST_F(LivingJournal, MakesNoFileWhileThereIsNothingToWrite) {
  ASSERT_TRUE(journal.flush());
  EXPECT_EQ(journal.front().bytes, 0u);
  EXPECT_FALSE(files.info(layout.journal_file(7)));
}

TEST_F(LivingJournal, DeclaresASessionTwiceInEachFile) {
  append_range(0, 64);
  append_range(64, 64);
  ASSERT_TRUE(journal.flush());
  EXPECT_EQ(sessions_in(7), 2u) << "one may be damaged";
  append_range(128, Journal::kFileBytes / 4);
  append_range(256, Journal::kFileBytes / 4);
  append_range(384, Journal::kFileBytes / 4);
  append_range(512, Journal::kFileBytes / 4);
  ASSERT_TRUE(journal.flush());
  journal.turn_over(kNsPerSecond);
  EXPECT_EQ(journal.front().sequence, 8u);
  append_range(1024, 64);
  ASSERT_TRUE(journal.flush());
  EXPECT_EQ(sessions_in(8), 2u);
}

TEST_F(LivingJournal, ShowsItsFollowerOnlyWhatWasWrittenAsAWhole) {
  append_range(0, 64);
  ASSERT_TRUE(journal.flush());
  const auto before = journal.front();
  append_range(64, 4096);
  files.fail_writes_to("/journal/");
  EXPECT_FALSE(journal.flush());
  EXPECT_EQ(journal.front().bytes, before.bytes);
  files.fail_writes_to("");
  ASSERT_TRUE(journal.flush());
  EXPECT_GT(journal.front().bytes, before.bytes + 4096);
  const auto file = files.open(layout.journal_file(7), OpenFor::reading);
  auto reader = formats::JournalReader::open(**file);
  std::uint64_t to = 0;
  for (auto entry = reader->next(); entry && *entry; entry = reader->next()) to = (*entry)->to;
  EXPECT_EQ(to, 64u + 4096u);
  EXPECT_TRUE(reader->damage().empty());
}

TEST_F(LivingJournal, GoesOnInANewFileWhenTheOldOneHasAged) {
  append_range(0, 128 << 10);
  ASSERT_TRUE(journal.flush());
  journal.turn_over(kNsPerSecond);
  EXPECT_EQ(journal.front().sequence, 7u);
  clock.advance(2 * kNsPerSecond);
  journal.turn_over(kNsPerSecond);
  EXPECT_EQ(journal.front().sequence, 8u);
}

TEST_F(LivingJournal, ShowsItsFollowerOnlyWhatIsSafeWhereItSyncs) {
  Journal synced{files, clock, layout, 20, Durability::fsync};
  const auto append = [&](std::uint64_t from) {
    synced.declare(mark, 0, session.descriptor, {});
    synced.writer().range(mark.number, session.descriptor.session_id, 1 << 20, from, from + 64, {},
                          std::vector<std::byte>(64));
    return synced.flush();
  };
  ASSERT_TRUE(append(0));
  EXPECT_EQ(synced.front().bytes, 0u);
  ASSERT_TRUE(synced.sync());
  const auto safe = synced.front();
  EXPECT_EQ(safe.bytes, files.info(layout.journal_file(20))->bytes);

  // The sync fails, and at first the file cannot be cut either.
  ASSERT_TRUE(append(64));
  files.disk->scope = folder.path();
  files.disk->fails_for_good = true;
  files.disk->fail_at = 1;
  EXPECT_FALSE(synced.sync());
  EXPECT_FALSE(append(128));
  EXPECT_EQ(synced.front().sequence, 20u);
  EXPECT_EQ(synced.front().bytes, safe.bytes);
  EXPECT_FALSE(files.info(layout.journal_file(21)));
  files.disk->fail_at.reset();
  ASSERT_TRUE(synced.flush());
  EXPECT_EQ(files.info(layout.journal_file(20))->bytes, safe.bytes) << "what was not safe is in the next one";
  EXPECT_EQ(synced.front().sequence, 21u);
  EXPECT_EQ(synced.front().bytes, 0u);
  ASSERT_TRUE(synced.sync());
  EXPECT_EQ(synced.front().bytes, files.info(layout.journal_file(21))->bytes);
  EXPECT_EQ(sessions_in(21), 2u);
  EXPECT_TRUE(files.disk->promises_broken.empty());
}

TEST_F(LivingJournal, DeclaresACatalogOfAnyLengthAndNothingThatIsNone) {
  std::vector<std::byte> catalog;
  for (std::uint32_t id = formats::kFirstStatementId; catalog.size() < std::size_t{9} << 20; ++id) {
    const auto entry = statement_entry(id, std::string(10'000, 'f'), {});
    catalog.insert(catalog.end(), entry.begin(), entry.end());
  }
  const std::size_t whole = catalog.size();
  catalog.resize(whole + 64);
  journal.declare(mark, 0, session.descriptor, catalog);
  EXPECT_EQ(mark.catalog_bytes, whole);
  ASSERT_TRUE(journal.flush());
  const auto file = files.open(layout.journal_file(7), OpenFor::reading);
  auto reader = formats::JournalReader::open(**file);
  std::uint64_t next = 0;
  std::size_t pieces = 0;
  for (auto entry = reader->next(); entry && *entry; entry = reader->next()) {
    if ((*entry)->type != formats::JournalEntryType::catalog) continue;
    EXPECT_TRUE(std::equal((*entry)->bytes.begin(), (*entry)->bytes.end(),
                           catalog.begin() + static_cast<std::ptrdiff_t>((*entry)->catalog_offset)));
    next = std::max(next, (*entry)->catalog_offset + (*entry)->bytes.size());
    ++pieces;
  }
  EXPECT_EQ(next, whole);
  EXPECT_EQ(pieces, 2u * 3u) << "each twice";
}

TEST_F(LivingJournal, StaysInItsFileWhileSomethingWaits) {
  append_range(0, 128 << 10);
  ASSERT_TRUE(journal.flush());
  clock.advance(2 * kNsPerSecond);
  append_range(128 << 10, 64);
  journal.turn_over(kNsPerSecond);
  EXPECT_EQ(journal.front().sequence, 7u);
  ASSERT_TRUE(journal.flush());
  journal.turn_over(kNsPerSecond);
  EXPECT_EQ(journal.front().sequence, 8u);
}

TEST_F(LivingJournal, LosesNothingWhenAfterAFailedSyncAnyOtherCallFails) {
  for (std::uint64_t call = 1;; call += kCallStride) {
    SCOPED_TRACE(call);
    const ScratchFolder place;
    FailingFiles disk_of_its_own;
    const ArchiveLayout there{place.path()};
    ASSERT_TRUE(disk_of_its_own.make_folder(there.journal_folder(), 0700));
    Journal synced{disk_of_its_own, clock, there, 20, Durability::fsync};
    JournalMark own;
    std::uint64_t next = 0;
    const auto append = [&] {
      synced.declare(own, 0, session.descriptor, {});
      synced.writer().range(own.number, session.descriptor.session_id, 1 << 20, next, next + 64, {},
                            std::vector<std::byte>(64));
      next += 64;
    };
    append();
    ASSERT_TRUE(synced.flush());
    ASSERT_TRUE(synced.sync());
    auto& disk = *disk_of_its_own.disk;
    disk.scope = place.path();
    disk.fail_at = 2;
    append();
    ASSERT_TRUE(synced.flush());
    append();  // waits while the file is synced
    EXPECT_FALSE(synced.sync());
    disk.fail_at = disk.calls + call;
    for (int i = 0; i < 4; ++i) {
      append();
      if (synced.flush()) (void)synced.sync();
    }
    const bool has_failed = disk.calls >= *disk.fail_at;
    disk.fail_at.reset();
    append();
    ASSERT_TRUE(synced.flush());
    ASSERT_TRUE(synced.sync());
    // All that is safe, file after file: each file says of which session it is.
    std::uint64_t to = 0;
    for (std::uint64_t sequence = 20; sequence <= synced.front().sequence; ++sequence) {
      const auto file = disk_of_its_own.open(there.journal_file(sequence), OpenFor::reading);
      if (!file) continue;
      auto reader = formats::JournalReader::open(**file);
      if (!reader) continue;  // cut to nothing
      bool is_declared = false;
      for (auto entry = reader->next(); entry && *entry; entry = reader->next()) {
        is_declared |= (*entry)->type == formats::JournalEntryType::session;
        if ((*entry)->type != formats::JournalEntryType::range) continue;
        EXPECT_TRUE(is_declared);
        EXPECT_LE((*entry)->from, to) << "nothing is missing";
        to = std::max(to, (*entry)->to);
      }
      EXPECT_TRUE(reader->damage().empty());
    }
    EXPECT_EQ(to, next);
    EXPECT_TRUE(disk.promises_broken.empty());
    if (!has_failed) break;
  }
}

}  // namespace
}  // namespace lmlog::collector::testing
