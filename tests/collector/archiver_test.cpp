// SPDX-License-Identifier: Apache-2.0
// The archiver between a journal and a disk that are not as they should be: what it can read is archived once, and what
// it cannot is said.
#include "collector/store/archiver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <lmlog/formats/journal_writer.hpp>
#include <lmlog/formats/segment_reader.hpp>

#include "collector/store/fresh_copy.hpp"
#include "tests/collector/support/restarted.hpp"

namespace lmlog::collector::testing {
namespace {

namespace fs = std::filesystem;
using formats::ArgType;

class Archiving : public Restarted {
 protected:
  /// A journal file as an earlier collector may have left it.
  void leave_journal(const formats::JournalWriter& writer) const {
    const auto bytes = writer.bytes();
    std::ofstream(archive.path() + "/journal/00000000000000f0.lmj", std::ios::binary)
        << std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  static std::vector<std::byte> bytes_of(const Poked& file, std::uint64_t offset, std::uint64_t count) {
    std::ifstream in(file.path(), std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    std::vector<std::byte> out(static_cast<std::size_t>(count));
    in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(count));
    return out;
  }

  ScratchFolder folder_of_others;
};

TEST_F(Archiving, OfMoreServicesThanMayHaveAnOpenSegmentClosesTheOldest) {
  constexpr int kServices = 300;
  collector.config.block_seconds = 1;
  std::vector<std::unique_ptr<HandMadeSession>> sessions;
  for (int i = 0; i < kServices; ++i) {
    sessions.push_back(
        std::make_unique<HandMadeSession>(rings.path(), SessionShape{.service = "s" + std::to_string(i)}));
    const auto statement = sessions.back()->statement("n {a}", {ArgType::i64});
    sessions.back()->ring().write(statement, 10, number(i));
  }
  collector.start();
  collector.step_for(3 * kNsPerSecond);
  int closed = 0;
  for (const auto& path : segments()) {
    PosixFileSystem files;
    const auto file = files.open(path.string(), OpenFor::reading);
    closed += formats::SegmentReader::open(**file).value().has_footer() ? 1 : 0;
  }
  EXPECT_GE(closed, kServices - 256);
  // Of those that are gone nothing is kept in memory, and they may come again.
  collector.lives.kill_all();
  collector.step_for(20 * kNsPerSecond);
  EXPECT_TRUE(collector.end());
  const auto archived = read_archive(archive.path());
  EXPECT_EQ(archived.records.size(), static_cast<std::size_t>(kServices));
  EXPECT_EQ(archived.segments.size(), static_cast<std::size_t>(kServices) + 1)
      << "one is that of the fixture's session";
}

TEST_F(Archiving, CutsTheLargestBlockWhereMemoryEnds) {
  collector.config.memory = 100'000;
  HandMadeSession quiet(rings.path(), {.service = "quiet"});
  const auto statement = quiet.statement("n {a}", {ArgType::i64});
  collector.start();
  quiet.ring().write(statement, 10, number(0));
  for (int i = 0; i < 10; ++i) {
    write(2'000);
    collector.step();
  }
  EXPECT_LT(collector.collector->status().pending_records, 6'000u);
  EXPECT_EQ(segments().size(), 1u) << "of the one that has nearly all";
  const auto archived = finish();
  EXPECT_EQ(archived.records.size(), static_cast<std::size_t>(written) + 1);
}

TEST_F(Archiving, GoesOnBehindAJournalFileThatSomebodyRemovedOrSpoiled) {
  for (const bool is_removed : {true, false}) {
    collector.config.block_seconds = 1;
    collector.start();
    collector.files.fail_writes_to("/hot/");
    std::vector<fs::path> files;
    for (int file = 0; file < 3; ++file) {
      for (int i = 0; i < 6; ++i) {
        write(1'000);  // more than 64 KiB in all
        collector.step_for(100 * kNsPerMs);
      }
      collector.step_for(4 * kNsPerSecond);  // and older than the two ages of a block
    }
    files = journal_files();
    std::sort(files.begin(), files.end());
    ASSERT_GE(files.size(), 3u);
    if (is_removed) {
      fs::remove(files[1]);
    } else {
      Poked file(files[1].string());
      for (std::uint64_t at = 0; at < fs::file_size(files[1]); at += 8) file.put(at, std::uint64_t{0});
    }
    collector.files.fail_writes_to("");
    collector.step_for(kNsPerSecond);
    EXPECT_TRUE(collector.said("cannot be read and is left alone"));
    const auto archived = finish();
    EXPECT_GT(archived.records.size(), 0u);
    EXPECT_EQ(archived.records.back().arguments.at(0), std::to_string(written - 1));
    if (!is_removed) fs::remove(files[1]);
  }
}

TEST_F(Archiving, KeepsAJournalFileUntilItCanBeRemoved) {
  collector.files.unremovable = ".lmj";
  collector.start();
  write(10);
  collector.step();
  ASSERT_TRUE(collector.end());
  EXPECT_TRUE(collector.said("cannot remove"));
  EXPECT_EQ(journal_files().size(), 1u);
  collector.files.unremovable = "";
  collector.start();
  collector.step();
  expect_all();
  EXPECT_TRUE(journal_files().empty());
}

TEST_F(Archiving, WaitsForADiskThatIsFullWhenBlocksAndSegmentsAreDue) {
  collector.config.block_seconds = 1;
  collector.config.segment_age_ns = 20 * kNsPerSecond;
  collector.start();
  write(5);
  collector.step();
  collector.files.fail_writes_to("/hot/");
  collector.step_for(3 * kNsPerSecond);
  EXPECT_TRUE(collector.said("segments cannot be written"));
  collector.files.fail_writes_to("");
  collector.step_for(kNsPerSecond);
  EXPECT_EQ(collector.collector->status().hot_records, 5u);
  collector.files.fail_writes_to("/hot/");
  collector.step_for(20 * kNsPerSecond);  // the segment is closed now, which fails
  collector.files.fail_writes_to("");
  collector.step_for(kNsPerSecond);
  write(5);
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(segments().size(), 2u);
  // And when memory ends.
  collector.config.memory = 1'000;
  collector.box->set(collector.config);
  collector.files.fail_writes_to("/hot/");
  write(1'000);
  collector.step(2);
  collector.files.fail_writes_to("");
  expect_all();
}

TEST_F(Archiving, WaitsForADiskThatIsFullWhenAnOldJournalIsMoreThanMemoryHolds) {
  collector.start();
  write(500);
  collector.step();
  collector.kill();
  collector.config.memory = 1'000;
  collector.files.fail_writes_to("/hot/");
  collector.start();
  write(5);
  collector.step(3);
  EXPECT_TRUE(collector.said("segments cannot be written"));
  collector.files.fail_writes_to("");
  collector.step(2);
  EXPECT_EQ(collector.collector->status().hot_records, 500u);
  expect_all();
}

TEST_F(Archiving, MissesNoJournalFileThatIsNotNeededAnyMore) {
  collector.start();
  write(5);
  collector.step();
  fs::remove(journal_files().at(0));
  expect_all();
}

/// What became of the journal when its collector died.
enum class Left { whole, torn, lost_in_the_middle, lost_at_the_beginning };

class OldJournals : public Archiving, public ::testing::WithParamInterface<Left> {};

INSTANTIATE_TEST_SUITE_P(All, OldJournals,
                         ::testing::Values(Left::whole, Left::torn, Left::lost_in_the_middle,
                                           Left::lost_at_the_beginning),
                         [](const auto& one) { return "Left" + std::to_string(static_cast<int>(one.param)); });

TEST_P(OldJournals, AreTakenOverOnceThoughAnyCallToADiskFails) {
  collector.config.durability = Durability::fsync;
  // One that is longer than what is read ahead.
  const bool is_long = GetParam() == Left::torn;
  const int some = is_long ? 2'000 : 4;
  collector.config.hot_block_records = is_long ? 1'500 : 5;
  collector.config.block_seconds = 1;
  collector.files.has_watch = false;
  collector.start();
  write(4);
  if (GetParam() != Left::lost_at_the_beginning) {
    expect_all();  // in segments
    collector.start();
  }
  collector.files.fail_writes_to("/hot/");
  write(4);
  collector.step();
  const auto safe = ring.tail();
  for (int i = 0; i < 3; ++i) {
    write(some);
    collector.step();
  }
  ring.count_loss(formats::LossReason::ring_full, 3);
  collector.step_for(2 * kNsPerSecond);
  write(4);
  collector.step();
  collector.kill();
  collector.files.fail_writes_to("");
  const auto journal = journal_files().at(0);
  if (GetParam() == Left::lost_in_the_middle) damage_range(journal, 1);
  if (GetParam() == Left::lost_at_the_beginning) damage_range(journal, 0);
  if (GetParam() == Left::torn) std::ofstream(journal, std::ios::binary | std::ios::app) << "a torn end";
  std::ofstream(journal.string() + std::string(kCopySuffix)) << "a copy that was not finished";
  std::ofstream(journal.parent_path() / "notes.txt") << "no journal";
  for (std::uint64_t call = 1;; call += kCallStride) {
    SCOPED_TRACE(call);
    const ScratchFolder folder;
    fs::copy(archive.path(), folder.path(), fs::copy_options::recursive);
    const bool is_lost = GetParam() == Left::lost_in_the_middle || GetParam() == Left::lost_at_the_beginning;
    ring.file.put(formats::kTailOffset, GetParam() == Left::lost_at_the_beginning ? formats::TailLine::of(0, 0) : safe);
    SteppedCollector later(folder.path(), rings.path());
    later.config = collector.config;
    later.files.has_watch = false;
    later.files.disk->scope = "/dev/shm/";
    later.files.disk->fail_at = call;
    try {
      later.start();
    } catch (const std::runtime_error&) {
      later.start();
    }
    later.step_for(3 * kNsPerSecond);
    const bool has_failed = later.files.disk->calls >= call;
    later.files.disk->fail_at.reset();
    later.step_for(2 * kNsPerSecond);
    const auto ended = later.end();
    ASSERT_TRUE(ended) << ended.error().text;
    if (!is_lost) {
      later.start();
      ASSERT_TRUE(later.end());
    }
    const auto archived = read_archive(folder.path());
    ASSERT_EQ(archived.records.size(), static_cast<std::size_t>(written));
    for (std::size_t i = 0; i < archived.records.size(); ++i)
      EXPECT_EQ(archived.records[i].arguments.at(0), std::to_string(i));
    EXPECT_EQ(archived.lost.at(static_cast<std::uint32_t>(formats::LossReason::ring_full)), 3u);
    if (!has_failed) break;
  }
}

TEST_F(Archiving, EndsWithAnErrorWhereTheDiskIsFullAndLosesNothing) {
  for (const std::uint64_t block_records : {std::uint64_t{4}, std::uint64_t{1000}}) {
    collector.config.hot_block_records = block_records;
    collector.start();
    write(10);
    collector.step();
    collector.files.fail_writes_to("/hot/");
    write(10);
    collector.step();
    EXPECT_FALSE(collector.end());
    collector.files.fail_writes_to("");
    collector.start();
    collector.step();
    expect_all();
  }
}

TEST_F(Archiving, TakesFromAJournalThatMakesNoSenseWhatDoes) {
  collector.start();
  write(5);
  ASSERT_TRUE(collector.end());
  const int elsewhere = written;
  // Of a session of another archive.
  HandMadeSession other(folder_of_others.path());
  const auto statement = other.statement("m {a}", {ArgType::i64});
  HandMadeRing& its_ring = other.ring();
  const std::uint64_t begin = its_ring.head;
  its_ring.write(statement, 10, number(7));
  const std::uint64_t middle = its_ring.head;
  its_ring.write(static_cast<std::uint32_t>(formats::RecordKind::clock), 11, std::string(8, '\0'));
  its_ring.write(statement, 12, number(8));
  its_ring.write(statement + 1, 13, number(9));
  const auto bytes = bytes_of(its_ring.file, its_ring.descriptor.data_offset, its_ring.head);
  const auto catalog =
      bytes_of(other.file, other.descriptor.catalog_offset, other.file.get<std::uint64_t>(formats::kCatalogHeadOffset));
  const auto id_of_ring = its_ring.descriptor.ring_id;
  const auto size = its_ring.descriptor.data_bytes;
  const auto all = std::span<const std::byte>(bytes);
  formats::JournalWriter writer;
  writer.header(0xF0, 1);
  constexpr std::uint32_t kFarTooMany = 1u << 20;
  writer.session(kFarTooMany, 0, other.descriptor);
  writer.range(kFarTooMany, id_of_ring, size, 0, begin, {}, all.first(static_cast<std::size_t>(begin)));
  writer.session(3, 0, other.descriptor);
  writer.range(1, id_of_ring, size, 0, begin, {}, all.first(static_cast<std::size_t>(begin)));  // of none
  writer.catalog(3, 8, catalog);  // not from its beginning
  writer.catalog(3, 0, catalog);
  writer.catalog(3, 0, catalog);
  writer.catalog(3, catalog.size(), std::vector<std::byte>(64, std::byte{0xFF}));  // that is none
  writer.range(3, id_of_ring, size, 0, middle, {}, all.first(static_cast<std::size_t>(middle)));
  writer.range(3, id_of_ring, size, 0, begin, {}, all.first(static_cast<std::size_t>(begin)));  // is old
  writer.range(3, id_of_ring, size, begin, its_ring.head, {},
               all.subspan(static_cast<std::size_t>(begin)));  // overlaps
  writer.ring_end(3, formats::Id128{}, 8);                     // of a ring that nobody knows
  writer.anchor(3, {1, 2, 3});
  leave_journal(writer);
  collector.start();
  collector.step();
  EXPECT_TRUE(collector.said("lost the entry of a session: its ranges are left out"));
  EXPECT_TRUE(collector.said("a catalog in the journal is damaged"));
  EXPECT_TRUE(collector.said("holds what is no record; it is left out"));
  const auto archived = finish();
  ASSERT_EQ(archived.records.size(), static_cast<std::size_t>(elsewhere) + 2);
  EXPECT_EQ(archived.records[archived.records.size() - 2].arguments.at(0), "7");
  EXPECT_EQ(archived.records.back().arguments.at(0), "8");
}

}  // namespace
}  // namespace lmlog::collector::testing
