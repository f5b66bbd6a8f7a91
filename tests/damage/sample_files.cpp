// SPDX-License-Identifier: Apache-2.0
// Files of the damage tests.
#include "tests/damage/sample_files.hpp"

#include <algorithm>
#include <cassert>

#include "formats/src/part_scanner.hpp"
#include "lmlog/formats/journal_reader.hpp"
#include "lmlog/formats/journal_writer.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "lmlog/formats/segment_writer.hpp"
#include "tests/damage/sample_rings.hpp"

namespace lmlog::damage {
namespace {

constexpr std::uint32_t kRecordsOfAStretch = 160;
constexpr std::int64_t kReceived = 1'795'000'000'000'000'001;

RegionKind kind_of(PartType type) {
  switch (type) {
    case PartType::header:
      return RegionKind::header;
    case PartType::header_copy:
      return RegionKind::header_copy;
    case PartType::checkpoint:
      return RegionKind::checkpoint;
    case PartType::catalog:
      return RegionKind::catalog;
    case PartType::block:
      return RegionKind::block;
    case PartType::footer:
      break;
  }
  return RegionKind::footer;
}

/// The map of a segment, from a walk of its parts.
void map_segment(SampleFile& file) {
  const MemorySource source(file.bytes);
  PartScanner scanner(source, 0, file.bytes.size() - kEndBytes);
  for (ScannedPart part; scanner.next(part).value();)
    file.regions.push_back({kind_of(part.type), part.offset, part.bytes});
  file.without_footer = file.regions.size() - 1;
  file.regions.push_back({RegionKind::end, file.bytes.size() - kEndBytes, kEndBytes});
}

void map_journal(SampleFile& file) {
  const MemorySource source(file.bytes);
  auto reader = JournalReader::open(source).value();
  file.regions.push_back({RegionKind::header, 0, kJournalHeaderBytes});
  for (;;) {
    const auto entry = reader.next().value();
    if (!entry) break;
    file.regions.push_back({RegionKind::entry, entry->offset, entry->length});
  }
}

void add_to_journal(JournalWriter& journal, SampleRings& rings, std::vector<std::uint64_t>& declared) {
  const auto stretches = rings.next(kRecordsOfAStretch);
  for (std::uint32_t i = 0; i < rings.sessions(); ++i) {
    const auto catalog = rings.session(i).catalog_bytes();
    if (declared.size() == i) {
      journal.session(i, 1000, rings.session(i).descriptor());
      declared.push_back(0);
    }
    if (catalog.size() > declared[i])
      journal.catalog(i, declared[i], catalog.subspan(static_cast<std::size_t>(declared[i])));
    declared[i] = catalog.size();
    journal.anchor(i, SampleRings::anchor_of(i));
  }
  for (const Stretch& stretch : stretches) {
    const auto& ring = stretch.ring;
    journal.range(stretch.session, ring.id(), ring.data_bytes(), ring.from(), ring.head(), ring.begin_state(),
                  ring.bytes());
    if (stretch.losses)
      journal.losses(stretch.session, ring.id(), ring.head() + 1, 1'000'000, ring.state(), *stretch.losses);
  }
}

}  // namespace

const Region& SampleFile::region_of(std::uint64_t offset) const {
  auto at = std::upper_bound(regions.begin(), regions.end(), offset,
                             [](std::uint64_t wanted, const Region& region) { return wanted < region.offset; });
  return *--at;
}

SampleFile SampleFile::unclosed() const {
  SampleFile out{*this};
  out.regions.resize(without_footer);
  out.bytes.resize(static_cast<std::size_t>(out.regions.back().end()));
  return out;
}

SampleFile sample_segment(std::size_t bytes) {
  SampleRings rings;
  BlockOptions options;
  options.keyed_records = 40;     // some sites have columns of a run of their own
  options.own_frame_bytes = 512;  // and some columns a frame
  SegmentWriter writer(
      {script::id_of(0x50), 1000, 7, 1'795'000'000'000'000'000, Tier::hot, "trading", "host-1", "damage test", {}});
  BlockBuilder builder(options);
  std::vector<RingPosition> checkpoint;
  for (std::uint8_t i = 0; i < 4; ++i) {
    checkpoint.push_back({script::id_of(1), script::id_of(static_cast<std::uint8_t>(0x80 + 16 * i)), 65536, 0, {}});
  }
  SampleFile out;
  out.bytes = writer.begin(checkpoint);
  while (out.bytes.size() < bytes) {
    for (const Stretch& stretch : rings.next(kRecordsOfAStretch)) {
      const auto& ring = stretch.ring;
      const SessionCatalog& session = rings.session(stretch.session).catalog();
      builder.add_range(session, ring.id(), ring.data_bytes(), ring.from(), ring.bytes(), ring.records(),
                        ring.begin_state(), ring.state());
      if (stretch.losses)
        builder.add_losses(session, ring.id(), ring.data_bytes(), ring.head(), 1, 1'000'000, ring.state(),
                           *stretch.losses);
    }
    out.bytes += writer.add_block(builder.finish(
        kReceived, [](const SessionCatalog&) { return std::vector{SampleRings::anchor_of(0)}; },
        [&writer](const SessionCatalog& session) { return writer.number_of(session); }));
  }
  out.bytes += writer.finish();
  map_segment(out);
  return out;
}

SampleFile sample_journal(std::size_t bytes) {
  SampleRings rings;
  JournalWriter journal;
  std::vector<std::uint64_t> declared;
  journal.header(3, kReceived);
  while (journal.bytes().size() < bytes) add_to_journal(journal, rings, declared);
  journal.ring_end(0, script::id_of(0x80), 1 << 20);
  SampleFile out;
  out.bytes.assign(reinterpret_cast<const char*>(journal.bytes().data()), journal.bytes().size());
  map_journal(out);
  return out;
}

}  // namespace lmlog::damage
