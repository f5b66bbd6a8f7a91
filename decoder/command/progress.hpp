// SPDX-License-Identifier: Apache-2.0
// A line on stderr that says how far long work has come; only on a terminal, and only once it is long.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lmlog::decoder {

/// Not thread-safe.
class Progress {
 public:
  /// Silent when stderr is no terminal, or stdout is one (the output itself shows that something happens).
  Progress(bool quiet, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap enough for every record: looks at the clock once in many calls.
  void count() {
    if (is_active_ && ++done_ % 65536 == 0) show();
  }
  /// Takes the line away, if there is one; safe in a signal handler.
  static void wipe() noexcept;
  void set(std::uint64_t done) {
    done_ = done;
    if (is_active_) show();
  }

 private:
  void show();

  bool is_active_;
  std::string what_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace lmlog::decoder
