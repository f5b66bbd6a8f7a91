// SPDX-License-Identifier: Apache-2.0
// Every bit of a file flipped once, on as many threads as wished: counts what was detected and what was harmless, and
// names the bits that did anything else.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/damage/sample_files.hpp"

namespace lmlog::damage {

struct Verdict {
  bool detected = false;  // else nothing that a reader gives out is changed
  std::string wrong{};    // neither: what the reader gave or lost; empty: all is well
};

/// Given a bit; one object per thread.
using Flipper = std::function<Verdict(std::uint64_t bit)>;

struct FlipOptions {
  std::size_t bytes = 64 << 10;
  std::uint64_t stride = 1;  // bits
  std::int64_t bit = -1;     // this one alone
  unsigned threads = 1;
  bool closed = false;    // segments: with footer alone
  bool unclosed = false;  // and without alone
};

[[nodiscard]] inline FlipOptions parse_flip_options(int argc, char** argv) {
  FlipOptions out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto value = std::strtoll(argv[i + 1], nullptr, 10);
    if (name == "--bytes") out.bytes = static_cast<std::size_t>(value);
    if (name == "--stride") out.stride = static_cast<std::uint64_t>(value);
    if (name == "--bit") out.bit = value;
    if (name == "--unclosed") (value != 0 ? out.unclosed : out.closed) = true;
    if (name == "--threads") out.threads = static_cast<unsigned>(value);
  }
  return out;
}

/// False when a flip did harm. `replay` is the command that does it once more, but for the bit.
inline bool flip_all(const char* what, const SampleFile& file, const FlipOptions& options, const std::string& replay,
                     const std::function<Flipper()>& make_flipper) {
  constexpr std::uint64_t kMaxSaid = 20;
  const std::uint64_t bits = std::uint64_t{file.bytes.size()} * 8;
  const auto begun = std::chrono::steady_clock::now();
  std::mutex mutex;
  std::uint64_t flips = 0, detected = 0, wrong = 0;
  const auto work = [&](unsigned thread) {
    const Flipper flipper = make_flipper();
    std::uint64_t my_flips = 0, my_detected = 0;
    const auto flip = [&](std::uint64_t bit) {
      const Verdict verdict = flipper(bit);
      ++my_flips;
      if (verdict.wrong.empty()) {
        my_detected += verdict.detected ? 1 : 0;
        return;
      }
      const std::lock_guard lock(mutex);
      if (++wrong > kMaxSaid) return;
      const Region& region = file.region_of(bit / 8);
      std::printf("bit %llu (byte %llu of the %llu at %llu): %s; again: %s --bit %llu\n",
                  static_cast<unsigned long long>(bit), static_cast<unsigned long long>(bit / 8 - region.offset),
                  static_cast<unsigned long long>(region.bytes), static_cast<unsigned long long>(region.offset),
                  verdict.wrong.c_str(), replay.c_str(), static_cast<unsigned long long>(bit));
    };
    if (options.bit >= 0) {
      if (thread == 0) flip(static_cast<std::uint64_t>(options.bit));
    } else {
      for (std::uint64_t bit = thread * options.stride; bit < bits; bit += options.stride * options.threads) flip(bit);
    }
    const std::lock_guard lock(mutex);
    flips += my_flips;
    detected += my_detected;
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.threads; ++i) threads.emplace_back(work, i);
  work(0);
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::printf("%s of %zu bytes: %llu flips, %llu detected, %llu harmless, %llu wrong, in %.1f s\n", what,
              file.bytes.size(), static_cast<unsigned long long>(flips), static_cast<unsigned long long>(detected),
              static_cast<unsigned long long>(flips - detected - wrong), static_cast<unsigned long long>(wrong),
              taken.count());
  std::fflush(stdout);
  return wrong == 0 && flips != 0;
}

}  // namespace lmlog::damage
