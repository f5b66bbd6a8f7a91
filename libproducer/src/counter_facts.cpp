// SPDX-License-Identifier: Apache-2.0
// See counter_facts.hpp.
#include "libproducer/src/counter_facts.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace lmlog::detail {

#if defined(__x86_64__)

bool counter_is_said_to_be_steady() noexcept {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kPowerLeaf = 0x80000007;  // EDX bit 8: invariant TSC
  return __get_cpuid(kPowerLeaf, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 8)) != 0;
}

// CPUID's leaf 0x15 is empty in many virtual machines, and nominal in others.
std::uint64_t stated_counter_hz() noexcept { return 0; }

#elif defined(__aarch64__)

// The generic timer is one for all cores, and does not stop (Arm Architecture Reference Manual, D11.1.2).
bool counter_is_said_to_be_steady() noexcept { return true; }

std::uint64_t stated_counter_hz() noexcept {
  std::uint64_t hz;
  asm("mrs %0, cntfrq_el0" : "=r"(hz));
  return hz & 0xFFFFFFFF;  // the rest is reserved; firmware that forgets it leaves 0
}

#endif

}  // namespace lmlog::detail
