// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM as a flag that every thread looks at between two records. A second signal ends the process.
#pragma once

#include <atomic>
#include <csignal>

namespace lmlog::tools {

inline std::atomic<bool> g_stop_requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch what is lock-free");

[[nodiscard]] inline bool stop_requested() noexcept { return g_stop_requested.load(std::memory_order_relaxed); }

inline void stop_on_signals() noexcept {
  struct sigaction action {};
  action.sa_handler = [](int) { g_stop_requested.store(true, std::memory_order_relaxed); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // whoever cannot wait interrupts twice
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace lmlog::tools
