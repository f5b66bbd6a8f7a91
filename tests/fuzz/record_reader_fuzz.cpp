// SPDX-License-Identifier: Apache-2.0
// Ring bytes of a hostile producer: the walk stays inside them, only goes forward, and its records lie one behind the
// other. Input: u64 position, u8 ring size, ring bytes.

#include <cstring>

#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using lmlog::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 9;
  if (size < kHead) return 0;
  std::uint64_t from = 0;
  std::memcpy(&from, data, sizeof(from));
  from &= ~std::uint64_t{7};
  const std::uint64_t ring_bytes = std::uint64_t{1} << (16 + data[8] % 15);
  const auto bytes = lmlog::fuzz::as_bytes(data + kHead, size - kHead);
  if (bytes.size() > ring_bytes || from > ~std::uint64_t{0} - ring_bytes) return 0;

  lmlog::formats::RecordReader reader(bytes, from, ring_bytes);
  lmlog::formats::StateVector state;
  lmlog::formats::RecordView record;
  std::uint64_t end = from;
  while (reader.next(record)) {
    expect(record.position >= end, "records do not overlap");
    end = record.position + record.length;
    expect(end == reader.position() && end - from <= bytes.size(), "a record lies within the bytes");
    expect(record.body.size() < record.length, "a body is shorter than its record");
    (void)state.apply(record);
    const auto used = lmlog::formats::argument_bytes(record.body, data[8], data[8] / 16u);
    expect(used == lmlog::formats::kBadArguments || used <= record.body.size(), "arguments lie within the body");
  }
  expect(reader.position() - from <= bytes.size(), "the walk ends within the bytes");
  return 0;
}
