// SPDX-License-Identifier: Apache-2.0
// hostile-producer DIR SECONDS SEED: a living producer whose sessions in the rings folder DIR are spoiled while they
// are served. One that is in quarantine is read no more, so sessions die and are born all the time. Prints how many
// there were.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/hostile/mutator.hpp"

namespace {

constexpr std::size_t kSessions = 6;
// So much harm is done to a session before the next one is replaced.
constexpr int kDeeds = 2000;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s DIR SECONDS SEED\n", argv[0]);
    return 2;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(std::strtod(argv[2], nullptr));
  try {
    lmlog::hostile::Victims victims(argv[1], kSessions);
    lmlog::hostile::Mutator mutator(victims, std::strtoull(argv[3], nullptr, 10));
    std::size_t sessions = kSessions;
    while (std::chrono::steady_clock::now() < end) {
      for (int i = 0; i < kDeeds; ++i) mutator.step();
      victims.replace(sessions++ % kSessions);
    }
    std::printf("%zu\n", sessions);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "hostile-producer: %s (seed %s)\n", exception.what(), argv[3]);
    return 1;
  }
  return 0;
}
