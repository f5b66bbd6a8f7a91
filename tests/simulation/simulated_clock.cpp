// SPDX-License-Identifier: Apache-2.0
// Rates are whole parts in a million: the same on every machine.
#include "tests/simulation/simulated_clock.hpp"

#include <algorithm>

namespace lmlog::collector::simulation {

SimulatedClock::SimulatedClock(Random& random) { boot(random); }

void SimulatedClock::boot(Random& random) {
  boot_ = random.id();
  now_ += random.between(kNsPerSecond, 100 * kNsPerSecond);
  booted_ = now_ - random.between(200 * kNsPerMs, 5 * kNsPerSecond);
  monotonic_ppm_ = random.between(-100, 100);
  tsc_ppm_ = random.between(-100, 100);
  tsc_base_ = 1'000'000 + random.below(1'000'000'000);
  stepped_ns_ = 0;
}

std::uint64_t SimulatedClock::tsc() const {
  return tsc_base_ + 2 * static_cast<std::uint64_t>(drifted(now_ - booted_, tsc_ppm_));
}

void SimulatedClock::step(std::int64_t by_ns) {
  realtime_offset_ += by_ns;
  stepped_ns_ += by_ns < 0 ? -by_ns : by_ns;
}

void SimulatedClock::jump_back(std::uint64_t ticks) {
  const std::uint64_t bounded = std::min(ticks, tsc_base_ - 1);
  tsc_base_ -= bounded;
  stepped_ns_ += static_cast<std::int64_t>(bounded);
}

void SimulatedClock::sleep_ns(std::int64_t duration) const {
  now_ += duration;
  if (while_sleeping) while_sleeping();
}

}  // namespace lmlog::collector::simulation
