// SPDX-License-Identifier: Apache-2.0
// What a lane has done and found. In memory that the lanes share with the driver.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/torture/collector_process.hpp"
#include "tests/torture/ledger.hpp"

namespace lmlog::torture {

/// What must hold besides the ledger.
enum class Check : std::uint8_t {
  unreadable,       // lmlog-decode fails, or says what is no record of ours
  unverified,       // lmlog-decode verify finds something
  undrained,        // the last collector does not come to its end
  left_behind,      // rings or journal are not empty behind it
  unclosed,         // a segment has no footer at its end, and will get none any more
  replaced_twice,   // a segment is there, and one that replaces it
  ended_by_itself,  // a collector or a producer failed without being killed
  stuck,            // a process committed nothing for seconds
  count
};

inline constexpr std::size_t kChecks = static_cast<std::size_t>(Check::count);
inline constexpr std::array<std::string_view, kChecks> kCheckNames{
    "unreadable", "unverified", "undrained", "left_behind", "unclosed", "replaced_twice", "ended_by_itself", "stuck"};

struct Tally {
  std::uint64_t rounds = 0;
  std::uint64_t producer_kills = 0;  // each had committed something
  std::uint64_t early_kills = 0;     // had not: these do not count
  std::uint64_t forked_kills = 0;    // of the producer kills: processes forked by producers
  std::uint64_t ended = 0;           // producers that came to their end
  std::uint64_t rewrites = 0;
  std::uint64_t rewriter_kills = 0;
  Histogram deaths{};  // of collectors
  std::uint64_t records = 0;
  std::uint64_t committed = 0;
  std::uint64_t rings = 0;
  std::uint64_t counted_lost = 0;
  std::uint64_t chaos_ns = 0;  // of `rounds`: under fire, not under examination
  std::array<std::uint64_t, kFaults> faults{};
  std::array<std::uint64_t, kChecks> checks{};

  [[nodiscard]] std::uint64_t collector_kills() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : deaths) sum += n;
    return sum;
  }
  [[nodiscard]] std::uint64_t kills() const noexcept { return producer_kills + collector_kills(); }
  [[nodiscard]] bool is_good() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : faults) sum += n;
    for (const std::uint64_t n : checks) sum += n;
    return sum == 0;
  }
  void fail(Check check) noexcept { ++checks[static_cast<std::size_t>(check)]; }
  void add(const Tally& other) noexcept;
};

}  // namespace lmlog::torture
