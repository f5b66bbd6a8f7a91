// SPDX-License-Identifier: Apache-2.0
// Mutations of segments that leave a segment: fields of blocks and footers, parts doubled, dropped, swapped, merged and
// cut, a footer built anew for what was changed; seldom bytes without any sense.
#include <cstring>
#include <span>

#include "formats/src/segment_bodies.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/fuzz/block_mutation.hpp"
#include "tests/fuzz/segment_pieces.hpp"

namespace lmlog::fuzz {
namespace {

using namespace formats;

bool change_footer(std::string& body, Chance& chance) {
  Footer footer;
  SegmentCatalog sessions;
  if (!parse_footer(std::as_bytes(std::span(body.data(), body.size())), footer, sessions)) return false;
  switch (chance.below(5)) {
    case 0:
      change_list(footer.blocks, chance);
      break;
    case 1:
      change_list(footer.rings, chance);
      break;
    case 2:
      if (footer.blocks.empty()) break;
      {
        BlockSummary& block = footer.blocks[chance.below(footer.blocks.size())];
        std::uint64_t* const fields[] = {&block.offset, &block.bytes, &block.records, &block.ranges.min_key};
        chance.change(*fields[chance.below(std::size(fields))]);
      }
      break;
    case 3:
      if (footer.rings.empty()) break;
      {
        RingSummary& ring = footer.rings[chance.below(footer.rings.size())];
        std::uint64_t* const fields[] = {&ring.from, &ring.to, &ring.records, &ring.data_bytes};
        chance.change(*fields[chance.below(std::size(fields))]);
      }
      break;
    default:
      chance.one_in(2) ? chance.change(footer.levels) : chance.change(footer.ranges.max_key);
  }
  if (!chance.one_in(4)) {  // sums agree, so that readers go on
    footer.records = 0;
    for (const BlockSummary& block : footer.blocks) footer.records += block.records;
  }
  body = write_footer(footer, write_whole_catalog(sessions));
  return true;
}

void change_piece(SegmentPiece& piece, std::size_t room, Chance& chance) {
  if (piece.kind == SegmentPiece::Kind::part && !chance.one_in(8)) {
    const auto type = static_cast<PartType>(piece.type);
    if (type == PartType::block && change_block(piece.body, piece.frames, chance)) return;
    if (type == PartType::footer && change_footer(piece.body, chance)) return;
  }
  if (chance.one_in(32)) return chance.change(piece.type);
  if (!piece.frames.empty() && chance.one_in(4)) return change_body(piece.frames, room, chance);
  change_body(piece.body, room, chance);
}

/// The file as a collector would close it.
std::string with_new_footer(const std::vector<SegmentPiece>& pieces) {
  auto open = pieces;
  std::erase_if(open, [](const SegmentPiece& piece) {
    return piece.kind == SegmentPiece::Kind::end || piece.type == static_cast<std::uint16_t>(PartType::footer);
  });
  std::string bytes = put_segment_together(open);
  const MemorySource source(bytes);
  const auto reader = SegmentReader::open(source);
  if (!reader) return bytes;
  bytes.resize(static_cast<std::size_t>(reader->valid_end()));
  return bytes + reader->rebuild_footer();
}

std::string mutated(std::string_view bytes, std::size_t room, Chance& chance) {
  auto pieces = take_segment_apart(bytes);
  if (pieces.empty()) return {};
  const std::size_t at = chance.below(pieces.size());
  switch (chance.below(12)) {
    case 0:
      change_list(pieces, chance);
      break;
    case 1:  // merged into the one before
      if (at != 0) {
        pieces[at - 1].body += pieces[at].body;
        pieces[at - 1].frames += pieces[at].frames;
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at));
      }
      break;
    case 2: {  // cut in two, of one type
      SegmentPiece rest = pieces[at];
      const std::size_t cut = chance.below(rest.body.size() + 1);
      pieces[at].body.resize(cut);
      rest.body.erase(0, cut);
      pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(rest));
      break;
    }
    case 3: {  // torn
      std::string out = put_segment_together(pieces);
      out.resize(out.size() - chance.below(std::min<std::size_t>(out.size(), 256)));
      return out;
    }
    case 4:
      return with_new_footer(pieces);
    default:
      change_piece(pieces[at], room, chance);
      if (chance.one_in(3)) return with_new_footer(pieces);
  }
  return put_segment_together(pieces);
}

}  // namespace
}  // namespace lmlog::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  lmlog::fuzz::Chance chance(seed);
  if (chance.one_in(16)) return LLVMFuzzerMutate(data, size, max_size);
  const std::size_t room = max_size > size ? std::min<std::size_t>(max_size - size, 64) : 0;
  const std::string out = lmlog::fuzz::mutated({reinterpret_cast<const char*>(data), size}, room, chance);
  if (out.empty() || out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
