// SPDX-License-Identifier: Apache-2.0
// The processor's counter that clock kind `tsc` counts by (formats/spec/registry.md, "Clock kinds"): producers stamp
// records with it, the collector ties it to the calendar.
#pragma once

#include <cstdint>

namespace lmlog::formats {

/// Unordered with respect to other instructions, on both machines: a barrier would cost more than the reading.
[[nodiscard, gnu::always_inline]] inline std::uint64_t read_counter() noexcept {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t ticks;
  // Volatile: two readings are two readings.
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
#error "lmlog: no counter is known for this processor"
#endif
}

}  // namespace lmlog::formats
