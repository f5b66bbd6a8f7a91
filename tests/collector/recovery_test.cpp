// SPDX-License-Identifier: Apache-2.0
// What a collector may find in an archive, and what the status says of it.
#include "collector/store/segment_recovery.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <lmlog/formats/journal_reader.hpp>
#include <lmlog/formats/segment_reader.hpp>
#include <lmlog/formats/segment_writer.hpp>

#include "tests/collector/support/restarted.hpp"

namespace lmlog::collector::testing {
namespace {

namespace fs = std::filesystem;
using formats::LossReason;

class Recovery : public Restarted {
 protected:
  static formats::SegmentHeader header_of(const fs::path& path) {
    PosixFileSystem files;
    const auto file = files.open(path.string(), OpenFor::reading);
    return formats::SegmentReader::open(**file).value().header();
  }
  /// A segment without blocks that replaces `old`; gives its path. Two of them have a `number` each.
  static fs::path write_rewrite_of(const fs::path& old, bool finished, std::uint8_t number = 0) {
    formats::SegmentHeader header = header_of(old);
    header.replaces = {header.id};
    header.id.bytes[0] ^= static_cast<std::uint8_t>(0xFF - number);
    header.sequence = 7;
    formats::SegmentWriter writer(header);
    const auto path = old.parent_path() / ("20990101T000000.000Z-0000000007-0000000" + std::to_string(number) + ".lms");
    std::ofstream out(path, std::ios::binary);
    out << writer.begin({});
    if (finished) out << writer.finish();
    return path;
  }
  /// What stands between checkpoint and footer of a segment.
  static std::string catalog_and_blocks_of(const fs::path& path) {
    PosixFileSystem files;
    const auto file = files.open(path.string(), OpenFor::reading);
    const auto last = formats::SegmentReader::open(**file).value().blocks().back();
    const std::string bytes = bytes_of(path);
    std::size_t begin = 0;
    for (int part = 0; part < 3; ++part) {  // header, its copy, checkpoint: a frame's length, and 8 bytes of its own
      std::uint32_t frame_bytes = 0;
      std::memcpy(&frame_bytes, bytes.data() + begin + 4, sizeof(frame_bytes));
      begin += 8 + frame_bytes;
    }
    return bytes.substr(begin, static_cast<std::size_t>(last.offset + last.bytes) - begin);
  }
  static std::string bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Gone below the tail: as written over by a producer that goes on.
  void overwrite_drained_bytes(std::uint64_t from, std::uint64_t to) {
    const std::string bytes(static_cast<std::size_t>(to - from), '\x5a');
    ring.file.write(ring.descriptor.data_offset + from, bytes.data(), bytes.size());
  }
};

TEST_F(Recovery, RemovesASegmentThatAnotherReplacesAndCountsItsRecordsOnce) {
  collector.start();
  write(10);
  expect_all();
  const auto old = segments().at(0);
  const auto rewrite = write_rewrite_of(old, true);
  collector.start();
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(rewrite));
  EXPECT_EQ(collector.collector->status().hot_segments, 1u);
  EXPECT_EQ(collector.collector->status().hot_records, 0u);
  write(1);
  collector.step();
  ASSERT_TRUE(collector.end());
  EXPECT_EQ(header_of(segments().at(0)).sequence, 8u) << "it never goes back";
}

TEST_F(Recovery, RemovesARewriteThatCameToNoEnd) {
  collector.start();
  write(10);
  expect_all();
  const auto rewrite = write_rewrite_of(segments().at(0), false);
  collector.start();
  EXPECT_FALSE(fs::exists(rewrite));
  expect_all();
}

TEST_F(Recovery, ClosesARewriteWhoseSourceIsGone) {
  collector.start();
  write(10);
  expect_all();
  const auto old = segments().at(0);
  const auto rewrite = write_rewrite_of(old, false);
  const std::string parts = catalog_and_blocks_of(old);
  std::ofstream(rewrite, std::ios::binary | std::ios::app) << parts;
  collector.start();
  EXPECT_FALSE(fs::exists(rewrite)) << "what it was to replace is there";
  EXPECT_TRUE(fs::exists(old));
  expect_all();

  write_rewrite_of(old, false);
  std::ofstream(rewrite, std::ios::binary | std::ios::app) << parts;
  fs::remove(old);
  collector.start();
  EXPECT_TRUE(fs::exists(rewrite)) << "only its footer is gone, and it is all there is";
  expect_all();
}

TEST_F(Recovery, RemovesARewriteThatCameToNoEndWhenAnotherReplacedItsSource) {
  collector.start();
  write(10);
  expect_all();
  const auto old = segments().at(0);
  const std::string parts = catalog_and_blocks_of(old);
  const auto given_up = write_rewrite_of(old, false);
  const auto done = write_rewrite_of(old, false, 1);
  const std::string begin_of_given_up = bytes_of(given_up);
  fs::remove(given_up);
  std::ofstream(done, std::ios::binary | std::ios::app) << parts;
  fs::remove(old);
  collector.start();
  ASSERT_TRUE(collector.end()) << "its footer is written";
  std::ofstream(given_up, std::ios::binary) << begin_of_given_up << parts;
  collector.start();
  EXPECT_FALSE(fs::exists(given_up)) << "what it was to replace is in the other one";
  EXPECT_TRUE(fs::exists(done));
  expect_all();
}

TEST_F(Recovery, GoesOnBehindWhatWasDrainedIntoAnotherArchive) {
  collector.start();
  write(10);
  expect_all();
  const auto known = ring.head;
  const int elsewhere = written;
  write(5);
  const auto tail = ring.head;
  ring.file.put(formats::kTailOffset, formats::TailLine::of(tail, 15));
  overwrite_drained_bytes(known, tail);
  write(3);
  collector.start();
  collector.step();
  EXPECT_TRUE(collector.said("were drained, but not into what can be read of this archive"));
  EXPECT_TRUE(collector.collector->status().quarantined.empty());
  ASSERT_TRUE(collector.end());
  const auto archived = read_archive(archive.path());
  ASSERT_EQ(archived.records.size(), static_cast<std::size_t>(elsewhere + 3));
  EXPECT_EQ(archived.records.back().arguments.at(0), std::to_string(written - 1));
  EXPECT_EQ(ring.tail().drained, 18u);
}

TEST_F(Recovery, LeavesAJournalOfANewerVersionAlone) {
  collector.start();
  write(4);
  expect_all();
  const char* root = std::getenv("LMLOG_SOURCE_ROOT");
  ASSERT_NE(root, nullptr) << "set by the build";
  const fs::path newer = archive.path() + "/journal/0000000000000005.lmj";
  fs::copy_file(std::string(root) + "/tests/golden/journals/unknown_entry.lmj", newer);
  const auto bytes = fs::file_size(newer);
  collector.start();
  collector.step();
  EXPECT_TRUE(collector.said("use a newer lmlog; the rest of it is left alone"));
  write(4);
  collector.step();
  ASSERT_TRUE(collector.end());
  EXPECT_EQ(fs::file_size(newer), bytes);
}

TEST_F(Recovery, KeepsADamagedJournalAndArchivesTheRestOfItOnce) {
  collector.start();
  for (int i = 0; i < 3; ++i) {
    write(4);
    collector.step();
  }
  collector.kill();
  const fs::path damaged = journal_files().at(0);
  damage_range(damaged, 1);
  const std::string kept = bytes_of(damaged);
  for (int starts = 1; starts <= 3; ++starts) {
    collector.start();
    collector.step();
    const auto status = collector.collector->status();
    EXPECT_EQ(status.losses[static_cast<std::size_t>(LossReason::corrupt)], 1u);
    EXPECT_NE(status.last_error.find(damaged.string() + " is damaged in bytes "), std::string::npos)
        << status.last_error;
    EXPECT_NE(status.last_error.find("the file is kept for lmlog-decode: move it away"), std::string::npos);
    write(2);
    collector.step();
    const auto archived = finish();
    EXPECT_EQ(bytes_of(damaged), kept);
    EXPECT_EQ(journal_files().size(), 1u);
    ASSERT_EQ(archived.records.size(), static_cast<std::size_t>(written - 4)) << "once each";
    for (std::size_t i = 0; i < archived.records.size(); ++i)
      EXPECT_EQ(archived.records[i].arguments.at(0), std::to_string(i < 4 ? i : i + 4));
  }
}

TEST_F(Recovery, TakesFromTheRingWhatTheJournalLostBeforeTheTailWasReleased) {
  collector.start();
  write(4);
  collector.step();
  const auto safe = ring.tail();
  for (int i = 0; i < 2; ++i) {
    write(4);
    collector.step();
  }
  collector.kill();
  // A sync failed, the kernel dropped a page of what was not safe, and the collector died before it could cut the file.
  damage_range(journal_files().at(0), 1);
  ring.file.put(formats::kTailOffset, safe);
  collector.start();
  EXPECT_TRUE(collector.said("which are still in the ring: it is drained from there on again"));
  collector.step();
  EXPECT_EQ(ring.tail().tail, ring.head);
  // Nothing of it is in segments yet. The next one finds what was drained again in a later file than the damaged one,
  // and nothing in the ring.
  collector.kill();
  overwrite_drained_bytes(0, ring.head);
  collector.start();
  write(2);
  collector.step();
  EXPECT_TRUE(expect_all().damage.empty());
  EXPECT_TRUE(journal_files().empty()) << "behind what was lost there was nothing any more: a torn end";
}

TEST_F(Recovery, KeepsTheLastBlockOfASegmentWhoseFooterIsTorn) {
  collector.start();
  write(10);
  expect_all();
  ASSERT_TRUE(journal_files().empty());
  const auto segment = segments().at(0);
  const std::string bytes = bytes_of(segment);
  // Its end came through, the footer before it did not.
  Poked file(segment.string());
  for (std::uint64_t at = bytes.size() - 32 - 64; at < bytes.size() - 32; ++at) file.put(at, std::uint8_t{0});
  collector.start();
  EXPECT_EQ(bytes_of(segment), bytes) << "closed again";
  write(3);
  collector.step();
  EXPECT_TRUE(expect_all().damage.empty());
}

TEST_F(Recovery, SettlesAllThatCollectorsLeftThoughAnyCallToTheDiskFails) {
  collector.config.durability = Durability::fsync;
  collector.config.hot_block_records = 4;
  collector.files.has_watch = false;
  collector.start();
  write(5);
  expect_all();
  const auto old = segments().at(0);
  const std::string old_bytes = bytes_of(old);
  const std::string parts = catalog_and_blocks_of(old);
  const auto rewrite = write_rewrite_of(old, false);
  std::ofstream(rewrite, std::ios::binary | std::ios::app) << parts;
  fs::remove(old);
  collector.start();
  write(10);
  collector.step();
  collector.kill();
  for (const auto& path : segments()) {
    if (path != rewrite) std::ofstream(path, std::ios::binary | std::ios::app) << "a torn end";
  }
  std::ofstream(old, std::ios::binary) << old_bytes;  // the rewrite replaced it
  std::ofstream(write_rewrite_of(old, false, 1), std::ios::binary | std::ios::app) << parts;
  formats::SegmentHeader header = header_of(old);
  header.id.bytes[1] ^= 1;
  const std::string begun = "20990101T000000.000Z-0000000009-0000000";
  std::ofstream(old.parent_path() / (begun + "2.lms"), std::ios::binary) << formats::SegmentWriter(header).begin({});
  std::ofstream(old.parent_path() / (begun + "3.lms"), std::ios::binary) << "";
  std::ofstream(old.parent_path() / (begun + "4.lms.tmp"), std::ios::binary) << "a block that was not written out";
  std::ofstream(old.parent_path().parent_path() / "notes.txt") << "no folder of a service";
  const auto tail = ring.tail();
  for (std::uint64_t call = 1;; call += kCallStride) {
    SCOPED_TRACE(call);
    const ScratchFolder folder;
    fs::copy(archive.path(), folder.path(), fs::copy_options::recursive);
    ring.file.put(formats::kTailOffset, tail);
    SteppedCollector later(folder.path(), rings.path());
    later.config = collector.config;
    later.files.has_watch = false;
    later.files.disk->scope = folder.path() + "/";
    later.files.disk->fail_at = call;
    try {
      later.start();
    } catch (const std::runtime_error&) {
      later.start();
    }
    later.step();
    (void)later.end();
    const bool has_failed = later.files.disk->calls >= call;
    later.files.disk->fail_at.reset();
    later.start();
    ASSERT_TRUE(later.end());
    const auto archived = read_archive(folder.path());
    ASSERT_EQ(archived.records.size(), static_cast<std::size_t>(written));
    EXPECT_EQ(archived.segments.size(), 3u) << "the rewrite, the one that was open, and one of what waited";
    EXPECT_TRUE(later.files.disk->promises_broken.empty()) << later.files.disk->promises_broken.front();
    if (!has_failed) break;
  }
}

TEST_F(Recovery, WritesTheEndOfASegmentAgainThatSaysNotWhereItsFooterIs) {
  collector.start();
  write(10);
  expect_all();
  const auto segment = segments().at(0);
  const std::string bytes = bytes_of(segment);
  Poked(segment.string()).put(bytes.size() - 20, std::uint8_t{0xFF});
  ASSERT_NE(bytes_of(segment), bytes);
  collector.start();
  EXPECT_EQ(bytes_of(segment), bytes);
  EXPECT_TRUE(expect_all().damage.empty());
}

TEST_F(Recovery, CountsRecordsOfStatementsAlone) {
  collector.start();
  write(10);
  ring.write_loss_record(11, {{LossReason::ring_full, 3}});
  collector.step(2);
  EXPECT_EQ(collector.collector->status().pending_records, 10u);
  expect_all();
  collector.start();
  EXPECT_EQ(collector.collector->status().hot_records, 10u) << "what is found";
  write(5);
  collector.config.block_seconds = 1;
  collector.box->set(collector.config);
  collector.step_for(3 * kNsPerSecond);
  EXPECT_EQ(collector.collector->status().hot_records, 15u) << "and what is added";
  EXPECT_EQ(collector.collector->status().pending_records, 0u);
  expect_all();
}

TEST_F(Recovery, KeepsAPositionInCheckpointsUntilTheRingIsUnlinked) {
  collector.config.segment_bytes = 1;
  collector.config.block_seconds = 1;
  collector.files.unremovable = ".ring";
  collector.start();
  write(3);
  collector.lives.kill_all();
  collector.step_for(3 * kNsPerSecond);
  EXPECT_TRUE(collector.said("a dead session's file stays"));
  HandMadeSession other(rings.path());
  const auto statement = other.statement("n {a}", {formats::ArgType::i64});
  other.ring().write(statement, 10, Body().fixed(std::int64_t{3}).bytes());
  ++written;
  collector.step_for(5 * kNsPerSecond);
  const auto has_position = [&](const std::vector<formats::RingPosition>& checkpoint) {
    return std::any_of(checkpoint.begin(), checkpoint.end(),
                       [&](const auto& place) { return place.ring == ring.descriptor.ring_id; });
  };
  EXPECT_TRUE(has_position(read_archive(archive.path()).checkpoints.back()));
  collector.files.unremovable = "";
  collector.step_for(2 * kNsPerSecond);
  HandMadeSession last(rings.path());
  const auto again = last.statement("n {a}", {formats::ArgType::i64});
  last.ring().write(again, 10, Body().fixed(std::int64_t{4}).bytes());
  ++written;
  collector.step_for(5 * kNsPerSecond);
  EXPECT_FALSE(has_position(expect_all().checkpoints.back()));
}

}  // namespace
}  // namespace lmlog::collector::testing
