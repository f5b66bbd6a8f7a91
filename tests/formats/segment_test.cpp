// SPDX-License-Identifier: Apache-2.0
// Whole segments: what was written comes back, with footer, by a scan, and after a rebuilt footer.
#include "lmlog/formats/segment_reader.hpp"

#include <algorithm>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "lmlog/formats/segment_writer.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/formats/segment_script.hpp"

namespace lmlog::formats {
namespace {

using namespace script;

SegmentHeader header_of_test() {
  return {id_of(0x50), 1000, 7, 1'795'000'000'000'000'000, Tier::hot, "golden", "host-1", "test", {id_of(0x70)}};
}

void add(BlockBuilder& builder, SessionScript& session, const RingScript& ring) {
  builder.add_range(session.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes(), ring.records(), {},
                    ring.state());
}

EncodedBlock finish(BlockBuilder& builder, SegmentWriter& writer) {
  return builder.finish(
      1'795'000'000'000'000'001, [](const SessionCatalog&) { return std::vector<Anchor>{}; },
      [&writer](const SessionCatalog& session) { return writer.number_of(session); });
}

std::vector<PlainRecord> sorted(std::vector<PlainRecord> records) {
  std::sort(records.begin(), records.end());
  return records;
}

TEST(Segment, GivesBackEveryRecordOfTwoRingsWithItsPosition) {
  SessionScript session(id_of(1));
  const auto tick = session.statement(Level::info, "tick {seq}", {{ArgType::i32, "seq"}});
  const auto order = session.statement(Level::warn, "order {id} of {symbol} at {px}",
                                       {{ArgType::i64, "id"}, {ArgType::string, "symbol"}, {ArgType::f64, "px"}});
  RingScript first(id_of(0x10));
  RingScript second(id_of(0x30));
  first.thread(1, 10, 0, "a");
  second.thread(1, 11, 0, "b");
  for (std::int32_t i = 0; i < 3000; ++i) {
    first.record(tick, 1000 + 7u * static_cast<unsigned>(i), Arguments().fixed(i));
    if (i % 3 == 0)
      second.record(order, 1000 + 5u * static_cast<unsigned>(i),
                    Arguments().fixed(std::int64_t{i} << 33).fixed(i * 0.25).string(i % 2 == 0 ? "AAPL" : "MSFT"));
  }
  BlockBuilder builder;
  SegmentWriter writer(header_of_test());
  std::string file = writer.begin({{id_of(1), id_of(0x10), kMinRingBytes, 0, {}}});
  add(builder, session, first);
  add(builder, session, second);
  file += writer.add_block(finish(builder, writer));
  EXPECT_TRUE(builder.empty());
  const std::string unsealed = file;
  file += writer.finish();

  auto expected = records_of(session.catalog(), first.id(), kMinRingBytes, 0, first.bytes());
  const auto more = records_of(session.catalog(), second.id(), kMinRingBytes, 0, second.bytes());
  expected.insert(expected.end(), more.begin(), more.end());

  const MemorySource source(file);
  const auto reader = SegmentReader::open(source);
  ASSERT_TRUE(reader.ok()) << reader.error().text;
  EXPECT_TRUE(reader->has_footer());
  EXPECT_EQ(sorted(records_of(*reader)), sorted(expected));
  const auto verified = reader->verify([](std::uint64_t) {});
  ASSERT_TRUE(verified.ok());
  for (const Damage& damage : verified->damage) ADD_FAILURE() << damage.what << " at " << damage.offset;
  EXPECT_EQ(verified->records, expected.size());

  const MemorySource cut(unsealed);
  const auto scanned = SegmentReader::open(cut);
  ASSERT_TRUE(scanned.ok()) << scanned.error().text;
  EXPECT_FALSE(scanned->has_footer());
  EXPECT_EQ(unsealed + scanned->rebuild_footer(), file);
}

/// A closed segment of two blocks of one ring each, small enough to be broken at every byte.
struct Small {
  SessionScript session{id_of(1)};
  std::string file;
  std::vector<BlockSummary> blocks;
  std::vector<std::vector<PlainRecord>> records;  // by block
  std::size_t header_bytes = 0;
  std::size_t footer_offset = 0;

