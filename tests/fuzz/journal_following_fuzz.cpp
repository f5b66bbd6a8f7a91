// SPDX-License-Identifier: Apache-2.0
// A collector that starts on journals of anybody: what it makes of them are segments that are good, whatever the
// journal said; and nothing of it is there twice.
#include <set>

#include "collector/config/config_keys.hpp"
#include "collector/store/archiver.hpp"
#include "collector/store/old_journal.hpp"
#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/damage/stopped_clock.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/memory_files.hpp"

using namespace lmlog;
using fuzz::expect;

namespace {

void check_segment(const std::string& bytes) {
  const formats::MemorySource source(bytes);
  const auto segment = formats::SegmentReader::open(source);
  expect(segment.ok() && segment->has_footer() && segment->damage().empty(), "a sealed segment opens");
  std::set<std::pair<formats::Id128, std::uint64_t>> taken;
  for (const auto& summary : segment->blocks()) {
    auto block = segment->read_block(summary);
    expect(block.ok() && block->verify_frames().ok(), "a block of a new segment is good");
    for (std::size_t i = 0; i < block->directory().columns.size(); ++i)
      expect(block->column(i).ok(), "a column of a new segment is good");
  }
  const auto verified = segment->verify([](std::uint64_t) {});
  expect(verified.ok(), "a new segment can be verified");
  for (const auto& damage : verified->damage) {
    // Of the journal's making: bytes that it leaves out are missing, and its states are believed.
    const bool is_missing = damage.what.starts_with("ring bytes are missing") ||
                            damage.what.starts_with("a run does not begin in the state") ||
                            damage.what.starts_with("the states around a run") ||
                            damage.what.starts_with("the losses of a run");
    if (!is_missing) std::fprintf(stderr, "%s\n", damage.what.c_str());
    expect(is_missing, "a new segment has no damage");
  }
}

std::set<formats::Id128> ended_rings(std::string bytes) {
  std::set<formats::Id128> out;
  const formats::MemorySource source(std::move(bytes));
  auto reader = formats::JournalReader::open(source);
  while (reader) {
    const auto entry = reader->next();
    if (!entry || !*entry) break;
    if ((*entry)->type == formats::JournalEntryType::ring_end) out.insert((*entry)->ring);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const collector::ArchiveLayout layout("/a");
  fuzz::MemoryFiles files;
  files.put(layout.journal_file(0), fuzz::as_string(data, size));
  const damage::StoppedClock clock;
  const collector::ConfigBox config(collector::default_config());
  collector::Notices notices([](const std::string&) {});
  std::uint8_t ids = 0;
  const auto new_id = [&ids] {
    formats::Id128 id;
    id.bytes[0] = ++ids;
    return id;
  };
  collector::Archiver archiver(files, clock, layout, new_id, config, notices, {});
  auto old = collector::read_old_journal(files, layout, collector::Durability::write);
  expect(old.ok(), "an old journal is no error");
  const auto places = take_over(*old, files, layout, collector::Durability::write, {}, {}, notices);
  expect(places.ok(), "an old journal can be taken over");
  std::set<formats::Id128> all;
  for (const auto& [key, place] : *places) all.insert(place.session);
  archiver.follow(*old, all);
  expect(archiver.pump({old->next_sequence, 0, false}), "what it holds can be read");
  const auto ended = ended_rings(fuzz::as_string(data, size));
  for (const auto& [key, place] : archiver.places()) {
    if (ended.contains(key.ring)) continue;  // the archiver forgets them when it has cut a block: no drain asks again
    const auto found = places->find(key);
    expect(found != places->end() && found->second.position == place.position && found->second.state == place.state,
           "both readers come to one place");
  }
  expect(archiver.finish().ok(), "what it holds can be archived");
  for (const auto& [path, bytes] : files.contents) {
    if (path.ends_with(".lms")) check_segment(*bytes);
  }
  return 0;
}
