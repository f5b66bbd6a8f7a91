// SPDX-License-Identifier: Apache-2.0
// Deliberate mistakes, to prove that the torture test finds them. Compiled into the mutant program of tests/torture
// alone, where $LMLOG_MUTANT chooses one; everywhere else the question is answered "no" by the compiler.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace lmlog::collector {

enum class Mutant : std::uint8_t { tail_before_journal, tail_trusted_at_restart };

#ifdef LMLOG_MUTANT_BUILD
[[nodiscard]] inline bool mutant(Mutant which) {
  static const char* const name = std::getenv("LMLOG_MUTANT");  // NOLINT(concurrency-mt-unsafe): never set later
  if (name == nullptr) return false;
  return which == Mutant::tail_before_journal ? std::string_view(name) == "tail_before_journal"
                                              : std::string_view(name) == "tail_trusted_at_restart";
}
#else
[[nodiscard]] constexpr bool mutant(Mutant) noexcept { return false; }
#endif

}  // namespace lmlog::collector
