// SPDX-License-Identifier: Apache-2.0
// Mutations of the bodies of parts: numbers of all widths and LEB128 counts, and libFuzzer's own.
#include <cstring>

#include "tests/fuzz/chance.hpp"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  lmlog::fuzz::Chance chance(seed);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  lmlog::fuzz::change_body(bytes, max_size - size, chance);
  if (bytes.empty() || bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}
