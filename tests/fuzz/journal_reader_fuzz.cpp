// SPDX-License-Identifier: Apache-2.0
// Journal files of anybody: every entry is read to its end, damage has ranges inside the file, and reading ends.

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/journal_reader.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using lmlog::formats::JournalEntryType;
using lmlog::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const lmlog::formats::MemorySource source(lmlog::fuzz::as_string(data, size));
  auto reader = lmlog::formats::JournalReader::open(source);
  if (!reader) return 0;
  for (std::size_t entries = 0;; ++entries) {
    expect(entries <= size / 32, "no more entries than fit");
    const auto entry = reader->next();
    if (!entry || !*entry) break;
    if ((*entry)->type != JournalEntryType::range) continue;
    lmlog::formats::RecordReader records((*entry)->bytes, (*entry)->from, (*entry)->data_bytes);
    lmlog::formats::RecordView record;
    lmlog::formats::StateVector state = (*entry)->state;
    while (records.next(record)) (void)state.apply(record);
  }
  expect(reader->valid_end() <= size, "valid entries lie within the file");
  for (const auto& damage : reader->damage())
    expect(damage.offset <= size && damage.length <= size - damage.offset, "damage lies within the file");
  return 0;
}
