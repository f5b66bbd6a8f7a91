// SPDX-License-Identifier: Apache-2.0
// Signals as things to wait for: blocked in every thread, read from a descriptor by the main one.
#pragma once

#include <cstdint>

namespace lmlog::collector {

/// Make it before any thread is started: they inherit the mask.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// SIGTERM, SIGINT or SIGHUP; 0 when none came in time.
  [[nodiscard]] int wait(std::int64_t timeout_ns);

 private:
  int descriptor_;
};

}  // namespace lmlog::collector
