// SPDX-License-Identifier: Apache-2.0
// Whole segments: what was written comes back, with footer, by a scan, and after a rebuilt footer.
#include "lmlog/formats/segment_reader.hpp"

#include <algorithm>
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

}  // namespace
}  // namespace lmlog::formats
