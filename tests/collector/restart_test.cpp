// SPDX-License-Identifier: Apache-2.0
// Exactly once over restarts: the archive is the truth, the tail is only flow control
// (docs/decisions/journal-before-tail.md).
#include "collector/collector.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/collector/support/restarted.hpp"

namespace lmlog::collector::testing {
namespace {

namespace fs = std::filesystem;
using formats::ArgType;
using formats::LossReason;

TEST_F(Restarted, GoesOnFromTheJournal) {
  collector.start();
  write(10);
  collector.step();
  ASSERT_EQ(journal_files().size(), 1u);
  collector.kill();
  write(10);
  collector.start();
  collector.step();
  expect_all();
  EXPECT_TRUE(journal_files().empty());
}

TEST_F(Restarted, GoesOnFromSegments) {
  collector.start();
  write(10);
  expect_all();
  write(10);
  collector.start();
  collector.step();
  expect_all();
}

TEST_F(Restarted, DoesNotTrustTheTail) {
  collector.start();
  write(10);
  collector.step();
  collector.kill();
  // It died between the journal and the answer.
  ring.file.put(formats::kTailOffset, formats::TailLine::of(0, 0));
  write(5);
  collector.start();
  collector.step();
  EXPECT_EQ(ring.tail().tail, ring.head);
  expect_all();
  // The same with everything in segments.
  ring.file.put(formats::kTailOffset, formats::TailLine::of(0, 0));
  write(5);
  collector.start();
  collector.step();
  expect_all();
}

TEST_F(Restarted, AnswersFromTheArchiveWhenThereIsNothingNew) {
  collector.start();
  write(10);
  collector.step();
  collector.kill();
  ring.file.put(formats::kTailOffset, formats::TailLine::of(0, 0));
  collector.start();
  collector.step();
  EXPECT_EQ(ring.tail().tail, ring.head);
  EXPECT_EQ(ring.tail().drained, 10u);
}

TEST_F(Restarted, BeginsAnUnknownRingAtItsTail) {
  write(10);
  const auto tail = ring.head;
  ring.file.put(formats::kTailOffset, formats::TailLine::of(tail, 10));  // drained into another archive
  write(3);
  collector.start();
  collector.step();
  ASSERT_TRUE(collector.end());
  EXPECT_EQ(read_archive(archive.path()).records.size(), 3u);
  EXPECT_EQ(ring.tail().drained, 13u);
}

TEST_F(Restarted, RefusesAnUnknownRingWhoseTailIsTorn) {
  write(3);
  ring.file.put(formats::kTailOffset + 8, std::uint64_t{5});
  collector.start();
  collector.step();
  EXPECT_TRUE(collector.said("tail is torn"));
  EXPECT_EQ(collector.collector->status().rings, 0u);
}

TEST_F(Restarted, CutsATornJournalAndTakesTheRestFromTheRing) {
  collector.start();
  write(10);
  collector.step();
  const auto file = journal_files().at(0);
  const auto whole = fs::file_size(file);
  write(10);
  collector.step();
  collector.kill();
  // Died in the middle of the second append, so the tail was not answered.
  fs::resize_file(file, whole + (fs::file_size(file) - whole) / 2);
  ring.file.put(formats::kTailOffset, formats::TailLine::of(0, 0));
  collector.start();
  EXPECT_EQ(fs::file_size(file), whole);
  collector.step();
  expect_all();
}

TEST_F(Restarted, RemovesAJournalFileThatHasNoHeaderYet) {
  collector.start();
  write(10);
  expect_all();
  std::ofstream(archive.path() + "/journal/00000000000000ff.lmj") << "LMLOG";
  collector.start();
  EXPECT_TRUE(journal_files().empty());
  write(2);
  collector.step();
  EXPECT_EQ(journal_files().at(0).filename(), "0000000000000100.lmj");
  expect_all();
}

TEST_F(Restarted, ClosesASegmentThatWasLeftOpen) {
  collector.config.hot_block_records = 4;
  collector.start();
  write(10);
  collector.step();
  collector.kill();
  ASSERT_EQ(segments().size(), 1u);
  const auto before = fs::file_size(segments()[0]);
  collector.start();
  EXPECT_GT(fs::file_size(segments()[0]), before) << "the footer";
  write(3);
  collector.step();
  expect_all();
}

TEST_F(Restarted, CutsABlockThatWasWrittenInPart) {
  collector.config.hot_block_records = 4;
  collector.start();
  write(10);
  collector.step();
  collector.kill();
  const auto segment = segments().at(0);
  fs::resize_file(segment, fs::file_size(segment) - 20);
  collector.start();
  collector.step();
  expect_all();
}

TEST_F(Restarted, RemovesASegmentThatHasNothingInIt) {
  collector.start();
  write(4);
  expect_all();
  const auto empty = segments().at(0).parent_path() / "20990101T000000.000Z-0000000099-00000000.lms";
  std::ofstream(empty).flush();
  collector.start();
  EXPECT_FALSE(fs::exists(empty));
  expect_all();
}

TEST_F(Restarted, TakesABlockAnewWhoseColumnsDidNotReachTheDisk) {
  collector.config.hot_block_records = 4;
  collector.start();
  write(14);
  collector.step();
  collector.kill();
  // The file has its length, and the directory of its last block is good.
  const auto segment = segments().at(0);
  std::fstream(segment, std::ios::in | std::ios::out | std::ios::binary)
          .seekp(static_cast<std::streamoff>(fs::file_size(segment)) - 16)
      << std::string(16, '\0');
  collector.start();
  EXPECT_TRUE(collector.said("is taken from the journal again"));
  collector.step();
  EXPECT_TRUE(expect_all().damage.empty());
}

TEST_F(Restarted, RemovesASegmentWhoseFirstBlockWasNeverWritten) {
  collector.start();
  write(4);
  expect_all();
  const auto unfinished = segments().at(0).parent_path() / "20990101T000000.000Z-0000000099-00000000.lms.tmp";
  std::ofstream(unfinished) << "the beginning of a header";
  collector.start();
  EXPECT_FALSE(fs::exists(unfinished));
  expect_all();
}

TEST_F(Restarted, DoesNotStartWhereAServicesFolderCannotBeLookedAt) {
  collector.start();
  write(4);
  expect_all();
  collector.files.unreachable = "/hot/svc";
  EXPECT_THROW(collector.start(), std::runtime_error);
  collector.files.unreachable.clear();
  collector.start();
  expect_all();
}

TEST_F(Restarted, LeavesAFileThatIsNoSegmentAloneAndSaysSo) {
  collector.start();
  write(4);
  expect_all();
  const auto foreign = segments().at(0).parent_path() / "note.lms";
  std::ofstream(foreign) << std::string(4096, 'x');
  collector.start();
  EXPECT_TRUE(fs::exists(foreign));
  EXPECT_TRUE(collector.said("note.lms cannot be read and is left alone"));
  fs::remove(foreign);
  expect_all();
}

TEST_F(Restarted, NeverGivesASequenceNumberTwice) {
  for (int i = 0; i < 4; ++i) {
    collector.start();
    write(3);
    if (i == 3) break;
    expect_all();
  }
  const auto archived = expect_all();
  ASSERT_EQ(archived.segments.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(archived.segments[i].sequence, i);
}

TEST_F(Restarted, CarriesQuietRingsFromCheckpointToCheckpoint) {
  collector.start();
  write(3);
  expect_all();
  auto& other = session.ring();
  for (int i = 0; i < 2; ++i) {
    collector.start();
    other.write(id, 10, Body().fixed(std::int64_t{written++}).bytes());
    expect_all();
  }
  const auto archived = read_archive(archive.path());
  ASSERT_EQ(archived.checkpoints.size(), 3u);
  for (std::size_t i = 1; i < 3; ++i) {
    const auto& checkpoint = archived.checkpoints[i];
    const auto found = std::find_if(checkpoint.begin(), checkpoint.end(),
                                    [&](const auto& place) { return place.ring == ring.descriptor.ring_id; });
    ASSERT_NE(found, checkpoint.end());
    EXPECT_EQ(found->position, ring.head);
    EXPECT_EQ(found->state.thread.name, "worker");
  }
}

TEST_F(Restarted, ReportsEachLossOnce) {
  const auto full = static_cast<std::uint32_t>(LossReason::ring_full);
  collector.start();
  write(2);
  ring.count_loss(LossReason::ring_full, 3);
  collector.step_for(3 * kNsPerSecond);
  collector.kill();
  collector.start();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(expect_all().lost.at(full), 3u);
  collector.start();
  collector.step_for(3 * kNsPerSecond);
  session.count_loss(LossReason::no_ring, 2);
  collector.step_for(3 * kNsPerSecond);
  collector.kill();
  collector.start();
  collector.step_for(3 * kNsPerSecond);
  expect_all();
  ring.count_loss(LossReason::ring_full, 4);
  collector.lives.kill_all();
  collector.start();
  collector.step_for(kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  const auto archived = expect_all();
  EXPECT_EQ(archived.lost.at(full), 4u);
  EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(LossReason::no_ring)), 2u);
}

TEST_F(Restarted, TakesADeadSessionOnItsWayOutUpAgain) {
  collector.start();
  write(10);
  collector.step();
  collector.lives.kill_all();
  // It dies after the ends are in the journal, before the files are gone: the files come back.
  const std::string copy = archive.path() + "/copy";
  fs::create_directory(copy);
  for (const auto& name : rings.names()) fs::copy(rings.path() + "/" + name, copy + "/" + name);
  collector.step_for(kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  collector.kill();
  for (const auto& entry : fs::directory_iterator(copy))
    fs::copy(entry.path(), rings.path() + "/" + entry.path().filename().string());
  collector.start();
  collector.step_for(kNsPerSecond);
  EXPECT_TRUE(rings.names().empty());
  expect_all();
}

TEST_F(Restarted, RefusesARingThatIsBehindTheArchive) {
  collector.start();
  write(10);
  expect_all();
  ring.file.put(formats::kHeadOffset, std::uint64_t{64});
  collector.start();
  collector.step(2);
  EXPECT_TRUE(collector.said("impossible at position"));
}

TEST_F(Restarted, HoldsTheTailBackWhileTheJournalCannotBeWritten) {
  collector.start();
  write(5);
  collector.step();
  const auto released = ring.tail().tail;
  write(5);
  collector.files.fail_writes_to("/journal/");
  collector.step_for(5 * kNsPerSecond);
  EXPECT_EQ(ring.tail().tail, released);
  EXPECT_TRUE(collector.said("the journal cannot be written"));
  EXPECT_TRUE(collector.said("No space left on device"));
  collector.files.fail_writes_to("");
  collector.step_for(5 * kNsPerSecond);
  EXPECT_EQ(ring.tail().tail, ring.head);
  EXPECT_TRUE(collector.said("the journal can be written again"));
  expect_all();
}

TEST_F(Restarted, KeepsTheJournalWhileSegmentsCannotBeWritten) {
  collector.config.hot_block_records = 4;
  collector.start();
  write(10);
  collector.files.fail_writes_to(".lms");
  collector.step_for(2 * kNsPerSecond);
  EXPECT_TRUE(collector.said("segments cannot be written"));
  EXPECT_EQ(ring.tail().tail, ring.head) << "the journal has it";
  write(10);
  collector.step();
  collector.files.fail_writes_to("");
  collector.step_for(2 * kNsPerSecond);
  EXPECT_TRUE(collector.said("segments can be written again"));
  expect_all();
}

TEST_F(Restarted, DrainsNothingBelowTheFreeSpaceToKeep) {
  collector.config.min_free = 1000;
  collector.files.free = 999;
  collector.start();
  write(5);
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(ring.tail().tail, 0u);
  EXPECT_TRUE(collector.said("min_free"));
  collector.files.free = 1000;
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(ring.tail().tail, ring.head);
  expect_all();
}

TEST_F(Restarted, WithFsyncReleasesTheTailAfterTheSyncAlone) {
  collector.config.durability = Durability::fsync;
  collector.config.flush_interval_ms = 500;
  collector.start();
  collector.step();
  collector.clock.advance(600 * kNsPerMs);
  write(5);
  collector.step();
  EXPECT_EQ(ring.tail().tail, ring.head) << "the interval was over";
  write(5);
  const auto released = ring.tail().tail;
  collector.clock.advance(100 * kNsPerMs);
  collector.step();
  EXPECT_EQ(ring.tail().tail, released);
  collector.clock.advance(500 * kNsPerMs);
  collector.step();
  EXPECT_EQ(ring.tail().tail, ring.head);
  expect_all();
}

TEST_F(Restarted, ClosesSegmentsBySizeAndByAge) {
  collector.config.hot_block_records = 4;
  collector.config.segment_bytes = 1;
  collector.start();
  write(6);  // and the ring's two state records: two blocks
  collector.step();
  EXPECT_EQ(expect_all().segments.size(), 2u);
  collector.config.segment_bytes = 1 << 20;
  collector.config.segment_age_ns = 10 * kNsPerSecond;
  collector.start();
  write(4);
  collector.step_for(11 * kNsPerSecond);
  write(4);
  collector.step();
  EXPECT_EQ(expect_all().segments.size(), 4u);
}

TEST_F(Restarted, CutsABlockWhenItIsOld) {
  collector.config.block_seconds = 5;
  collector.start();
  write(3);
  collector.step_for(4 * kNsPerSecond);
  EXPECT_TRUE(segments().empty());
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(segments().size(), 1u);
  expect_all();
}

TEST_F(Restarted, RefusesAFolderThatAnotherCollectorServes) {
  collector.start();
  SteppedCollector second(archive.path(), rings.path());
  EXPECT_THROW(
      {
        try {
          second.start();
        } catch (const std::runtime_error& error) {
          EXPECT_NE(std::string(error.what()).find("is served by another lmlog-collector"), std::string::npos);
          throw;
        }
      },
      std::runtime_error);
}

}  // namespace
}  // namespace lmlog::collector::testing