  Small() {
    const auto tick = session.statement(Level::info, "tick {seq}", {{ArgType::i32, "seq"}});
    const auto text = session.statement(Level::warn, "{text}", {{ArgType::string, "text"}});
    SegmentWriter writer(header_of_test());
    BlockBuilder builder;
    file = writer.begin({});
    header_bytes = file.find("LMLOGPRT") - 8;
    RingScript ring(id_of(0x10));
    for (int block = 0; block < 2; ++block) {
      RingScript next(id_of(0x10), kMinRingBytes, ring.head(), ring.state());
      for (std::int32_t i = 0; i < 6; ++i) next.record(tick, 100 + static_cast<unsigned>(i), Arguments().fixed(i * i));
      if (block == 1) next.record(text, 200, Arguments().string("only in the second block"));
      builder.add_range(session.catalog(), next.id(), kMinRingBytes, next.from(), next.bytes(), next.records(),
                        next.begin_state(), next.state());
      EncodedBlock encoded = finish(builder, writer);
      const std::size_t bytes = encoded.bytes.size();
      file += writer.add_block(encoded);
      encoded.summary.offset = file.size() - bytes;
      blocks.push_back(encoded.summary);
      records.push_back(records_of(session.catalog(), next.id(), kMinRingBytes, next.from(), next.bytes()));
      ring = next;
    }
    footer_offset = file.size();
    file += writer.finish();
  }

  [[nodiscard]] std::vector<PlainRecord> records_but(std::size_t lost) const {
    std::vector<PlainRecord> out;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (i != lost) out.insert(out.end(), records[i].begin(), records[i].end());
    }
    return out;
  }
};

TEST(Segment, CutAtAnyByteIsWholeAgainWithARebuiltFooter) {
  const Small small;
  for (std::size_t size = 0; size < small.file.size(); ++size) {
    SCOPED_TRACE(size);
    const MemorySource source(small.file.substr(0, size));
    const auto reader = SegmentReader::open(source);
    ASSERT_EQ(reader.ok(), size >= small.header_bytes);
    if (!reader) continue;
    EXPECT_FALSE(reader->has_footer());
    EXPECT_TRUE(reader->damage().empty()) << "a torn end is no damage";
    std::vector<PlainRecord> expected;
    for (std::size_t i = 0; i < 2; ++i) {
      if (small.blocks[i].offset + small.blocks[i].bytes > size) break;
      expected.insert(expected.end(), small.records[i].begin(), small.records[i].end());
    }
    EXPECT_EQ(reader->records(), expected.size());
    EXPECT_EQ(records_of(*reader), expected);

    const std::uint64_t end = reader->valid_end();
    ASSERT_LE(end, size);
    const MemorySource repaired(small.file.substr(0, end) + reader->rebuild_footer());
    const auto again = SegmentReader::open(repaired);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->has_footer());
    EXPECT_EQ(records_of(*again), expected);
    const auto verified = again->verify([](std::uint64_t) {});
    ASSERT_TRUE(verified.ok());
    for (const Damage& damage : verified->damage) ADD_FAILURE() << damage.what << " at " << damage.offset;
  }
}

