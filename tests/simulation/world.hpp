// SPDX-License-Identifier: Apache-2.0
// A whole simulated run, from one seed: producers, collectors that live one after the other, a disk, a clock, and what
// befalls them. The last collector has neither faults nor producers, and ends well: then the archive must be right.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/model_session.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/simulated_clock.hpp"
#include "tests/simulation/simulated_files.hpp"
#include "tests/simulation/trace.hpp"

namespace lmlog::collector::simulation {

/// A session, and what a loss of power left of the promises to it.
struct Past {
  std::unique_ptr<ModelSession> session;
  bool was_cut = false;  // its rings vanished with the power
  /// By ring: what was released to its producer before that; all of it where the collector had removed the ring.
  std::vector<std::uint64_t> released;
  bool was_stepped = false;  // calendar or counter were moved while it lived
};

struct RunCounts {
  std::uint64_t collectors = 0;
  std::uint64_t kills = 0;  // in the middle of a call or between two rounds
  std::uint64_t power_cuts = 0;
  std::uint64_t uncut = 0;  // kills between a failed sync of a journal file and the cut of what it lost
  std::uint64_t failed_calls = 0;
  std::uint64_t calls = 0;
  std::uint64_t records = 0;  // that producers committed
};

class World {
 public:
  World(std::uint64_t seed, bool aloud);
  ~World();

  /// Everything; afterwards `failures` says what was wrong.
  void run();

  std::vector<std::string> failures;
  RunCounts counts;
  [[nodiscard]] const Trace& trace() const noexcept { return trace_; }
  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  [[nodiscard]] const Disk& disk() const noexcept { return disk_; }
  [[nodiscard]] const std::vector<Past>& sessions() const noexcept { return sessions_; }
  [[nodiscard]] const std::vector<std::string>& sentences() const noexcept { return sentences_; }

 private:
  class Lives;

  void live(const Life& life);
  /// False: it could not be opened; why is in the notices.
  [[nodiscard]] bool open_collector(const Life& life);
  void round(const Life& life);
  void end_process(bool with_power_cut);
  void last_life();
  void begin_rings();
  void lose_power();
  void forget_failed_syncs();

  void producers_move();
  void begin_session();
  void change_producers();
  void change_clock();
  void rewrite_a_segment(bool to_the_end);
  void publish_status();
  void fail(const std::string& what) { failures.push_back(what); }

  Random random_;
  Plan plan_;
  Trace trace_;
  SimulatedClock clock_;
  Disk disk_;
  SimulatedFiles files_;
  std::unique_ptr<Lives> lives_;
  std::vector<std::string> sentences_;
  std::unique_ptr<Notices> notices_;
  std::unique_ptr<ConfigBox> box_;
  std::unique_ptr<Collector> collector_;
  std::vector<Past> sessions_;
  std::uint32_t next_pid_ = 1000;
  bool producers_are_over_ = false;
  std::set<std::string> rewritten_;  // paths of segments that others replace
};

}  // namespace lmlog::collector::simulation
