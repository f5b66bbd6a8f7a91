// SPDX-License-Identifier: Apache-2.0
// Blocks: which columns there are, positions, losses, malformed records, time ranges, and how runs come together.
#include <limits>

#include <gtest/gtest.h>

#include "lmlog/formats/block_builder.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/formats/segment_script.hpp"

namespace lmlog::formats {
namespace {

using namespace script;

BlockReader finish(BlockBuilder& builder, std::vector<Anchor> anchors = {}) {
  EncodedBlock block = builder.finish(
      5, [&anchors](const SessionCatalog&) { return anchors; }, [](const SessionCatalog&) { return 0u; });
  auto reader = BlockReader::open(std::move(block.bytes), 0);
  EXPECT_TRUE(reader.ok());
  return std::move(reader).value();
}

void add(BlockBuilder& builder, SessionScript& session, const RingScript& ring, std::uint64_t from, std::uint64_t to) {
  builder.add_range(session.catalog(), ring.id(), ring.data_bytes(), from, ring.bytes(from, to), 0, {}, {});
}

void add(BlockBuilder& builder, SessionScript& session, const RingScript& ring) {
  builder.add_range(session.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes(), ring.records(),
                    ring.begin_state(), ring.state());
}

TEST(Block, KeysColumnsByRunWhereTheRunHasEnoughRecordsOfTheSite) {
  SessionScript session(id_of(1));
  const auto a = session.statement(Level::info, "a {x} {y}", {{ArgType::i32, "x"}, {ArgType::i32, "y"}});
  const auto b = session.statement(Level::info, "b {x}", {{ArgType::string, "x"}});
  BlockBuilder builder({.keyed_records = 10});
  std::vector<PlainRecord> expected;
  for (std::uint8_t ring_number = 0; ring_number < 4; ++ring_number) {
    RingScript ring(id_of(static_cast<std::uint8_t>(16 + ring_number)));
    const int count = ring_number % 2 == 0 ? 10 : 9;  // rings 0 and 2 have enough, 1 and 3 share
    for (int i = 0; i < count; ++i) {
      ring.record(a, 1, Arguments().fixed(100 * ring_number + i).fixed(-i));
      if (i < 3) ring.record(b, 2, Arguments().string("text " + std::to_string(i)));
    }
    add(builder, session, ring);
    const auto records = records_of(session.catalog(), ring.id(), kMinRingBytes, 0, ring.bytes());
    expected.insert(expected.end(), records.begin(), records.end());
  }
  BlockReader block = finish(builder);
  for (std::uint32_t argument = 0; argument < 2; ++argument) {
    EXPECT_TRUE(block.find_column(1, 1, argument) && block.find_column(1, 3, argument));
    EXPECT_FALSE(block.find_column(1, 2, argument) || block.find_column(1, 4, argument));
    EXPECT_EQ(block.directory().columns[*block.find_column(1, 0, argument)].values, 18u);
  }
  EXPECT_EQ(block.directory().columns[*block.find_column(2, 0, 0)].values, 12u);
  EXPECT_EQ(BlockWalk(block).records().value(), expected);
}

TEST(Block, GivesAColumnAFrameOfItsOwnFromSomeSizeOn) {
  SessionScript session(id_of(1));
  const auto id = session.statement(Level::info, "{large} {small}", {{ArgType::u64, "large"}, {ArgType::u8, "small"}});
  RingScript ring(id_of(16), 1 << 20);
  for (unsigned i = 0; i < 300; ++i)
    ring.record(id, i, Arguments().fixed(0x9E3779B97F4A7C15 * (i + 1)).fixed(static_cast<std::uint8_t>(i)));
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  const auto& columns = block.directory().columns;
  const std::uint32_t large = columns[*block.find_column(1, 0, 0)].frame;
  for (const ColumnEntry& column : columns) {
    EXPECT_EQ(column.frame == large, column.site == 1 && column.argument == 0);
    EXPECT_EQ(column.bytes >= 2048, column.frame == large);
  }
  EXPECT_EQ(block.directory().frames.size(), 2u);
}

TEST(Block, JoinsRangesThatContinueTheirRingsRun) {
  SessionScript session(id_of(1));
  const auto id = session.statement(Level::info, "up", {});
  RingScript a(id_of(16));
  RingScript b(id_of(48));
  for (unsigned i = 0; i < 10; ++i) a.record(id, i);
  for (unsigned i = 0; i < 10; ++i) b.record(id, i);
  BlockBuilder builder;
  add(builder, session, a, 0, 48);
  add(builder, session, b, 0, 64);
  add(builder, session, a, 48, 96);
  add(builder, session, b, 80, 160);  // 16 bytes are missing: a run of its own
  BlockReader block = finish(builder);
  const auto& runs = block.directory().runs;
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].to, 96u);
  EXPECT_EQ(runs[0].records, 6u);
  EXPECT_EQ(runs[1].to, 64u);
  EXPECT_EQ(runs[2].from, 80u);
  std::vector<std::uint64_t> positions;
  const auto records = BlockWalk(block).records();
  for (const PlainRecord& record : *records) positions.push_back(record.position);
  EXPECT_EQ(positions, (std::vector<std::uint64_t>{0, 16, 32, 48, 64, 80, 0, 16, 32, 48, 80, 96, 112, 128, 144}));
}

