// SPDX-License-Identifier: Apache-2.0
// lmlog-decode over journals of anybody: verify and print. A torn end is cut first: readers wait for a writer there.
#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/journal_reader.hpp"
#include "tests/fuzz/decoded_file.hpp"

namespace {

/// False when it is no journal. What stands before an entry that was cut may be torn in its turn.
bool cut_torn_end(std::string& bytes) {
  for (;;) {
    const lmlog::formats::MemorySource source(bytes);
    auto reader = lmlog::formats::JournalReader::open(source);
    if (!reader) return false;
    for (;;) {
      const auto entry = reader->next();
      if (!entry || !*entry) break;
    }
    if (reader->valid_end() == bytes.size()) return true;
    bytes.resize(static_cast<std::size_t>(reader->valid_end()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes = lmlog::fuzz::as_string(data, size);
  if (cut_torn_end(bytes)) (void)lmlog::fuzz::decode_file(bytes);
  return 0;
}
