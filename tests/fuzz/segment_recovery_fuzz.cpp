// SPDX-License-Identifier: Apache-2.0
// A collector that starts on segments of anybody: each is closed, removed or left alone, and a second start finds the
// same places and changes nothing.
#include "collector/store/segment_recovery.hpp"
#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/memory_files.hpp"

using namespace lmlog;
using fuzz::expect;

namespace {

/// The sessions that the file names: all of their rings are asked for.
std::set<formats::Id128> sessions_of(const std::string& bytes) {
  std::set<formats::Id128> out;
  const formats::MemorySource source(bytes);
  const auto segment = formats::SegmentReader::open(source);
  if (!segment) return out;
  for (const auto& ring : segment->rings()) out.insert(ring.session);
  for (const auto& ring : segment->checkpoint()) out.insert(ring.session);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = fuzz::as_string(data, size);
  const collector::ArchiveLayout layout("/a");
  const std::string path = layout.service_folder(formats::Tier::hot, "golden") + "/one.lms";
  fuzz::MemoryFiles files;
  files.put(path, bytes);
  collector::Notices notices([](const std::string&) {});
  const auto sessions = sessions_of(bytes);
  const auto recover = [&] {
    auto out = collector::recover_segments(files, layout, sessions, collector::Durability::write, notices);
    expect(out.ok(), "what cannot be read is no error");
    return std::move(out).value();
  };
  const auto first = recover();
  if (!files.contents.contains(path)) return 0;
  const std::string closed = *files.contents[path];
  const formats::MemorySource source(closed);
  if (const auto segment = formats::SegmentReader::open(source))
    expect(segment->has_footer(), "a segment that can be read is closed");
  const auto second = recover();
  expect(*files.contents[path] == closed, "a second start changes nothing");
  expect(first.places.size() == second.places.size() && first.next_sequence == second.next_sequence &&
             first.tiers[0].records == second.tiers[0].records,
         "a second start finds the same");
  for (const auto& [key, place] : first.places) {
    const auto again = second.places.find(key);
    expect(
        again != second.places.end() && again->second.position == place.position && again->second.state == place.state,
        "a second start finds each ring at the same place");
  }
  return 0;
}
