// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over every file of its corpora, once, in file name order: what a fuzzer found stays an ordinary
// test, also with compilers that have no libFuzzer. Targets whose mutator knows the structure get a few mutations of
// each file besides, the same in every run. An empty corpus is an error, not a pass.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/libproducer/sanitized.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                                                     std::size_t max_size, unsigned seed);

/// In place of libFuzzer's own: a byte changed, dropped or doubled, the same for the same bytes.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size) {
  static std::uint32_t state = 1;
  state = state * 1664525 + 1013904223;
  if (size == 0) return 0;
  const std::size_t at = (state >> 8) % size;
  if (state % 3 == 0 && size < max_size) {
    std::copy_backward(data + at, data + size, data + size + 1);
    return size + 1;
  }
  if (state % 3 == 1 && size > 1) {
    std::copy(data + at + 1, data + size, data + at);
    return size - 1;
  }
  data[at] = static_cast<std::uint8_t>(data[at] ^ (1u << (state >> 28) % 8));
  return size;
}

namespace {

// Of each file. Under sanitizers the fuzzers themselves run.
#ifdef LMLOG_TEST_SANITIZED
constexpr unsigned kMutations = 8;
#else
constexpr unsigned kMutations = 40;
#endif
constexpr std::size_t kMaxBytes = 16 << 10;

/// Each is a mutation of the one before, begun anew where it has become long.
void run_mutations(const std::vector<char>& bytes) {
  std::vector<std::uint8_t> buffer;
  std::size_t size = 0;
  for (unsigned seed = 0; seed < kMutations; ++seed) {
    if (seed % 8 == 0) {
      buffer.assign(bytes.begin(), bytes.end());
      size = buffer.size();
      buffer.resize(std::max(kMaxBytes, 2 * size));
    }
    size = LLVMFuzzerCustomMutator(buffer.data(), size, buffer.size(), seed);
    LLVMFuzzerTestOneInput(buffer.data(), size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER...\n", argv[0]);
    return 2;
  }
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> inputs;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      const auto extension = entry.path().extension();
      if (entry.is_regular_file() && extension != ".json" && extension != ".txt") inputs.push_back(entry.path());
    }
    std::sort(inputs.begin(), inputs.end());
    for (const auto& path : inputs) {
      std::ifstream file(path, std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      std::printf("%s: %zu bytes\n", path.filename().c_str(), bytes.size());
      std::fflush(stdout);
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      if (LLVMFuzzerCustomMutator != nullptr) run_mutations(bytes);
    }
    if (inputs.empty()) {
      std::fprintf(stderr, "%s: the corpus is empty: nothing was tested\n", argv[i]);
      return 1;
    }
  }
  return 0;
}