TEST(Segment, WithAnyByteChangedSaysSoAndLosesAtMostTheBlockThatHasIt) {
  const Small small;
  for (std::size_t at = 0; at < small.file.size(); ++at) {
    SCOPED_TRACE(at);
    std::string broken = small.file;
    broken[at] = static_cast<char>(broken[at] ^ 1 << at % 8);
    const MemorySource source(broken);
    const auto reader = SegmentReader::open(source);
    ASSERT_TRUE(reader.ok()) << reader.error().text;
    const auto verified = reader->verify([](std::uint64_t) {});
    ASSERT_TRUE(verified.ok());
    ASSERT_EQ(verified->damage.size(), 1u);
    const Damage& damage = verified->damage[0];
    EXPECT_TRUE(damage.offset <= at && at < damage.offset + damage.length);
    std::size_t lost = 2;
    for (std::size_t i = 0; i < 2; ++i) {
      if (at >= small.blocks[i].offset && at < small.blocks[i].offset + small.blocks[i].bytes) lost = i;
    }
    if (lost < 2) {
      EXPECT_EQ(damage.offset, small.blocks[lost].offset);
      EXPECT_EQ(damage.length, small.blocks[lost].bytes);
    }
    if (at >= small.file.size() - kEndBytes) {
      EXPECT_EQ(damage.offset, small.file.size() - kEndBytes);
      EXPECT_EQ(damage.length, kEndBytes);
      EXPECT_TRUE(reader->has_footer()) << "it is whole, though nothing says where it is";
      EXPECT_EQ(reader->damage().size(), 1u);
      EXPECT_EQ(reader->valid_end(), small.file.size()) << "nothing is torn";
    }
    std::size_t errors = 0;
    EXPECT_EQ(records_of(*reader, &errors), small.records_but(lost));
  }
}

TEST(Segment, WithBytesBetweenItsPartsReportsThemAndReadsTheRest) {
  const Small small;
  for (const std::size_t at :
       {small.header_bytes, static_cast<std::size_t>(small.blocks[1].offset), small.footer_offset}) {
    const std::string file = small.file.substr(0, at) + "LMLOGPRT is no part" + small.file.substr(at);
    const MemorySource source(file);
    const auto reader = SegmentReader::open(source);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(records_of(*reader), small.records_but(2));
    ASSERT_EQ(reader->damage().size(), 1u);
    EXPECT_EQ(reader->damage()[0].offset, at);
    EXPECT_EQ(reader->damage()[0].length, 19u);
  }
}

