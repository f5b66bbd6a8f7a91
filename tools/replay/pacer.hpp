// SPDX-License-Identifier: Apache-2.0
// Keeps a thread to its rate: looks at the clock once a millisecond's worth of records, and sleeps until they are due.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "tools/replay/stop_flag.hpp"

namespace lmlog::tools {

class Pacer {
 public:
  /// `per_second` of 0 means as fast as possible.
  explicit Pacer(double per_second) noexcept
      : per_second_(per_second), batch_(static_cast<std::uint64_t>(std::max(1.0, per_second / 1000))) {}

  /// To be called before each record, from the first on; returns when it is due, or when the run is to stop.
  void wait() {
    if (per_second_ == 0 || done_++ % batch_ != 0) return;
    const auto due = start_ + std::chrono::duration<double>(static_cast<double>(done_ - 1) / per_second_);
    // In short sleeps, so that an interrupt ends even a very slow run at once.
    for (auto now = Clock::now(); now < due && !stop_requested(); now = Clock::now())
      std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(due - now, std::chrono::milliseconds(50)));
  }

 private:
  using Clock = std::chrono::steady_clock;

  double per_second_;
  std::uint64_t batch_;
  std::uint64_t done_ = 0;
  std::chrono::time_point<Clock, std::chrono::duration<double>> start_ = Clock::now();
};

}  // namespace lmlog::tools
