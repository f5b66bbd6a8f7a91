// SPDX-License-Identifier: Apache-2.0
// Segment files of anybody, with and without footer: all blocks and columns are read, damage has ranges inside the
// file, and a rebuilt footer makes the file whole.

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using lmlog::formats::MemorySource;
using lmlog::formats::SegmentReader;
using lmlog::fuzz::expect;

namespace {

void read_all(const SegmentReader& segment) {
  for (const auto& summary : segment.blocks()) {
    auto block = segment.read_block(summary);
    if (!block) continue;
    (void)block->verify_frames();
    const auto& columns = block->directory().columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto column = block->column(i);
      if (column) expect(column->size() == columns[i].values, "a column has as many values as its entry says");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = lmlog::fuzz::as_string(data, size);
  const MemorySource source(bytes);
  const auto segment = SegmentReader::open(source);
  if (!segment) return 0;
  expect(segment->valid_end() <= size, "valid parts lie within the file");
  for (const auto& damage : segment->damage())
    expect(damage.offset <= size && damage.length <= size - damage.offset, "damage lies within the file");
  read_all(*segment);
  (void)segment->verify([](std::uint64_t) {});
  if (segment->has_footer()) return 0;

  const MemorySource closed(bytes.substr(0, segment->valid_end()) + segment->rebuild_footer());
  const auto again = SegmentReader::open(closed);
  expect(static_cast<bool>(again) && again->has_footer(), "a rebuilt footer is found");
  expect(again->records() == segment->records(), "a rebuilt footer counts the same records");
  return 0;
}
