// SPDX-License-Identifier: Apache-2.0
// The shipped reading code on files that somebody spoils meanwhile: the collector's opening, catalog, drain and
// answers, and the decoder's snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/drain/drain_context.hpp"
#include "collector/drain/ring_drain.hpp"
#include "collector/host/lock_liveness.hpp"
#include "collector/host/posix_file_system.hpp"
#include "collector/host/system_clock.hpp"
#include "tests/hostile/victims.hpp"

namespace lmlog::hostile {

/// What became of the passes. A kind that never comes means that readers do not get that far: the run proves less than
/// it says.
struct PassCounts {
  std::uint64_t passes = 0;       // all of the following: readings of one file by one piece of shipped code
  std::uint64_t opened = 0;       // sessions and rings that were good when they were opened
  std::uint64_t refused = 0;      // and that were not
  std::uint64_t catalogs = 0;     // readings of a catalog
  std::uint64_t turns = 0;        // of the drain at a ring
  std::uint64_t moved = 0;        // and of these those that took records
  std::uint64_t quarantined = 0;  // sessions that broke the protocol while they were served
  std::uint64_t snapshots = 0;    // of the decoder
  std::uint64_t damaged = 0;      // and of these those that reported damage
  std::uint64_t proven = 0;       // records that were found whole in the journal

  PassCounts& operator+=(const PassCounts& other);
  [[nodiscard]] std::string json(std::uint64_t seed, double seconds) const;
  /// A kind that is missing; empty: none.
  [[nodiscard]] std::string missing() const;
};

/// Not thread-safe: each thread has one of its own.
class Reader {
 public:
  explicit Reader(const Victims& victims);

  /// Some passes over all files. Throws std::runtime_error when something that was not whole got into the journal.
  void round();
  [[nodiscard]] const PassCounts& counts() const noexcept { return counts_; }

 private:
  struct Seen {
    std::string folder;
    std::string name;
    std::vector<std::string> ring_names;
    std::unique_ptr<collector::AttachedSession> session;
    std::uint32_t rounds = 0;
  };

  void open(Seen& seen);
  void drain(Seen& seen);
  void take_snapshot(const Seen& seen);
  void prove_journal();

  collector::PosixFileSystem files_;
  collector::SystemClock clock_;
  collector::LockLiveness liveness_;
  collector::Notices notices_;
  collector::ConfigBox config_;
  collector::Journal journal_;
  collector::Answers answers_;
  collector::DrainContext context_;
  collector::RingDrain drain_;
  std::vector<Seen> seen_;
  PassCounts counts_;
  std::uint64_t rounds_ = 0;
  int silence_;
};

}  // namespace lmlog::hostile
