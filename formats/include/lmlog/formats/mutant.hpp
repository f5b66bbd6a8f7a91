// SPDX-License-Identifier: Apache-2.0
// Deliberate mistakes, one line each where they are made, to prove that the tests find them. Compiled into the mutant
// programs of the tests alone, where $LMLOG_MUTANT names the one that is on; everywhere else the compiler answers "no".
#pragma once

#include <cstdint>

#ifdef LMLOG_MUTANT_BUILD
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string_view>
#endif

namespace lmlog::formats {

enum class Mutant : std::uint8_t {
  // What the collector promises its producers and itself.
  tail_before_journal,
  tail_trusted_at_restart,
  living_declared_dead,
  head_after_body,
  stamp_unchecked,
  torn_end_not_cut,
  replaces_ignored,
  journal_error_ignored,
  tail_before_sync,
  failed_sync_trusted,
  folder_not_synced,
  segment_rename_unchecked,
  last_write_unchecked,
  // What a producer promises.
  head_before_body,
  rename_unchecked,
  handed_over_without_state,
  // What readers of files promise.
  part_unchecked,
  frame_unchecked,
  entry_unchecked,
  // Of a flight recorder's readers.
  floor_not_read_again,
  count  // no mutant
};

#ifdef LMLOG_MUTANT_BUILD
// A name of its own: linked with objects of the shipped library, neither may be taken for the other.
inline namespace mutant_build {

inline constexpr std::string_view kMutantNames[] = {
    "tail_before_journal",  "tail_trusted_at_restart", "living_declared_dead", "head_after_body",
    "stamp_unchecked",      "torn_end_not_cut",        "replaces_ignored",     "journal_error_ignored",
    "tail_before_sync",     "failed_sync_trusted",     "folder_not_synced",    "segment_rename_unchecked",
    "last_write_unchecked", "head_before_body",        "rename_unchecked",     "handed_over_without_state",
    "part_unchecked",       "frame_unchecked",         "entry_unchecked",      "floor_not_read_again",
};
static_assert(std::size(kMutantNames) == static_cast<std::size_t>(Mutant::count));

[[nodiscard]] inline bool mutant(Mutant which) noexcept {
  static const char* const name = std::getenv("LMLOG_MUTANT");  // NOLINT(concurrency-mt-unsafe): never set later
  return name != nullptr && kMutantNames[static_cast<std::size_t>(which)] == name;
}

}  // namespace mutant_build
#else
[[nodiscard]] constexpr bool mutant(Mutant) noexcept { return false; }
#endif

}  // namespace lmlog::formats
