// SPDX-License-Identifier: Apache-2.0
// lmlog-decode over segments of anybody: verify and print. A segment in which verify finds nothing gives as many
// records as it says.
#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/fuzz/decoded_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = lmlog::fuzz::as_string(data, size);
  const lmlog::formats::MemorySource source(bytes);
  if (!lmlog::formats::SegmentReader::open(source)) return 0;
  (void)lmlog::fuzz::decode_file(bytes);
  return 0;
}
