// SPDX-License-Identifier: Apache-2.0
// State vectors of hostile files: what was parsed can be written, and reads back as the same.

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using lmlog::formats::ByteWriter;
using lmlog::formats::StateVector;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = StateVector::parse(lmlog::fuzz::as_bytes(data, size));
  if (!parsed) return 0;
  ByteWriter first;
  parsed->write(first);
  const auto again = StateVector::parse(first.view());
  lmlog::fuzz::expect(static_cast<bool>(again), "what was written can be parsed");
  ByteWriter second;
  again->write(second);
  lmlog::fuzz::expect(first.str_ref() == second.str_ref(), "a state vector reads back as it was written");
  return 0;
}
