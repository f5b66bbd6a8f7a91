// SPDX-License-Identifier: Apache-2.0
// A segment that tests take apart: what stands in its parts is changed, and checksums and lengths fit again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "formats/src/block_directory.hpp"
#include "formats/src/checksum.hpp"
#include "formats/src/column_integer.hpp"
#include "formats/src/segment_bodies.hpp"
#include "formats/src/zstd_codec.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "lmlog/formats/segment_writer.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/fuzz/segment_pieces.hpp"

namespace lmlog::formats::script {

using fuzz::SegmentPiece;

inline bool is(const SegmentPiece& piece, PartType type) {
  return piece.kind == SegmentPiece::Kind::part && piece.type == static_cast<std::uint16_t>(type);
}

/// A segment in parts: a block that uses all statements, and one to be changed, which does not use the last.
class SegmentInParts {
 public:
  SegmentInParts() {
    const auto up = session_.statement(Level::info, "up", {});
    const auto down = session_.statement(Level::info, "down", {});
    const auto tick = session_.statement(Level::warn, "tick {seq}", {{ArgType::i32, "seq"}});
    const auto text = session_.statement(Level::info, "{text}", {{ArgType::string, "text"}});
    const auto rare = session_.statement(Level::error, "rare {n}", {{ArgType::u8, "n"}});
    SegmentWriter writer({id_of(0x50), 1000, 7, 1, Tier::hot, "golden", "host-1", "test", {}});
    BlockBuilder builder;
    std::string file = writer.begin({});
    RingScript first(id_of(0x10));
    for (const auto id : {up, down}) first.record(id, 1);
    first.record(tick, 2, Arguments().fixed(std::int32_t{1}));
    first.record(text, 2, Arguments().string("one"));
    first.record(rare, 2, Arguments().fixed(std::uint8_t{1}));
    file += add(builder, writer, first);
    RingScript second(id_of(0x10), kMinRingBytes, first.head(), first.state());
    second.thread(3, 7, 1, "name");
    for (const auto id : {up, up, down}) second.record(id, 4);
    for (std::int32_t i = 0; i < 3; ++i) second.record(tick, 5, Arguments().fixed(i * 1000));
    for (const char* each : {"a", "b"}) second.record(text, 6, Arguments().string(each));
    second.record(static_cast<std::uint32_t>(RecordKind::loss), 7, std::string(8, '\xFF'));  // says nothing
    LossCounts counts{};
    counts[0] = 3;
    builder.add_losses(session_.catalog(), id_of(0x30), kMinRingBytes, 64, 1, 8, {}, counts);
    file += add(builder, writer, second);
    pieces = fuzz::take_segment_apart(file + writer.finish());
    // Put together again, parts have other lengths.
    const std::string again = bytes().substr(0, bytes().rfind("LMLOGPRT") - 8);
    const MemorySource source(again);
    const auto reader = SegmentReader::open(source).value();
    change_footer([&reader](Footer& footer, SegmentCatalog&) { footer.blocks = reader.blocks(); });
  }

  /// Only what stands before the footer.
  void open_end() {
    std::erase_if(
        pieces, [](const auto& piece) { return is(piece, PartType::footer) || piece.kind == SegmentPiece::Kind::end; });
  }

  [[nodiscard]] SegmentPiece& last(PartType type) {
    return *std::find_if(pieces.rbegin(), pieces.rend(), [type](const auto& piece) { return is(piece, type); });
  }

  void change_directory(const std::function<void(BlockDirectory&)>& change) {
    SegmentPiece& piece = last(PartType::block);
    BlockDirectory d = parse_block_directory(view(piece.body)).value();
    change(d);
    piece.body = write_block_directory(d);
  }

