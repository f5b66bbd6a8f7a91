// SPDX-License-Identifier: Apache-2.0
// Segments whose checksums fit and whose parts contradict each other: a verification names each contradiction.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/formats/segment_parts.hpp"

namespace lmlog::formats {
namespace {

using namespace script;

struct Change {
  const char* complaint;  // empty: nothing is wrong
  std::function<void(BlockDirectory&)> make;
};

TEST(Verification, HasNothingToSayOfAGoodSegment) {
  SegmentInParts segment;
  EXPECT_EQ(segment.verified(), "");
  segment.open_end();
  EXPECT_EQ(segment.verified(), "");
}

TEST(Verification, FindsADirectoryThatTheRecordsContradict) {
  const Change all[] = {
      {"the levels of a block", [](auto& d) { d.levels = static_cast<std::uint8_t>(d.levels ^ 1); }},
      {"of another site in the catalog", [](auto& d) { ticks_of(d).hash ^= 1; }},
      {"is not in the catalog",
       [](auto& d) {
         d.statements.push_back({0, 999, number_of(d, ticks_of(d)) - 1});
       }},
      {"not of the types", [](auto& d) { column_of(d, number_of(d, ticks_of(d))).type = 5; }},
      {"not of the types",
       [](auto& d) {
         const auto site = number_of(d, ticks_of(d));
         std::erase_if(d.columns, [site](const auto& column) { return column.site == site; });
       }},
      {"not of the types",
       [](auto& d) {
         d.columns.push_back(column_of(d, number_of(d, ticks_of(d))));
         d.columns.back().argument = 1;
       }},
      {"a site's number of records",
       [](auto& d) {
         auto& up = site_of(d, 2, static_cast<std::uint8_t>(Level::info));
         auto& down = site_of(d, 1, static_cast<std::uint8_t>(Level::info));
         std::swap(up.records, down.records);
       }},
      {"the losses of a run",
       [](auto& d) {
         d.runs[0].losses = {{5, 1}};
       }},
      {"the states around a run", [](auto& d) { ++d.runs.back().end_state.index; }},
      {"the time ranges", [](auto& d) { ++d.ranges.max_time; }},
      {"do not fit between its positions", [](auto& d) { d.runs.back().to -= 16; }},
      {"", [](auto& d) { d.columns[0].encoding = 99; }},  // a later version's: what cannot be read is not judged
      {"", [](auto& d) { column_of(d, number_of(d, ticks_of(d))).encoding = 99; }},
      {"", [](auto& d) { column_of(d, number_of(d, site_of(d, 1, kNoLevel))).encoding = 99; }},
      {"",
       [](auto& d) {  // a statement of which there is no record
         d.sites.push_back({d.sites[0].hash ^ 1, static_cast<std::uint8_t>(Level::fatal), 0});
       }},
  };
  for (const Change& change : all) {
    SegmentInParts segment;
    segment.open_end();
    segment.change_directory(change.make);
    const std::string said = segment.verified();
    EXPECT_EQ(said.empty(), *change.complaint == '\0') << said << "instead of: " << change.complaint;
    EXPECT_NE(said.find(change.complaint), std::string::npos) << said << "instead of: " << change.complaint;
  }
}

TEST(Verification, LooksAtNoTypesOfAStatementWithoutRecords) {
  SegmentInParts segment;
  segment.open_end();
  BlockDirectory first;
  for (const SegmentPiece& piece : segment.pieces) {
    if (first.sites.empty() && is(piece, PartType::block)) first = parse_block_directory(view(piece.body)).value();
  }
  segment.change_directory([&first](auto& d) {
    d.statements.push_back({0, 68, static_cast<std::uint32_t>(d.sites.size())});
    BlockSite rare = *std::find_if(first.sites.begin(), first.sites.end(), [](const auto& site) {
      return site.level == static_cast<std::uint8_t>(Level::error);
    });
    rare.records = 0;
    d.sites.push_back(rare);
  });
  EXPECT_EQ(segment.verified(), "");
}

TEST(Verification, FindsColumnsThatContradictTheDirectory) {
  struct Numbers {
    const char* complaint;
    BlockColumn column;
    std::function<void(std::vector<std::uint64_t>&)> make;
  };
  // Records in the order of runs: first the one that the collector made.
  const Numbers all[] = {
      {"of no statement of its session", BlockColumn::statement, [](auto& numbers) { numbers.back() = 77; }},
      {"has no value in a column", BlockColumn::statement, [](auto& numbers) { numbers[8] = numbers[5]; }},
      {"belong to no record", BlockColumn::statement, [](auto& numbers) { numbers[5] = numbers[2]; }},
      {"takes bytes of the ring", BlockColumn::gap, [](auto& numbers) { numbers[0] = 8; }},
      {"takes bytes of the ring", BlockColumn::slack, [](auto& numbers) { numbers[0] = 8; }},
      {"do not fit", BlockColumn::gap, [](auto& numbers) { numbers[1] = 4; }},
      {"do not fit", BlockColumn::gap, [](auto& numbers) { numbers[1] = 1 << 20; }},
      {"do not fit", BlockColumn::slack, [](auto& numbers) { numbers[1] = 4; }},
      {"do not fit", BlockColumn::slack, [](auto& numbers) { numbers[1] = static_cast<std::uint64_t>(-40); }},
      {"do not fit", BlockColumn::slack, [](auto& numbers) { numbers[1] = 1 << 20; }},
  };
  for (const Numbers& one : all) {
    SegmentInParts segment;
    segment.open_end();
    segment.change_numbers(one.column, one.make);
    const std::string said = segment.verified();
    EXPECT_NE(said.find(one.complaint), std::string::npos) << said << "instead of: " << one.complaint;
  }
}

TEST(Verification, FindsABlockOfASessionThatNobodyKnows) {
  SegmentInParts segment;
  segment.open_end();
  // A block of records that are no statements.
  SessionScript session(id_of(2));
  RingScript ring(id_of(0x60));
  ring.thread(1, 2, 3, "name");
  SegmentWriter writer({});
  BlockBuilder builder;
  builder.add_range(session.catalog(), ring.id(), kMinRingBytes, 0, ring.bytes(), 1, {}, ring.state());
  const auto block = builder.finish(
      1, [](const SessionCatalog&) { return std::vector<Anchor>{}; }, [](const SessionCatalog&) { return 99u; });
  const auto more = fuzz::take_segment_apart(block.bytes);
  segment.pieces.insert(segment.pieces.end(), more.begin(), more.end());
  EXPECT_NE(segment.verified().find("a session of a block is not in the catalog"), std::string::npos);
}

TEST(Verification, OfABlockOfPadsAloneHasNothingToSay) {
  SessionScript session(id_of(1));
  RingScript ring(id_of(0x10), kMinRingBytes, kMinRingBytes - 128);
  ring.pad(128);
  SegmentWriter writer({});
  BlockBuilder builder;
  std::string file = writer.begin({});
  builder.add_range(session.catalog(), ring.id(), kMinRingBytes, ring.from(), ring.bytes(), 0, {}, {});
  file += writer.add_block(builder.finish(
      1, [](const SessionCatalog&) { return std::vector<Anchor>{}; },
      [&writer](const SessionCatalog& one) { return writer.number_of(one); }));
  const MemorySource source(file + writer.finish());
  const auto reader = SegmentReader::open(source);
  EXPECT_TRUE(reader->verify([](std::uint64_t) {})->damage.empty());
}

TEST(Verification, FindsAFooterThatIsNotThatOfTheParts) {
  struct Other {
    const char* complaint;
    std::function<void(Footer&, SegmentCatalog&)> make;
  };
  const auto remade = [](SegmentCatalog& sessions, const std::function<void(SessionDescriptor&, std::uint32_t&)>& make,
                         bool without_last = false, bool changed = false) {
    SessionDescriptor descriptor = sessions[0]->descriptor();
    std::uint32_t uid = sessions[0]->uid();
    make(descriptor, uid);
    auto other = std::make_shared<SessionCatalog>(descriptor, uid);
    std::vector<std::string> entries;
    sessions[0]->for_each_entry([&](std::string_view raw) { entries.emplace_back(raw); });
    if (without_last) entries.pop_back();
    if (changed) {
      const auto at = entries[0].find("main.cpp");
      entries[0][at] = 'M';
    }
    for (const std::string& raw : entries) EXPECT_TRUE(other->add_entry(view(raw)).ok());
    sessions[0] = std::move(other);
  };
  const auto nothing = [](SessionDescriptor&, std::uint32_t&) {};
  const Other all[] = {
      {"blocks are not those",
       [](auto& footer, auto&) {
         ++footer.records;
         ++footer.blocks[0].records;
       }},
      {"time ranges or levels", [](auto& footer, auto&) { ++footer.ranges.max_time; }},
      {"time ranges or levels", [](auto& footer, auto&) { footer.levels = 0; }},
      {"rings are not those", [](auto& footer, auto&) { footer.rings.pop_back(); }},
      {"footer's catalog", [](auto&, auto& sessions) { sessions.push_back(sessions[0]); }},
      {"footer's catalog",
       [&](auto&, auto& sessions) {
         remade(sessions, [](auto& descriptor, auto&) { descriptor.session_id = id_of(9); });
       }},
      {"footer's catalog", [&](auto&, auto& sessions) { remade(sessions, [](auto&, auto& uid) { ++uid; }); }},
      {"footer's catalog", [&](auto&, auto& sessions) { remade(sessions, nothing, true); }},
      {"footer's catalog", [&](auto&, auto& sessions) { remade(sessions, nothing, false, true); }},
  };
  for (const Other& other : all) {
    SegmentInParts segment;
    segment.change_footer(other.make);
    const std::string said = segment.verified();
    EXPECT_NE(said.find(other.complaint), std::string::npos) << said << "instead of: " << other.complaint;
  }
}

}  // namespace
}  // namespace lmlog::formats
