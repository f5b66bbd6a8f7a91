// SPDX-License-Identifier: Apache-2.0
// What the program of tests/model can run: each scenario is a few threads that go through one part of the protocol, and
// what must hold whichever way they are interleaved and however old the values are that they are given.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <lmlog/formats/memory_steps.hpp>

namespace lmlog::model {

/// How a scenario is searched.
struct Search {
  std::uint64_t schedules = 0;  // random ones; 0: all of up to `preemptions` switches that no thread asked for
  std::uint64_t first = 1;      // number of the first random schedule: its seed
  unsigned preemptions = 0;
  bool is_quiet = false;  // a failure shows nothing: it is expected
};

/// More preemptions than a small scenario has places for: all of its schedules.
inline constexpr unsigned kEverywhere = 64;

struct Outcome {
  bool holds = false;
  std::uint64_t schedules = 0;  // that were run; of a failure: its seed
};

struct Scenario {
  std::string_view name;
  std::string_view what;
  Outcome (*run)(const Search&);
  std::uint64_t share;                   // of a million random schedules
  unsigned preemptions;                  // of the exhaustive search that CI can afford
  std::span<const formats::Step> steps;  // whose order it needs
  bool has_to_fail = false;              // a mistake in the protocol that no order is about
};

/// This step is relaxed from now on, or none (`count`).
void weaken(formats::Step step);

extern const Scenario kPublish, kWrap, kFull, kBlock, kTornTail, kTornTailUnchecked, kTornTailInWritingOrder, kSnapshot,
    kHandOver, kHandOverUnlocked, kOverwrite, kRevocation, kSessionInUse;

}  // namespace lmlog::model
