// SPDX-License-Identifier: Apache-2.0
// What one tortured process does: it logs until it is killed, or until all its threads have lived.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <lmlog/session.hpp>

#include "tests/torture/witness.hpp"

namespace lmlog::torture {

enum class Sizes : std::uint8_t {
  small,
  none,   // records without arguments, and others between them
  large,  // many extended records
  huge    // few records, each so long that a kill often comes in the middle of it
};
enum class Pace : std::uint8_t { full, bursts, steady };

struct ServicePlan {
  std::string rings;
  std::string errors;  // the file that gets its stderr
  std::string service;
  std::uint32_t number = 0;
  std::uint64_t seed = 0;
  Policy policy = Policy::block;
  std::chrono::nanoseconds block_timeout{0};
  Clock clock = Clock::tsc;
  std::uint64_t ring_bytes = std::uint64_t{64} << 10;
  std::uint32_t threads = 1;
  Sizes sizes = Sizes::small;
  Pace pace = Pace::full;
  bool forks = false;
  bool renames_fail = false;  // now and then the file of a ring cannot get its name
  bool is_hostile = false;

  [[nodiscard]] Promises promises() const noexcept;
};

/// Every choice by the seed. The caller fills in `rings`, `errors` and `number`.
[[nodiscard]] ServicePlan plan_service(std::uint64_t seed);

/// Runs in a process of its own. `child` is for the process that it may fork: null if the plan has none.
[[noreturn]] void serve(const ServicePlan& plan, Witness& witness, Witness* child);

}  // namespace lmlog::torture
