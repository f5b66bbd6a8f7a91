// SPDX-License-Identifier: Apache-2.0
// Body of the footer part.
#include <utility>

#include "formats/src/body_items.hpp"
#include "formats/src/segment_bodies.hpp"

namespace lmlog::formats {
namespace {

void write_block(const BlockSummary& block, ByteWriter& out) {
  out.uv(block.offset);
  out.uv(block.bytes);
  out.uv(block.records);
  write_ranges(block.ranges, out);
  out.put(block.levels);
  out.uv(block.sites.size());
  for (const auto& [hash, records] : block.sites) {
    out.put(hash);
    out.uv(records);
  }
}

bool take_block(ByteReader& in, BlockSummary& block) {
  block.offset = in.uv();
  block.bytes = in.uv();
  block.records = in.uv();
  block.ranges = take_ranges(in);
  block.levels = in.take<std::uint8_t>();
  const std::uint64_t sites = in.count(9);
  block.sites.reserve(static_cast<std::size_t>(sites));
  for (std::uint64_t i = 0; i < sites; ++i) {
    const auto hash = in.take<std::uint64_t>();
    block.sites.emplace_back(hash, in.uv());
  }
  return in.ok() && block.records <= kMaxBlockRecords && block.bytes <= kMaxBlockBytes;
}

void write_ring(const RingSummary& ring, ByteWriter& out) {
  out.put(ring.session);
  out.put(ring.ring);
  out.uv(ring.data_bytes);
  out.uv(ring.from);
  out.uv(ring.to);
  out.uv(ring.records);
  write_losses_list(ring.losses, out);
  write_state(ring.end_state, out);
}

bool take_ring(ByteReader& in, RingSummary& ring) {
  ring.session = in.take<Id128>();
  ring.ring = in.take<Id128>();
  ring.data_bytes = in.uv();
  ring.from = in.uv();
  ring.to = in.uv();
  ring.records = in.uv();
  return take_losses_list(in, ring.losses) && take_state(in, ring.end_state);
}

}  // namespace

std::string write_footer(const Footer& footer, std::string_view catalog_body) {
  ByteWriter out;
  out.uv(footer.records);
  out.uv(footer.blocks.size());
  write_ranges(footer.records == 0 ? TimeRanges{0, 0, 0, 0} : footer.ranges, out);
  out.put(footer.levels);
  out.str(catalog_body);
  out.uv(footer.blocks.size());
  for (const BlockSummary& block : footer.blocks) write_block(block, out);
  out.uv(footer.rings.size());
  for (const RingSummary& ring : footer.rings) write_ring(ring, out);
  return out.take();
}

bool parse_footer(std::span<const std::byte> body, Footer& out, SegmentCatalog& sessions) {
  ByteReader in(body);
  Footer footer;
  footer.records = in.uv();
  const std::uint64_t blocks = in.uv();
  footer.ranges = take_ranges(in);
  if (footer.records == 0) footer.ranges = {};
  footer.levels = in.take<std::uint8_t>();
  const auto catalog = in.bytes(in.uv());
  SegmentCatalog parsed;
  if (!in.ok() || !parse_catalog(catalog, parsed)) return false;
  constexpr std::uint64_t kBlockBytes = 3 + 32 + 1 + 1;
  const std::uint64_t n = in.count(kBlockBytes);
  if (n != blocks) return false;
  std::uint64_t records = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    BlockSummary block;
    if (!take_block(in, block)) return false;
    records += block.records;
    footer.blocks.push_back(std::move(block));
  }
  const std::uint64_t rings = in.count(2 * sizeof(Id128) + 6);
  if (rings > kMaxSegmentRings) return false;
  for (std::uint64_t i = 0; i < rings; ++i) {
    RingSummary ring;
    if (!take_ring(in, ring)) return false;
    footer.rings.push_back(std::move(ring));
  }
  if (!in.ok() || records != footer.records) return false;
  out = std::move(footer);
  sessions = std::move(parsed);
  return true;
}

}  // namespace lmlog::formats
