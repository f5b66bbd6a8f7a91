// SPDX-License-Identifier: Apache-2.0
// Tells the processor that the thread spins: the other one of its core goes first, and leaving the loop costs less.
#pragma once

namespace lmlog::detail {

inline void spin_pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace lmlog::detail
