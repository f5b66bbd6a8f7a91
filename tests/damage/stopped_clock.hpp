// SPDX-License-Identifier: Apache-2.0
// A clock that stands still: for collector code that must not depend on time.
#pragma once

#include "collector/host/clock.hpp"

namespace lmlog::damage {

class StoppedClock final : public collector::Clock {
 public:
  std::int64_t realtime_ns() const override { return 1'795'000'000'000'000'000; }
  std::int64_t monotonic_ns() const override { return 1; }
  formats::Anchor anchor() const override { return {1, realtime_ns(), 1}; }
  formats::Id128 boot_id() const override { return {}; }
  void sleep_ns(std::int64_t) const override {}
};

}  // namespace lmlog::damage
