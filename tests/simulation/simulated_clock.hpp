// SPDX-License-Identifier: Apache-2.0
// Time that passes only when the simulation says so: a true one that nobody sees, and three clocks that run beside it,
// drift, step and jump.
#pragma once

#include <cstdint>
#include <functional>

#include "collector/host/clock.hpp"
#include "tests/simulation/random.hpp"

namespace lmlog::collector::simulation {

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Random& random);

  [[nodiscard]] std::int64_t realtime_ns() const override { return now_ + realtime_offset_; }
  [[nodiscard]] std::int64_t monotonic_ns() const override { return drifted(now_ - booted_, monotonic_ppm_); }
  [[nodiscard]] formats::Anchor anchor() const override { return {tsc(), realtime_ns(), monotonic_ns()}; }
  [[nodiscard]] formats::Id128 boot_id() const override { return boot_; }
  /// Time passes, and so does what happens in it.
  void sleep_ns(std::int64_t duration) const override;

  [[nodiscard]] std::uint64_t tsc() const;
  [[nodiscard]] std::uint64_t tsc_hz() const noexcept { return 2'000'000'000; }  // as producers believe
  [[nodiscard]] std::int64_t true_ns() const noexcept { return now_; }
  void advance(std::int64_t duration) const { now_ += duration; }

  /// The calendar is set.
  void step(std::int64_t by_ns);
  /// The counter goes back (another core, a hypervisor).
  void jump_back(std::uint64_t ticks);
  /// After a loss of power: another boot, counters from their beginning.
  void boot(Random& random);

  /// How much the calendar was stepped within this boot, all steps added up without their signs, and the counter.
  [[nodiscard]] std::int64_t stepped_ns() const noexcept { return stepped_ns_; }

  /// What happens while somebody sleeps.
  std::function<void()> while_sleeping;

 private:
  [[nodiscard]] static std::int64_t drifted(std::int64_t ns, std::int64_t ppm) { return ns + ns / 1'000'000 * ppm; }

  mutable std::int64_t now_ = 0;
  std::int64_t booted_ = 0;
  std::int64_t realtime_offset_ = 1'700'000'000'000'000'000;
  std::int64_t monotonic_ppm_ = 0;
  std::int64_t tsc_ppm_ = 0;
  std::uint64_t tsc_base_ = 0;
  std::int64_t stepped_ns_ = 0;
  formats::Id128 boot_;
};

}  // namespace lmlog::collector::simulation
