// SPDX-License-Identifier: Apache-2.0
// What a collector is doing, told from its system calls; and the words through which the driver and the shim that is
// loaded into the collector talk.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lmlog::torture {

enum class Phase : std::uint32_t {
  restart,  // all before the first head of a ring is read
  read,     // rings and sessions
  journal,  // writing it
  tail,     // answers to producers: tails, retirement, removal of their files
  block,    // reading the journal back, blocks into segments, cutting torn ones
  rotate,   // making, syncing, closing and removing segments and journal files
  count
};

inline constexpr std::size_t kPhases = static_cast<std::size_t>(Phase::count);
inline constexpr std::array<std::string_view, kPhases> kPhaseNames{"restart", "read",  "journal",
                                                                   "tail",    "block", "rotate"};

/// Where in its last call a collector dies.
enum class Moment : std::uint32_t { before, middle, behind };  // middle: a write is done in part; of writes alone

/// In a file that both map. The driver writes `plan_` before the collector starts; the shim the rest.
struct ShimWords {
  std::atomic<std::uint32_t> phase;  // of the call that began last
  std::atomic<std::uint32_t> has_drained;
  std::atomic<std::uint32_t> died_by_plan;
  std::atomic<std::uint32_t> died_in;     // the phase of it: other threads go on meanwhile
  std::atomic<std::uint32_t> plan_phase;  // Phase::count: no plan
  std::atomic<std::uint32_t> plan_moment;
  std::atomic<std::uint64_t> plan_part;      // of a write in the middle: how much of it, in 1/1024
  std::atomic<std::int64_t> plan_countdown;  // dies in the call of that phase that brings it to 0
};

inline constexpr const char* kShimVariable = "LMLOG_TORTURE_WORDS";

}  // namespace lmlog::torture
