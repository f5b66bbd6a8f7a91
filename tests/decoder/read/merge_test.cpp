// SPDX-License-Identifier: Apache-2.0
// The order over many rings and blocks, compared with a plain sort, under any memory bound.
#include "decoder/read/merge.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <tuple>

#include "tests/decoder/read/archive_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using formats::ClockKind;
using formats::Level;
using script::Folder;
using script::journal_file;
using script::read;
using script::Reading;
using script::segment_file;
using script::Stretch;
namespace fs = formats::script;

constexpr std::uint64_t kStart = 1'795'000'000'000'000'000;

struct Expected {
  std::uint64_t key;
  std::uint8_t ring;
  std::size_t index;
  std::uint64_t time;
  std::string message;
};

/// Rings with random times that overlap in any way, spread over blocks, journal and rings.
class RandomArchive {
 public:
  RandomArchive(unsigned seed, std::size_t rings, std::size_t records) : random_(seed) {
    for (std::size_t r = 0; r < rings; ++r) add_ring(static_cast<std::uint8_t>(r), records);
    std::vector<std::size_t> at(rings, 0);
    std::vector<std::vector<Stretch>> blocks;
    for (int block = 0; block < 8; ++block) {
      blocks.emplace_back();
      for (std::size_t r = 0; r < rings; ++r) {
        const std::size_t to = std::min(records, at[r] + random_() % (records / 5));
        if (to == at[r]) continue;
        blocks.back().push_back(stretch(r, at[r], to));
        at[r] = to;
      }
      if (blocks.back().empty()) blocks.pop_back();
    }
    folder.write("hot/golden/a.lms", segment_file(script::segment_header(0x70), blocks));
    for (std::size_t r = 0; r < rings; ++r) {
      if (at[r] == records) continue;
      folder.write("journal/" + std::to_string(r) + ".lmj", journal_file(sessions_[r], {stretch(r, at[r], records)}));
    }
    std::sort(expected.begin(), expected.end(), [](const Expected& a, const Expected& b) {
      return std::tie(a.key, a.ring, a.index) < std::tie(b.key, b.ring, b.index);
    });
  }

  [[nodiscard]] std::vector<std::string> messages(const RecordFilter& filter = {}) const {
    std::vector<std::string> out;
    for (const auto& e : expected)
      if (filter.wants_time(e.time) && e.key >= filter.min_key) out.push_back(e.message);
    return out;
  }

  Folder folder;
  std::vector<Expected> expected;

 private:
  void add_ring(std::uint8_t number, std::size_t records) {
    auto& session = sessions_.emplace_back(fs::id_of(static_cast<std::uint8_t>(0x80 + number)));
    const auto statement = session.statement(Level::info, "{ring} {n} {text}",
                                             {{ArgType::u8, "ring"}, {ArgType::u64, "n"}, {ArgType::string, "text"}});
    auto& ring = rings_.emplace_back(fs::id_of(number));
    ring.thread(0, number, 1, "t");
    ring.clock(0, ClockKind::user_ns, 0);
    auto& positions = positions_.emplace_back();
    std::uint64_t time = kStart + random_() % 1000;
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < records; ++i) {
      positions.push_back(ring.head());
      time += random_() % 3 == 0 ? 0 : random_() % 100;  // ties within and across rings
      if (random_() % 50 == 0) time -= random_() % 500;  // and steps back
      key = std::max(key, time);
      const std::string text(random_() % 20, 'x');
      ring.record(statement, time, fs::Arguments().fixed(number).fixed(std::uint64_t{i}).string(text));
      expected.push_back({key, number, i, time, std::to_string(number) + " " + std::to_string(i) + " " + text});
    }
  }

  Stretch stretch(std::size_t r, std::size_t from, std::size_t to) {
    const auto& positions = positions_[r];
    return {&sessions_[r], &rings_[r], from == 0 ? 0 : positions[from],
            to == positions.size() ? rings_[r].head() : positions[to]};
  }

  std::mt19937 random_;
  std::deque<fs::SessionScript> sessions_;
  std::deque<fs::RingScript> rings_;
  std::deque<std::vector<std::uint64_t>> positions_;
};

TEST(Merge, SortsBySortKeyThenRingThenPosition) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const RandomArchive archive(seed, 5, 2000);
    EXPECT_EQ(read({archive.folder.path()}).messages, archive.messages()) << "seed " << seed;
  }
}

