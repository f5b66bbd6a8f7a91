// SPDX-License-Identifier: Apache-2.0
// Signals as things to wait for: blocked in every thread, taken by who waits.
#pragma once

#include <cstdint>

namespace lmlog::collector {

/// Make it before any thread is started: they inherit the mask.
class Signals {
 public:
  Signals();

  /// SIGTERM, SIGINT or SIGHUP; 0 when none came in time.
  [[nodiscard]] int wait(std::int64_t timeout_ns);
  /// Ends a `wait` of another thread, now or the next one, with SIGHUP.
  void wake();
};

}  // namespace lmlog::collector
