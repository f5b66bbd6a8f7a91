// SPDX-License-Identifier: Apache-2.0
// The clocks of the machine.
#pragma once

#include "collector/host/clock.hpp"

namespace lmlog::collector {

class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] std::int64_t realtime_ns() const override;
  [[nodiscard]] std::int64_t monotonic_ns() const override;
  [[nodiscard]] formats::Anchor anchor() const override;
  [[nodiscard]] formats::Id128 boot_id() const override { return boot_id_; }
  void sleep_ns(std::int64_t duration) const override;

 private:
  formats::Id128 boot_id_;
};

}  // namespace lmlog::collector
