// SPDX-License-Identifier: Apache-2.0
// The index of a segment: bodies of blocks, footers, checkpoints and headers, the first byte says of which. What was
// parsed and written again says the same, and a directory that is taken holds its promises.
#include "formats/src/block_directory.hpp"
#include "formats/src/segment_bodies.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace lmlog::formats;
using lmlog::fuzz::expect;

namespace {

std::span<const std::byte> as_span(const std::string& bytes) {
  return std::as_bytes(std::span(bytes.data(), bytes.size()));
}

void read_directory(std::span<const std::byte> body) {
  const auto directory = parse_block_directory(body);
  if (!directory) return;
  expect(directory->records <= kMaxBlockRecords && stored_frame_bytes(*directory) <= kMaxBlockBytes,
         "a directory that is taken is within its bounds");
  for (const ColumnEntry& column : directory->columns) {
    const auto& frame = directory->frames[column.frame];
    expect(column.offset + column.bytes <= frame.inflated_bytes, "a column lies in its frame");
  }
  const std::string written = write_block_directory(*directory);
  const auto again = parse_block_directory(as_span(written));
  expect(again.ok() && write_block_directory(*again) == written, "a directory reads back as it was written");
}

void read_footer(std::span<const std::byte> body) {
  Footer footer;
  SegmentCatalog sessions;
  if (!parse_footer(body, footer, sessions)) return;
  const std::string written = write_footer(footer, write_whole_catalog(sessions));
  Footer again;
  SegmentCatalog sessions_again;
  expect(parse_footer(as_span(written), again, sessions_again), "a footer can be read again");
  expect(again.records == footer.records && again.blocks == footer.blocks && again.rings == footer.rings,
         "a footer reads back as it was written");
}

void read_checkpoint(std::span<const std::byte> body) {
  std::vector<RingPosition> rings;
  if (!parse_checkpoint(body, rings)) return;
  const std::string written = write_checkpoint(rings);
  std::vector<RingPosition> again;
  expect(parse_checkpoint(as_span(written), again) && write_checkpoint(again) == written,
         "a checkpoint reads back as it was written");
}

void read_header(std::span<const std::byte> body) {
  const auto header = parse_segment_header(body);
  if (!header) return;
  const std::string written = write_segment_header(*header);
  const auto again = parse_segment_header(as_span(written));
  expect(again.ok() && write_segment_header(*again) == written, "a header reads back as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto body = lmlog::fuzz::as_bytes(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_directory(body);
      break;
    case 1:
      read_footer(body);
      break;
    case 2:
      read_checkpoint(body);
      break;
    default:
      read_header(body);
  }
  return 0;
}
