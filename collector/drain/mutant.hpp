// SPDX-License-Identifier: Apache-2.0
// Deliberate mistakes, to prove that the torture test finds them. Compiled into the mutant program of tests/torture
// alone, where $LMLOG_MUTANT chooses one; everywhere else the question is answered "no" by the compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace lmlog::collector {

enum class Mutant : std::uint8_t { tail_before_journal, tail_trusted_at_restart, floor_not_read_again };

#ifdef LMLOG_MUTANT_BUILD
[[nodiscard]] inline bool mutant(Mutant which) {
  static const char* const name = std::getenv("LMLOG_MUTANT");  // NOLINT(concurrency-mt-unsafe): never set later
  if (name == nullptr) return false;
  constexpr std::string_view kNames[] = {"tail_before_journal", "tail_trusted_at_restart", "floor_not_read_again"};
  return kNames[static_cast<std::size_t>(which)] == name;
}
#else
[[nodiscard]] constexpr bool mutant(Mutant) noexcept { return false; }
#endif

}  // namespace lmlog::collector
