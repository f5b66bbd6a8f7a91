// SPDX-License-Identifier: Apache-2.0
// A deliberate mistake, to prove that the test of the flight recorder finds it. Compiled into the mutant program of
// tests/torture alone; everywhere else the question is answered "no" by the compiler.
#pragma once

#include <cstdint>

namespace lmlog::decoder {

enum class Mutant : std::uint8_t { floor_not_read_again };

[[nodiscard]] constexpr bool mutant(Mutant) noexcept {
#ifdef LMLOG_MUTANT_BUILD
  return true;
#else
  return false;
#endif
}

}  // namespace lmlog::decoder
