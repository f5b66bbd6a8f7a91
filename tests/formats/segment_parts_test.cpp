// SPDX-License-Identifier: Apache-2.0
// Segments whose checksums fit and whose parts say what no writer says: readers take of them what can be believed.
#include "formats/src/part.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/formats/segment_parts.hpp"

namespace lmlog::formats {
namespace {

using namespace script;

TEST(SegmentOfParts, WithAFooterThatClaimsTooMuchIsReadWithoutIt) {
  const std::function<void(Footer&, SegmentCatalog&)> all[] = {
      [](auto& footer, auto&) { footer.records = footer.blocks[0].records = kMaxBlockRecords + 1; },
      [](auto& footer, auto&) { footer.blocks[0].bytes = kMaxBlockBytes + 1; },
      [](auto& footer, auto&) { footer.blocks[0].offset = 8; },
      [](auto& footer, auto&) { ++footer.records; },
      [](auto& footer, auto&) { footer.rings.resize(kMaxSegmentRings + 1); },
      [](auto&, auto& sessions) {
        const auto first = sessions[0];
        sessions.resize(kMaxSegmentSessions + 1);
        sessions.back() = first;
      },
  };
  for (const auto& change : all) {
    for (const bool has_end : {true, false}) {
      SegmentInParts segment;
      segment.change_footer(change);
      if (!has_end) segment.pieces.back() = {SegmentPiece::Kind::raw, 0, std::string(kEndBytes, 'x'), {}};
      const std::string file = segment.bytes();
      const MemorySource source(file);
      const auto reader = SegmentReader::open(source);
      ASSERT_TRUE(reader.ok());
      EXPECT_FALSE(reader->has_footer());
      EXPECT_EQ(reader->blocks().size(), 2u);
    }
  }
}

TEST(SegmentOfParts, KeepsOfSeveralCheckpointsTheLaterPositionOfEachRing) {
  for (const bool closed : {true, false}) {
    SegmentInParts segment;
    SegmentPiece checkpoint = segment.last(PartType::checkpoint);
    const auto at = std::find_if(segment.pieces.begin(), segment.pieces.end(),
                                 [](const auto& piece) { return is(piece, PartType::checkpoint); });
    at->body = write_checkpoint(
        {{id_of(1), id_of(0x10), kMinRingBytes, 800, {}}, {id_of(1), id_of(0x20), kMinRingBytes, 80, {}}});
    checkpoint.body = write_checkpoint({{id_of(1), id_of(0x10), kMinRingBytes, 400, {}},
                                        {id_of(1), id_of(0x20), kMinRingBytes, 96, {}},
                                        {id_of(1), id_of(0x40), kMinRingBytes, 8, {}}});
    segment.pieces.insert(at + 1, checkpoint);
    if (!closed) segment.open_end();
    const std::string file = segment.bytes();
    const MemorySource source(file);
    const auto reader = SegmentReader::open(source);
    ASSERT_TRUE(reader.ok());
    std::vector<std::uint64_t> positions;
    for (const RingPosition& ring : reader->checkpoint()) positions.push_back(ring.position);
    EXPECT_EQ(positions, (std::vector<std::uint64_t>{800, 96, 8}));
  }
}

TEST(SegmentOfParts, TakesNoHeaderInItsMiddleAndNoCheckpointOfTooManyRings) {
  SegmentInParts segment;
  segment.open_end();
  SegmentPiece header = segment.pieces[0];
  SegmentPiece checkpoint = segment.last(PartType::checkpoint);
  checkpoint.body = write_checkpoint(std::vector<RingPosition>(kMaxSegmentRings + 1));
  segment.pieces.push_back(header);
  segment.pieces.push_back(checkpoint);
  segment.pieces.push_back(segment.last(PartType::block));
  const std::string said = segment.verified();
  EXPECT_NE(said.find("a part fails its checks"), std::string::npos) << said;
  EXPECT_NE(said.find("a checkpoint is malformed"), std::string::npos) << said;
}

TEST(SegmentOfParts, WhoseFirstSessionIsNotThereIsClosedWithTheOthers) {
  SegmentInParts segment;
  segment.open_end();
  for (SegmentPiece& piece : segment.pieces) {
    SegmentCatalog sessions;
    if (!is(piece, PartType::catalog) || !parse_catalog(view(piece.body), sessions)) continue;
    sessions.insert(sessions.begin(), nullptr);
    piece.body = write_whole_catalog(sessions);
  }
  const std::string file = segment.bytes();
  const MemorySource source(file);
  const auto reader = SegmentReader::open(source);
  ASSERT_TRUE(reader.ok());
  const std::string closed = file + reader->rebuild_footer();
  const MemorySource again(closed);
  const auto whole = SegmentReader::open(again);
  ASSERT_TRUE(whole.ok());
  EXPECT_TRUE(whole->has_footer());
  EXPECT_EQ(whole->session(0), nullptr);
  EXPECT_NE(whole->session(1), nullptr);
}

TEST(SegmentOfParts, HasColumnsOfNoOtherEncodingThanTheirTypes) {
  for (const bool is_text : {true, false}) {
    SegmentInParts segment;
    segment.open_end();
    std::size_t index = 0;
    segment.change_directory([&](auto& d) {
      auto& column = is_text ? column_of(d, number_of(d, site_of(d, 2, static_cast<std::uint8_t>(Level::info))) + 2)
                             : column_of(d, number_of(d, ticks_of(d)));
      column.encoding = is_text ? 0 : 16;
      index = static_cast<std::size_t>(&column - d.columns.data());
    });
    const std::string file = segment.bytes();
    const MemorySource source(file);
    const auto reader = SegmentReader::open(source);
    auto block = reader->read_block(reader->blocks().back());
    ASSERT_TRUE(block.ok());
    EXPECT_FALSE(block->column(index).ok());
  }
  EXPECT_FALSE(BlockReader::open("short", 0).ok());
}

TEST(Zstd, InflatesNothingThatIsTooLargeOrBroken) {
  std::string stored;
  const std::string text(1000, 'x');
  (void)Deflater(3).append_frame(text + "and more than a run", stored);
  std::string out;
  EXPECT_TRUE(inflate(view(stored), text.size() + 19, out));
  EXPECT_FALSE(inflate(view(stored), kMaxInflatedBytes + 1, out));
  std::size_t refused = 0;
  for (std::size_t at = 8; at < stored.size(); ++at) {
    std::string broken = stored;
    broken[at] = static_cast<char>(broken[at] ^ 0xFF);
    refused += inflate(view(broken), text.size() + 19, out) ? 0 : 1;
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace lmlog::formats
