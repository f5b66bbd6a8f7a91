// SPDX-License-Identifier: Apache-2.0
// Each single call to the archive's disk fails once, or is the last one of the process; whatever it was, every record
// is archived once. And: what was called safe is safe without the page cache.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/collector/support/archived_records.hpp"
#include "tests/collector/support/hand_made_session.hpp"
#include "tests/collector/support/stepped_collector.hpp"

namespace lmlog::collector::testing {
namespace {

namespace fs = std::filesystem;
using formats::ArgType;
using formats::LossReason;

/// A short life: three runs, blocks and segments of a few records, a session that dies in the second.
class ShortLife {
 public:
  ShortLife(Durability durability, std::uint64_t fail_at, bool for_good) {
    collector.config.durability = durability;
    collector.config.flush_interval_ms = 1;
    collector.config.hot_block_records = 7;  // some always wait in the journal
    collector.config.segment_bytes = 1;
    collector.files.has_watch = false;
    auto& disk = *collector.files.disk;
    disk.scope = archive.path() + "/";
    if (fail_at != 0) disk.fail_at = fail_at;
    disk.fails_for_good = for_good;
  }

  void live() {
    start();
    write_some();
    // A failed sync is repaired within a second. (No process can know of one that the process before it left
    // unrepaired: the kernel says so once.)
    advance(1'200 * kNsPerMs);
    collector.kill();
    start();
    write_some();
    ring->count_loss(LossReason::ring_full, 3);
    collector.lives.kill_all();
    advance(2'500 * kNsPerMs);
    collector.kill();  // the session is gone, and the journal still has records of it
    start();
    finish();
  }

  ScratchFolder rings;
  ScratchFolder archive;
  SteppedCollector collector{archive.path() + "/archive", rings.path()};
  std::int64_t written = 0;
  int deaths = 0;  // of a collector whose disk failed for good

 private:
  [[nodiscard]] bool is_dying() const {
    const auto& disk = *collector.files.disk;
    return disk.fails_for_good && disk.fail_at && disk.calls >= *disk.fail_at;
  }
  /// The next collector has a good disk.
  void revive() {
    ++deaths;
    collector.kill();
    collector.files.disk->fail_at.reset();
    start();
  }
  void start() {
    try {
      collector.start();
    } catch (const std::runtime_error&) {
      if (is_dying()) collector.files.disk->fail_at.reset();
      collector.start();  // the call that failed works now
    }
  }
  void advance(std::int64_t duration) {
    for (std::int64_t done = 0; done < duration; done += 100 * kNsPerMs) {
      collector.step_for(100 * kNsPerMs);
      use_up_what_was_released();
      if (is_dying()) revive();
    }
  }
  /// As a producer that goes on: what lies below the tail can be read from the ring no more.
  void use_up_what_was_released() {
    const std::uint64_t tail = ring->tail().tail;
    const std::string bytes(static_cast<std::size_t>(tail - used_up), '\x5a');
    ring->file.write(ring->descriptor.data_offset + used_up, bytes.data(), bytes.size());
    used_up = tail;
  }
  void write_some() {
    for (int batch = 0; batch < 2; ++batch) {
      for (int i = 0; i < 4; ++i) ring->write(id, 10, Body().fixed(written++).bytes());
      advance(200 * kNsPerMs);
    }
  }
  void finish() {
    (void)collector.end();  // may say that its disk failed
    if (is_dying()) collector.files.disk->fail_at.reset();
    // Whatever is left (a journal file that could not be removed) is the next one's.
    start();
    const auto status = collector.end();
    EXPECT_TRUE(status) << status.error().text;
  }

  HandMadeSession session{rings.path()};
  std::uint32_t id = session.statement("n {a}", {ArgType::i64});
  HandMadeRing* ring = &session.ring();
  std::uint64_t used_up = 0;
};

void expect_exactly_once(const ShortLife& life) {
  const auto& broken = life.collector.files.disk->promises_broken;
  EXPECT_TRUE(life.collector.config.durability == Durability::write || broken.empty()) << broken.front();
  EXPECT_TRUE(life.rings.names().empty());
  EXPECT_TRUE(fs::is_empty(life.archive.path() + "/archive/journal"));
  const auto archived = read_archive(life.archive.path() + "/archive");
  EXPECT_EQ(archived.records.size(), static_cast<std::size_t>(life.written));
  for (std::size_t i = 0; i < archived.records.size(); ++i)
    EXPECT_EQ(archived.records[i].arguments.at(0), std::to_string(i));
  const auto lost = archived.lost.find(static_cast<std::uint32_t>(LossReason::ring_full));
  EXPECT_TRUE(lost != archived.lost.end() && lost->second == 3u);
  std::map<std::uint64_t, int> sequences;
  for (const auto& segment : archived.segments) EXPECT_EQ(++sequences[segment.sequence], 1);
}

class FailingDisk : public ::testing::TestWithParam<Durability> {};

INSTANTIATE_TEST_SUITE_P(With, FailingDisk, ::testing::Values(Durability::write, Durability::fsync),
                         [](const auto& one) { return one.param == Durability::write ? "write" : "fsync"; });

TEST_P(FailingDisk, MayFailAnyCallOnce) {
  for (std::uint64_t call = 1;; call += kCallStride) {
    ShortLife life(GetParam(), call, false);
    life.live();
    expect_exactly_once(life);
    if (HasFailure()) {
      for (const auto& sentence : life.collector.sentences) ADD_FAILURE() << "it said: " << sentence;
      FAIL() << "when call " << call << " failed";
    }
    if (life.collector.files.disk->calls < call) break;
  }
}

TEST_P(FailingDisk, MayBeTheEndOfTheProcessAtAnyCall) {
  int deaths = 0;
  for (std::uint64_t call = 1;; call += kCallStride) {
    ShortLife life(GetParam(), call, true);
    life.live();
    expect_exactly_once(life);
    ASSERT_FALSE(HasFailure()) << "when it died at call " << call;
    deaths += life.deaths;
    if (life.collector.files.disk->calls < call) break;
  }
  EXPECT_GT(deaths, 0);
}

TEST(PromisesOfFsync, AreNotThoseOfTheDefault) {
  ShortLife life(Durability::write, 0, false);
  life.live();
  EXPECT_FALSE(life.collector.files.disk->promises_broken.empty()) << "or the tests above see nothing";
}

}  // namespace
}  // namespace lmlog::collector::testing
