// SPDX-License-Identifier: Apache-2.0
// A service that logs when it is told to: for each line "COUNT BYTES" on stdin each of its threads logs COUNT more
// records, numbered through, with BYTES of noise that no compression makes small; then it says "done". It ends with
// stdin, or is killed. Usage: fault-service NAME THREADS
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <lmlog/lmlog.hpp>

namespace {

/// Small and repeatable; quality does not matter.
std::string noise(std::uint64_t seed, std::size_t bytes) {
  std::string out(bytes, ' ');
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (auto& c : out) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>('!' + state % 90);
  }
  return out;
}

void log_records(unsigned thread, std::uint64_t first, std::uint64_t count, std::size_t bytes) {
  for (std::uint64_t n = first; n < first + count; ++n)
    LMLOG_INFO("record {thread} {n} {noise}", thread, n, noise(2 * n + thread, bytes));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto threads = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  lmlog::SessionOptions options;
  options.service = argv[1];
  options.ring_bytes = std::uint64_t{256} << 10;
  lmlog::Session session(options);
  unsigned long long count = 0;
  unsigned long long bytes = 0;
  std::uint64_t first = 0;
  while (std::scanf("%llu %llu", &count, &bytes) == 2) {
    log_records(0, first, count, bytes);
    for (unsigned thread = 1; thread < threads; ++thread)
      std::thread([&] { log_records(thread, first, count, bytes); }).join();
    first += count;
    std::puts("done");
    std::fflush(stdout);
  }
  return 0;
}
