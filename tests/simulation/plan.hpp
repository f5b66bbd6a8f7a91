// SPDX-License-Identifier: Apache-2.0
// What a seed decides before anything happens: the configuration, and how each collector will live and end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/config/config.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/simulated_files.hpp"

namespace lmlog::collector::simulation {

inline constexpr const char* kArchive = "/disk/archive";
inline constexpr const char* kRings = "/rings";

struct Life {
  enum class End : std::uint8_t { stopped, killed, power_cut };
  std::uint64_t rounds = 0;
  Faults faults;
  End end = End::stopped;  // where `faults.end_at` did not come first
};

struct Plan {
  Config config;
  bool has_power_cuts = false;
  bool clock_moves = false;  // calendar and counter
  bool rewrites = false;     // segments are rewritten for a colder tier
  std::vector<Life> lives;

  [[nodiscard]] bool is_fsync() const noexcept { return config.durability == Durability::fsync; }
  /// For people.
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] Plan draw_plan(Random& random);

}  // namespace lmlog::collector::simulation