  /// The numbers of a column of the last block, written anew in a frame of its own.
  void change_numbers(BlockColumn which, const std::function<void(std::vector<std::uint64_t>&)>& change) {
    SegmentPiece& piece = last(PartType::block);
    BlockDirectory d = parse_block_directory(view(piece.body)).value();
    const auto at = std::find_if(d.columns.begin(), d.columns.end(), [which](const auto& column) {
      return column.site == 0 && column.argument == static_cast<std::uint32_t>(which);
    });
    const FrameEntry& old = d.frames[at->frame];
    std::size_t begin = 0;
    for (std::uint32_t i = 0; i < at->frame; ++i) begin += static_cast<std::size_t>(d.frames[i].stored_bytes);
    std::string frame;
    ASSERT_TRUE(inflate(view(std::string_view(piece.frames).substr(begin, static_cast<std::size_t>(old.stored_bytes))),
                        old.inflated_bytes, frame));
    std::vector<std::uint64_t> numbers;
    const auto type = static_cast<ArgType>(at->type);
    ASSERT_TRUE(decode_numbers(
        type, static_cast<Encoding>(at->encoding),
        view(std::string_view(frame).substr(static_cast<std::size_t>(at->offset), static_cast<std::size_t>(at->bytes))),
        at->values, numbers));
    change(numbers);
    std::string bytes;
    at->encoding = static_cast<std::uint8_t>(encode_numbers(type, numbers, bytes));
    at->frame = static_cast<std::uint32_t>(d.frames.size());
    at->offset = 0;
    at->bytes = bytes.size();
    std::string stored;
    (void)Deflater(1).append_frame(bytes, stored);
    d.frames.push_back({stored.size(), bytes.size(), checksum(view(stored))});
    piece.frames += stored;
    piece.body = write_block_directory(d);
  }

  void change_footer(const std::function<void(Footer&, SegmentCatalog&)>& change) {
    SegmentPiece& piece = last(PartType::footer);
    Footer footer;
    SegmentCatalog sessions;
    ASSERT_TRUE(parse_footer(view(piece.body), footer, sessions));
    change(footer, sessions);
    piece.body = write_footer(footer, write_whole_catalog(sessions));
  }

  [[nodiscard]] std::string bytes() const { return fuzz::put_segment_together(pieces); }

  /// What a verification says, one sentence a line.
  [[nodiscard]] std::string verified() const {
    const MemorySource source(bytes());
    const auto reader = SegmentReader::open(source);
    if (!reader) return reader.error().text;
    const auto verified = reader->verify([](std::uint64_t) {});
    if (!verified) return verified.error().text;
    std::string out;
    for (const Damage& damage : verified->damage) out += damage.what + "\n";
    return out;
  }

  std::vector<SegmentPiece> pieces;

 private:
  std::string add(BlockBuilder& builder, SegmentWriter& writer, const RingScript& ring) {
    builder.add_range(session_.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes(), ring.records(),
                      ring.begin_state(), ring.state());
    return writer.add_block(builder.finish(
        1, [](const SessionCatalog&) { return std::vector<Anchor>{}; },
        [&writer](const SessionCatalog& session) { return writer.number_of(session); }));
  }

  SessionScript session_{id_of(1)};
};

/// The site of the last block with that many records; sites are in the order of their first record.
inline BlockSite& site_of(BlockDirectory& d, std::uint64_t records, std::uint8_t level) {
  return *std::find_if(d.sites.begin(), d.sites.end(),
                       [&](const auto& site) { return site.records == records && site.level == level; });
}

inline std::uint32_t number_of(BlockDirectory& d, const BlockSite& site) {
  return static_cast<std::uint32_t>(&site - d.sites.data()) + 1;
}

inline ColumnEntry& column_of(BlockDirectory& d, std::uint32_t site) {
  return *std::find_if(d.columns.begin(), d.columns.end(), [site](const auto& column) { return column.site == site; });
}

inline BlockSite& ticks_of(BlockDirectory& d) { return site_of(d, 3, static_cast<std::uint8_t>(Level::warn)); }

}  // namespace lmlog::formats::script