TEST(Block, KeepsThePositionsOfRecordsAroundGapsPadsAndTheLongestShortLength) {
  SessionScript session(id_of(1));
  const auto text = session.statement(Level::info, "{}", {{ArgType::string, ""}});
  RingScript ring(id_of(16), 4 * kMinRingBytes, 8 * kMinRingBytes);
  for (const std::size_t length : {32'739u, 32'740u, 32'741u, 32'748u, 32'749u, 0u, 60'000u})
    ring.record(text, 1, Arguments().string(std::string(length, 'x')));
  ring.record(text, 1, Arguments().string("slack").bytes(), 8);
  ring.record(text, 1, Arguments().string("more").bytes(), 40'000);
  for (int i = 0; i < 9; ++i) ring.record(text, 2, Arguments().string(std::string(50'000, 'y')));  // over the wrap
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  EXPECT_EQ(BlockWalk(block).records().value(),
            records_of(session.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes()));
  EXPECT_EQ(block.directory().runs[0].to, ring.head());
}

TEST(Block, KeepsRecordsOfAllKindsAsTheyAre) {
  SessionScript session(id_of(1));
  const auto up = session.statement(Level::fatal, "up", {});
  RingScript ring(id_of(16));
  ring.thread(1, 2, 0, "name");
  ring.record(up, 2);
  ring.record(40, 3, "a kind of a later version");
  ring.record(63, 4, "");
  ring.record(40, 5, std::string(15'000, 'k'));
  ring.record(up, 6);
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  EXPECT_EQ(BlockWalk(block).records().value(),
            records_of(session.catalog(), ring.id(), kMinRingBytes, 0, ring.bytes()));
  EXPECT_EQ(block.directory().levels, 1u << 6);
  EXPECT_EQ(block.directory().sites[0].hash, 2u);
  EXPECT_EQ(block.directory().sites[0].level, kNoLevel);
}

TEST(Block, KeepsARecordOfAKindThatIsLongerThanAShortOne) {
  SessionScript session(id_of(1));
  RingScript ring(id_of(16), 8 * kMinRingBytes);
  ring.record(40, 1, std::string(40'000, 'k'));
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  EXPECT_EQ(BlockWalk(block).records().value(),
            records_of(session.catalog(), ring.id(), ring.data_bytes(), 0, ring.bytes()));
}

TEST(Block, CountsWhatItsLossRecordsReport) {
  SessionScript session(id_of(1));
  RingScript ring(id_of(16));
  LossCounts counts{};
  counts[0] = 5;
  ring.losses(10, counts);
  counts[0] = 8;
  counts[9] = 1;
  ring.losses(11, counts);
  LossCounts back{};
  back[0] = 2;  // a counter that goes back reports nothing
  ring.losses(12, back);
  BlockBuilder builder;
  add(builder, session, ring);
  counts[0] = 10;
  builder.add_losses(session.catalog(), ring.id(), kMinRingBytes, ring.head(), 2, 13, ring.state(), counts);
  LossCounts without_ring{};
  without_ring[3] = 7;
  builder.add_losses(session.catalog(), id_of(1), 0, 56, 0, 14, {}, without_ring);
  EncodedBlock encoded = builder.finish(
      5, [](const SessionCatalog&) { return std::vector<Anchor>{}; }, [](const SessionCatalog&) { return 0u; });
  ASSERT_EQ(encoded.rings.size(), 2u);
  EXPECT_EQ(encoded.rings[0].losses, (LossList{{0, 10}, {9, 1}}));
  EXPECT_EQ(encoded.rings[0].records, 3u);
  EXPECT_EQ(encoded.rings[0].to, ring.head());
  EXPECT_EQ(encoded.rings[0].end_state.losses, counts);
  auto block = BlockReader::open(std::move(encoded.bytes), 0);
  ASSERT_TRUE(block.ok());
  const auto& runs = block->directory().runs;
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].losses, (LossList{{0, 8}, {9, 1}}));
  EXPECT_TRUE(runs[1].made_by_collector);
  EXPECT_EQ(runs[1].cursor_offset, 2);
  EXPECT_EQ(runs[1].losses, (LossList{{0, 2}}));
  EXPECT_EQ(runs[2].losses, (LossList{{3, 7}}));
  EXPECT_EQ(runs[2].to, 56u);
  EXPECT_EQ(BlockWalk(*block).records()->size(), 5u);
}

TEST(Block, StoresWhatFitsOfARecordWhoseArgumentsDoNot) {
  SessionScript session(id_of(1));
  const auto id = session.statement(Level::info, "{a} {b} {c}",
                                    {{ArgType::u64, "a"}, {ArgType::string, "b"}, {ArgType::string, "c"}});
  RingScript ring(id_of(16));
  ring.record(id, 1, std::string(8, '\1'));  // no strings at all
  ring.record(id, 2, "");                    // not even the number
  const std::string word("\xFF\0\0\0", 4);   // 255 bytes
  ring.record(id, 3, std::string(8, '\2') + word + "only these");
  ring.record(id, 4, Arguments().fixed(std::uint64_t{7}).string("good").string("too"));
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  const auto records = BlockWalk(block).records();
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ((*records)[i].position, ring.written()[i].position);
    EXPECT_EQ((*records)[i].length, ring.written()[i].length);
  }
  const std::string none = Arguments().string("", true).string("", true).bytes();
  EXPECT_EQ((*records)[0].arguments, std::string(8, '\1') + none);
  EXPECT_EQ((*records)[1].arguments, std::string(8, '\0') + none);
  const Column b = block.column(*block.find_column(1, 0, 1)).value();
  EXPECT_EQ(b.strings[2].substr(0, 10), "only these");
  EXPECT_TRUE(b.truncated[2]);
  EXPECT_EQ(b.strings[3], "good");
  EXPECT_FALSE(b.truncated[3]);
}

TEST(Block, RepairsARecordThatIsLongerThanAShortOne) {
  SessionScript session(id_of(1));
  const auto id = session.statement(Level::info, "{a} {b} {c}",
                                    {{ArgType::u64, "a"}, {ArgType::string, "b"}, {ArgType::string, "c"}});
  const auto number = session.statement(Level::info, "{n}", {{ArgType::u64, "n"}});
  RingScript ring(id_of(16), 8 * kMinRingBytes);
  const std::string text(40'000, 'x');
  const std::string too_many("\xFF\xFF\0\0", 4);  // 65535 bytes
  ring.record(id, 1, Arguments().fixed(std::uint64_t{7}).string("whole").bytes() + too_many + text);
  ring.record(number, 2, "");
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  const Column b = block.column(*block.find_column(1, 0, 1)).value();
  EXPECT_EQ(b.strings.at(0), "whole");
  EXPECT_TRUE(b.truncated.empty());
  const Column c = block.column(*block.find_column(1, 0, 2)).value();
  EXPECT_EQ(c.strings.at(0).substr(0, text.size()), text);
  EXPECT_TRUE(c.truncated.at(0));
  EXPECT_EQ(block.column(*block.find_column(2, 0, 0))->numbers.at(0), 0u) << "what is missing of a number is zero";
  const auto records = BlockWalk(block).records();
  EXPECT_EQ((*records)[1].position, ring.written()[1].position);
  EXPECT_EQ((*records)[1].length, ring.written()[1].length);
}

TEST(Block, KeepsPositionsAroundARecordWhoseStatementIsNotKnown) {
  SessionScript session(id_of(1));
  const auto up = session.statement(Level::info, "up", {});
  RingScript ring(id_of(16));
  ring.record(up, 1);
  ring.record(up + 1, 2, "what nobody can read");
  ring.record(up, 3);
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  const auto records = BlockWalk(block).records();
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ((*records)[1].position, ring.written()[2].position);
  EXPECT_EQ(block.directory().runs[0].to, ring.head());
}

TEST(Block, BelievesNoLossRecordThatContradictsItself) {
  SessionScript session(id_of(1));
  RingScript ring(id_of(16));
  LossCounts counts{};
  counts[0] = 5;
  ring.losses(10, counts);
  const std::string far_too_many("\xFF\0\0\0\0\0\0\0", 8);
  ring.record(static_cast<std::uint32_t>(RecordKind::loss), 11, far_too_many);
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  EXPECT_EQ(block.directory().runs[0].losses, (LossList{{0, 5}}));
  EXPECT_EQ(BlockWalk(block).records()->size(), 2u) << "its bytes are kept";
}

TEST(Block, MakesSitesOfOneHashThatDifferInArgumentsOrLevel) {
  // Nobody can stop a process from choosing texts whose hashes meet: types and level tell the sites apart.
  SessionScript session(id_of(1));
  session.statement(Level::info, "x {n}", {{ArgType::i32, "n"}});
  session.statement(Level::info, "x {n}", {{ArgType::i32, "n"}});
  SessionCatalog& catalog = session.catalog();
  auto* other = const_cast<Statement*>(catalog.find(65));
  other->arguments[0].tag = static_cast<std::uint8_t>(ArgType::string);
  other->fixed_bytes = 0;
  other->variable_arguments = 1;
  session.statement(Level::info, "x {n}", {{ArgType::i32, "n"}});
  const_cast<Statement*>(session.catalog().find(66))->level = Level::warn;
  RingScript ring(id_of(16));
  ring.record(64, 1, Arguments().fixed(std::int32_t{5}));
  ring.record(65, 2, Arguments().string("five"));
  ring.record(66, 3, Arguments().fixed(std::int32_t{6}));
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  ASSERT_EQ(block.directory().sites.size(), 3u);
  EXPECT_EQ(block.directory().sites[0].hash, block.directory().sites[1].hash);
  EXPECT_EQ(block.directory().sites[0].hash, block.directory().sites[2].hash);
  EXPECT_EQ(block.column(*block.find_column(2, 0, 0))->strings.at(0), "five");
}

TEST(Block, KnowsItsTimeRangesInNanoseconds) {
  SessionScript session(id_of(1), ClockKind::tsc);
  const auto up = session.statement(Level::info, "up", {});
  RingScript ring(id_of(16));
  ring.clock(2'000, ClockKind::tsc, 0);
  ring.record(up, 10'000);
  ring.record(up, 4'000);  // goes back: its sort key does not
  ring.clock(1'000'500, ClockKind::realtime, 1);
  ring.record(up, 1'000'400);
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder, {{0, 1'000'000, 0}, {1'000, 1'000'500, 0}});  // two ticks a nanosecond
  const TimeRanges& ranges = block.directory().ranges;
  EXPECT_EQ(ranges.min_time, 1'000'400u);
  EXPECT_EQ(ranges.max_time, 1'005'000u);
  EXPECT_EQ(ranges.min_key, 1'000'500u);  // the clock record of the new epoch resets it
  EXPECT_EQ(ranges.max_key, 1'005'000u);
}

TEST(Block, HoldsMinimumAndMaximumOfNumbers) {
  SessionScript session(id_of(1));
  const auto id =
      session.statement(Level::info, "{i} {f} {u}", {{ArgType::i16, "i"}, {ArgType::f32, "f"}, {ArgType::u64, "u"}});
  RingScript ring(id_of(16));
  for (int i = -3; i < 4; ++i)
    ring.record(id, 1,
                Arguments()
                    .fixed(static_cast<std::int16_t>(i))
                    .fixed(i == 0 ? std::numeric_limits<float>::quiet_NaN() : 0.5f * static_cast<float>(i))
                    .fixed(std::uint64_t{1} << (60 + i)));
  BlockBuilder builder;
  add(builder, session, ring);
  BlockReader block = finish(builder);
  const auto item = []<class T>(char tag, T value) {
    return std::string{tag, 8} + std::string(reinterpret_cast<const char*>(&value), 8);
  };
  const auto statistics = [&block](std::uint32_t argument) {
    return block.directory().columns[*block.find_column(1, 0, argument)].statistics;
  };
  EXPECT_EQ(statistics(0), item(1, std::int64_t{-3}) + item(2, std::int64_t{3}));
  EXPECT_EQ(statistics(1), item(1, -1.5) + item(2, 1.5));
  EXPECT_EQ(statistics(2), item(1, std::uint64_t{1} << 57) + item(2, std::uint64_t{1} << 63));
}

TEST(Block, OfPadsAloneHasNoRecordsButKeepsThePositions) {
  SessionScript session(id_of(1));
  RingScript ring(id_of(16), kMinRingBytes, kMinRingBytes - 128);
  ring.pad(128);
  BlockBuilder builder;
  EXPECT_TRUE(builder.empty());
  add(builder, session, ring);
  EXPECT_FALSE(builder.empty());
  BlockReader block = finish(builder);
  EXPECT_EQ(block.directory().records, 0u);
  ASSERT_EQ(block.directory().runs.size(), 1u);
  EXPECT_EQ(block.directory().runs[0].to, kMinRingBytes);
  EXPECT_TRUE(builder.empty());
}

TEST(Block, IsFullByRuns) {
  SessionScript session(id_of(1));
  LossCounts counts{};
  BlockBuilder builder;
  for (std::uint64_t run = 0; run < kMaxBlockRuns / 2; ++run) {
    EXPECT_FALSE(builder.full());
    builder.add_losses(session.catalog(), id_of(16), kMinRingBytes, 8 * run, 0, 1, {}, counts);
  }
  EXPECT_TRUE(builder.full());
}

TEST(Block, BeginsARunAnewWhereARingGoesOnInAnotherSession) {
  SessionScript first(id_of(1));
  SessionScript second(id_of(2));
  const auto up = first.statement(Level::info, "up", {});
  (void)second.statement(Level::info, "up", {});
  RingScript ring(id_of(16));
  for (int i = 0; i < 4; ++i) ring.record(up, 1);
  BlockBuilder builder;
  add(builder, first, ring, 0, 32);
  add(builder, second, ring, 32, 64);
  BlockReader block = finish(builder);
  ASSERT_EQ(block.directory().runs.size(), 2u);
  EXPECT_NE(block.directory().runs[0].session, block.directory().runs[1].session);
}

TEST(Block, ComesAfterALargeOneFromTheSameBuilder) {
  SessionScript session(id_of(1));
  const auto tick = session.statement(Level::info, "{n}", {{ArgType::u32, "n"}});
  BlockBuilder builder;
  for (const std::uint32_t count : {70'000u, 3u, 70'000u}) {
    RingScript ring(id_of(16), std::uint64_t{1} << 22);
    for (std::uint32_t i = 0; i < count; ++i) ring.record(tick, i, Arguments().fixed(i * i));
    add(builder, session, ring);
    BlockReader block = finish(builder);
    EXPECT_EQ(BlockWalk(block).records().value(),
              records_of(session.catalog(), ring.id(), ring.data_bytes(), 0, ring.bytes()));
  }
}

TEST(Block, IsFullByRecordsAndByBytes) {
  SessionScript session(id_of(1));
  const auto text = session.statement(Level::info, "{}", {{ArgType::string, ""}});
  RingScript small(id_of(16));
  for (int i = 0; i < 4; ++i) small.record(text, 1, Arguments().string("x"));
  BlockBuilder by_records({.block_records = 4});
  EXPECT_FALSE(by_records.full());
  add(by_records, session, small);
  EXPECT_TRUE(by_records.full());
  BlockBuilder by_bytes;
  RingScript large(id_of(17), std::uint64_t{1} << 26);
  for (int i = 0; i < 8; ++i) large.record(text, 1, Arguments().string(std::string(std::size_t{1} << 22, 'x')));
  add(by_bytes, session, large);
  EXPECT_TRUE(by_bytes.full());
  BlockReader block = finish(by_bytes);
  EXPECT_EQ(BlockWalk(block).records()->size(), 8u);
}

}  // namespace
}  // namespace lmlog::formats