TEST(Segment, OfRandomRingsComesBackInBlocksOfAnySize) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    std::vector<std::unique_ptr<SessionScript>> sessions;
    std::vector<std::pair<std::size_t, RingScript>> rings;
    for (std::uint8_t i = 0; i < 1 + random() % 3; ++i) {
      sessions.push_back(std::make_unique<SessionScript>(id_of(static_cast<std::uint8_t>(1 + i * 16))));
      sessions[i]->statement(Level::info, "up", {});
      sessions[i]->statement(Level::error, "{a} {b} {s}",
                             {{ArgType::i16, "a"}, {ArgType::f64, "b"}, {ArgType::string, "s"}});
      sessions[i]->statement(Level::debug, "{s} {t} {u}",
                             {{ArgType::string, "s"}, {ArgType::string, "t"}, {ArgType::u64, "u"}});
    }
    for (std::uint8_t i = 0; i < 1 + random() % 5; ++i)
      rings.emplace_back(random() % sessions.size(),
                         RingScript(id_of(static_cast<std::uint8_t>(0x70 + i * 16)), kMinRingBytes << random() % 3,
                                    random() % 3 == 0 ? random() % 1000 * 8 : 0));
    SegmentWriter writer(header_of_test());
    BlockBuilder builder({.keyed_records = 1 + random() % 100, .own_frame_bytes = random() % 4000});
    std::string file = writer.begin({});
    std::vector<PlainRecord> expected;
    for (auto blocks = random() % 4; blocks > 0; --blocks) {
      for (auto ranges = random() % 8; ranges > 0; --ranges) {
        auto& [session_index, before] = rings[random() % rings.size()];
        SessionScript& session = *sessions[session_index];
        RingScript ring(before.id(), before.data_bytes(), before.head(), before.state());
        for (auto records = random() % 200; records > 0; --records) {
          const std::uint64_t time = random() % 1'000'000;
          const std::string text(random() % (random() % 50 == 0 ? 14'000 : 12), static_cast<char>('a' + random() % 3));
          switch (random() % 6) {
            case 0:
              ring.record(64, time);
              break;
            case 1:
              ring.thread(time, static_cast<std::uint32_t>(random()), 1, "thread");
              break;
            case 2:
              ring.record(static_cast<std::uint32_t>(32 + random() % 32), time, text);
              break;
            case 3:
              ring.record(66, time, Arguments().fixed(random()).string(text, random() % 2 == 0).string("t").bytes(),
                          random() % 4 * 8);
              break;
            default:
              ring.record(65, time,
                          Arguments()
                              .fixed(static_cast<std::int16_t>(random()))
                              .fixed(static_cast<double>(random() % 9))
                              .string(text));
          }
        }
        builder.add_range(session.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes(), ring.records(),
                          ring.begin_state(), ring.state());
        const auto more = records_of(session.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes());
        expected.insert(expected.end(), more.begin(), more.end());
        before = std::move(ring);
      }
      if (builder.empty()) continue;
      file += writer.add_block(finish(builder, writer));
    }
    const MemorySource unclosed(file);
    const auto scanned = SegmentReader::open(unclosed);
    ASSERT_TRUE(scanned.ok());
    EXPECT_EQ(sorted(records_of(*scanned)), sorted(expected));
    file += writer.finish();
    const MemorySource closed(file);
    const auto reader = SegmentReader::open(closed);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(sorted(records_of(*reader)), sorted(expected));
    EXPECT_EQ(reader->blocks(), scanned->blocks());
    EXPECT_EQ(reader->rings(), scanned->rings());
    EXPECT_EQ(reader->ranges(), scanned->ranges());
    EXPECT_EQ(reader->levels(), scanned->levels());
    const auto verified = reader->verify([](std::uint64_t) {});
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->records, expected.size());
    for (const Damage& damage : verified->damage) ADD_FAILURE() << damage.what << " at " << damage.offset;
  }
}

TEST(Segment, VerifiedTellsARunThatOverlapsFromOneThatIsMissingBytes) {
  SessionScript session(id_of(1));
  const auto up = session.statement(Level::info, "up", {});
  struct Second {
    std::uint64_t from;
    std::uint64_t calls_before;  // that the second run knows of, beyond those of the first
    std::string_view complaint;
  };
  for (const Second& is : {Second{32, 0, "earlier one holds"}, Second{64, 1, "missing"}, Second{48, 0, ""},
                           Second{48, 1, "does not begin in the state"},
                           Second{64, 0, ""}}) {  // an `overwrite` ring went on: no call was there
    SegmentWriter writer(header_of_test());
    BlockBuilder builder;
    RingScript first(id_of(0x10));
    for (int i = 0; i < 3; ++i) first.record(up, 1);  // [0, 48)
    StateVector state = first.state();
    state.index += is.calls_before;
    RingScript second(id_of(0x10), kMinRingBytes, is.from, state);
    second.record(up, 2);
    std::string file = writer.begin({});
    add(builder, session, first);
    file += writer.add_block(finish(builder, writer));
    builder.add_range(session.catalog(), second.id(), kMinRingBytes, second.from(), second.bytes(), 1, state,
                      second.state());
    file += writer.add_block(finish(builder, writer));
    file += writer.finish();
    const MemorySource source(file);
    const auto reader = SegmentReader::open(source);
    ASSERT_TRUE(reader.ok());
    const auto verified = reader->verify([](std::uint64_t) {});
    ASSERT_TRUE(verified.ok());
    ASSERT_EQ(verified->damage.size(), is.complaint.empty() ? 0u : 1u) << is.from;
    if (!is.complaint.empty()) {
      EXPECT_NE(verified->damage[0].what.find(is.complaint), std::string::npos) << is.from;
    }
  }
}

}  // namespace
}  // namespace lmlog::formats
