// SPDX-License-Identifier: Apache-2.0
// What was decoded, held against the witnesses: nothing lost, doubled, invented, out of order, changed or attributed to
// another thread, and every call that returned is accounted for.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/torture/decoded_records.hpp"
#include "tests/torture/witness.hpp"

namespace lmlog::torture {

/// What may be wrong, each counted.
enum class Fault : std::uint8_t {
  lost,
  doubled,
  invented,
  disordered,
  changed,
  misattributed,
  miscounted,
  refused,
  count
};

inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::count);
inline constexpr std::array<std::string_view, kFaults> kFaultNames{
    "lost", "doubled", "invented", "disordered", "changed", "misattributed", "miscounted", "refused"};

struct Verdict {
  std::uint64_t records = 0;
  std::uint64_t committed = 0;
  std::uint64_t rings = 0;
  std::uint64_t counted_lost = 0;
  std::array<std::uint64_t, kFaults> faults{};
};

/// Of one reading of everything.
class Ledger {
 public:
  explicit Ledger(const std::vector<const Witness*>& witnesses);

  /// Throws std::runtime_error for a line that is no record of the torture.
  void read(std::FILE* lines);
  /// Once, behind it. What is wrong with whom goes to `problems`.
  [[nodiscard]] Verdict sum_up(std::FILE* problems);

 private:
  struct Thread {
    std::uint64_t last = 0;
    std::uint64_t found = 0;
    std::vector<bool> seen;
  };
  struct Producer {
    const Witness* witness = nullptr;
    std::array<Thread, kSlots> threads;
    std::uint64_t counted_lost = 0;
  };

  void take(const DecodedRecord& record);
  void take(const DecodedLoss& loss);
  void sum_up(const Producer& producer, std::FILE* problems);
  void note(Fault fault, std::uint64_t n = 1) { verdict_.faults[static_cast<std::size_t>(fault)] += n; }

  std::map<std::uint32_t, Producer> producers_;  // by number
  std::unordered_map<std::uint32_t, Producer*> by_pid_;
  std::set<std::string, std::less<>> rings_;
  Verdict verdict_;
};

}  // namespace lmlog::torture
