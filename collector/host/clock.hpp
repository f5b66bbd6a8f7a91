// SPDX-License-Identifier: Apache-2.0
// All time that the collector sees. A seam, so that tests and simulations can move it.
#pragma once

#include <cstdint>

#include <lmlog/formats/id128.hpp>
#include <lmlog/formats/session_layout.hpp>

namespace lmlog::collector {

inline constexpr std::int64_t kNsPerUs = 1'000;
inline constexpr std::int64_t kNsPerMs = 1'000'000;
inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::int64_t realtime_ns() const = 0;
  [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;
  /// The three clocks read as close together as can be; tsc is 0 where there is no counter.
  [[nodiscard]] virtual formats::Anchor anchor() const = 0;
  /// Ticks compare only with those of sessions of the same boot. Zero where the kernel does not say.
  [[nodiscard]] virtual formats::Id128 boot_id() const = 0;
  virtual void sleep_ns(std::int64_t duration) const = 0;
};

}  // namespace lmlog::collector
