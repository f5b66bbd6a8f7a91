// SPDX-License-Identifier: Apache-2.0
// Walking ring bytes in chunks: the same records whatever the chunk, with pads, gaps and long records; an end where
// the bytes are no records.
#include "decoder/read/raw_range.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/formats/ring_script.hpp"

namespace lmlog::decoder {
namespace {

namespace fs = formats::script;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

RawRange range_of(const fs::RingScript& ring, std::string bytes) {
  return {std::make_shared<formats::MemorySource>("front" + std::move(bytes)), 5, ring.from(), ring.head(),
          ring.data_bytes()};
}

struct Walked {
  std::vector<std::uint64_t> positions;
  std::size_t largest_buffer = 0;
  std::uint64_t end = 0;
  bool failed = false;
};

Walked walk(const RawRange& range, std::size_t chunk) {
  Walked out;
  RawWalk walk(range);
  std::string buffer;
  formats::RecordView record;
  while (walk.load(buffer, chunk)) {
    out.largest_buffer = std::max(out.largest_buffer, buffer.size());
    while (walk.next(record)) out.positions.push_back(record.position);
  }
  out.end = walk.position();
  out.failed = walk.error().has_value();
  return out;
}

/// Records of all lengths, across many wraps; their positions.
std::vector<std::uint64_t> fill(fs::RingScript& ring, unsigned seed, int records) {
  std::mt19937 random(seed);
  std::vector<std::uint64_t> positions;
  for (int i = 0; i < records; ++i) {
    const std::size_t bytes = random() % 10 == 0 ? random() % 16'000 : random() % 100;
    ring.record(64, 1, std::string(bytes, 'x'));
    const auto length = formats::record_length(bytes);
    positions.push_back(ring.head() - length);
  }
  return positions;
}

TEST(RawWalk, FindsTheSameRecordsInChunksOfAnySize) {
  fs::RingScript ring(fs::id_of(1));
  const auto positions = fill(ring, 5, 2000);
  const RawRange range = range_of(ring, text_of(ring.bytes()));
  for (const std::size_t chunk : {1u, 4096u, 5000u, 65536u, 1u << 30}) {
    const Walked walked = walk(range, chunk);
    EXPECT_EQ(walked.positions, positions) << chunk;
    EXPECT_FALSE(walked.failed);
    EXPECT_EQ(walked.end, ring.head());
  }
  EXPECT_LE(walk(range, 4096).largest_buffer, 16'384u) << "no more than the longest record";
}

TEST(RawWalk, StepsOverPadsWithoutLoadingThem) {
  fs::RingScript ring(fs::id_of(1), 1 << 20);
  ring.record(64, 1, std::string(8, 'x'));
  ring.pad((1 << 20) - ring.head());
  ring.record(64, 1, std::string(8, 'x'));
  const Walked walked = walk(range_of(ring, text_of(ring.bytes())), 4096);
  EXPECT_EQ(walked.positions.size(), 2u);
  EXPECT_LE(walked.largest_buffer, 4096u);
}

TEST(RawWalk, EndsAtTheFirstRecordThatIsNone) {
  fs::RingScript ring(fs::id_of(1));
  const auto positions = fill(ring, 6, 300);
  const std::string good = text_of(ring.bytes());
  for (const std::size_t broken : {0u, 1u, 57u, 299u}) {
    std::string bad_stamp = good;
    bad_stamp[positions[broken] + 8] = static_cast<char>(~bad_stamp[positions[broken] + 8]);
    std::string bad_length = good;
    bad_length[positions[broken] + 14] = 0x10;  // 8 bytes: less than a header
    bad_length[positions[broken] + 15] = 0;
    for (const std::string& bytes : {bad_stamp, bad_length}) {
      for (const std::size_t chunk : {4096u, 1u << 20}) {
        const Walked walked = walk(range_of(ring, bytes), chunk);
        EXPECT_TRUE(walked.failed);
        EXPECT_EQ(walked.end, positions[broken]);
        EXPECT_EQ(walked.positions.size(), broken);
      }
    }
  }
}

TEST(RawWalk, SaysSoWhenTheFileIsShorter) {
  fs::RingScript ring(fs::id_of(1));
  fill(ring, 7, 300);
  const std::string bytes = text_of(ring.bytes());
  EXPECT_TRUE(walk(range_of(ring, bytes.substr(0, bytes.size() / 2)), 4096).failed);
}

}  // namespace
}  // namespace lmlog::decoder