TEST(Merge, GivesTheSameUnderAnyMemoryBound) {
  const RandomArchive archive(9, 20, 1000);
  const Reading roomy = read({archive.folder.path()});
  EXPECT_EQ(roomy.messages, archive.messages());
  const Reading narrow = read({archive.folder.path()}, {}, {.block_bytes = 0, .row_bytes = 0});
  EXPECT_EQ(narrow.json, roomy.json);
  EXPECT_GT(narrow.blocks_decoded, roomy.blocks_decoded) << "blocks were to be decoded again";
}

TEST(Merge, GivesWhatTheTimesAskFor) {
  const RandomArchive archive(4, 4, 2000);
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    RecordFilter filter;
    filter.since_ns = archive.expected[random() % archive.expected.size()].time;
    filter.until_ns = archive.expected[random() % archive.expected.size()].time;
    EXPECT_EQ(read({archive.folder.path()}, filter).messages, archive.messages(filter));
    filter = {};
    filter.min_key = archive.expected[random() % archive.expected.size()].key;
    EXPECT_EQ(read({archive.folder.path()}, filter).messages, archive.messages(filter));
  }
}

TEST(Merge, OpensOnlyBlocksThatCanMatch) {
  fs::SessionScript session(fs::id_of(1));
  const auto quiet = session.statement(Level::info, "quiet", {});
  const auto loud = session.statement(Level::error, "loud", {});
  fs::RingScript ring(fs::id_of(2));
  std::vector<std::vector<Stretch>> blocks;
  for (std::uint64_t block = 0; block < 10; ++block) {
    const std::uint64_t from = ring.head();
    for (std::uint64_t i = 0; i < 10; ++i)
      ring.record(block == 5 && i == 3 ? loud : quiet, kStart + block * 1'000'000'000 + i);
    blocks.push_back({{&session, &ring, from, ring.head()}});
  }
  const Folder folder;
  folder.write("a.lms", segment_file(script::segment_header(0x70), blocks));
  EXPECT_EQ(read({folder.path()}).blocks_decoded, 10u);
  RecordFilter filter;
  filter.levels = 1u << static_cast<unsigned>(Level::error);
  Reading reading = read({folder.path()}, filter);
  EXPECT_EQ(reading.messages, std::vector<std::string>{"loud"});
  EXPECT_EQ(reading.blocks_decoded, 1u);
  filter = {};
  filter.since_ns = kStart + 3'000'000'000;
  filter.until_ns = kStart + 4'000'000'000;
  reading = read({folder.path()}, filter);
  EXPECT_EQ(reading.messages.size(), 11u);
  EXPECT_EQ(reading.blocks_decoded, 2u);
  filter = {};
  filter.services = {"other"};
  EXPECT_EQ(read({folder.path()}, filter).blocks_decoded, 0u);
}

TEST(Merge, KeepsTheOrderOfARingWhenItsBlocksConvertTicksDifferently) {
  // The second block knows a later clock reading, by which its ticks come out a little earlier than in the first.
  fs::SessionScript session(fs::id_of(1), ClockKind::tsc);
  const auto statement = session.statement(Level::info, "n {n}", {{ArgType::u64, "n"}});
  fs::RingScript ring(fs::id_of(2));
  ring.thread(1'000'000, 1, 1, "t");
  ring.clock(1'000'000, ClockKind::tsc, 0);
  std::uint64_t middle = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    if (i == 100) middle = ring.head();
    ring.record(statement, 2'000'000'000 + 2 * i, fs::Arguments().fixed(i));
  }
  const formats::Anchor start{1'000'000, static_cast<std::int64_t>(kStart), 0};
  const formats::Anchor fast{2'001'000'000, static_cast<std::int64_t>(kStart) + 1'000'100'000, 0};
  const formats::Anchor slow{2'001'000'000, static_cast<std::int64_t>(kStart) + 1'000'000'000, 0};
  const Folder folder;
  folder.write("hot/golden/a.lms",
               segment_file(script::segment_header(0x70), {{{&session, &ring, 0, middle}}}, {start, fast}));
  folder.write("hot/golden/b.lms",
               segment_file(script::segment_header(0x71), {{{&session, &ring, middle, ring.head()}}}, {start, slow}));
  const Reading reading = read({folder.path()});
  ASSERT_EQ(reading.messages.size(), 200u);
  EXPECT_GT(reading.times[99], reading.times[100]) << "the times were to overlap";
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(reading.messages[i], "n " + std::to_string(i));
}

}  // namespace
}  // namespace lmlog::decoder
