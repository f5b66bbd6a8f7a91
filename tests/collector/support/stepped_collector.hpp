// SPDX-License-Identifier: Apache-2.0
// The real collector on real files, in one thread, with a clock that the test moves and lives that the test gives.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "collector/config/config_keys.hpp"
#include "tests/collector/support/failing_files.hpp"

namespace lmlog::collector::testing {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t realtime_ns() const override { return 4'000'000'000'000'000'000 + now_; }
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now_; }
  [[nodiscard]] formats::Anchor anchor() const override {
    return {static_cast<std::uint64_t>(3 * now_), realtime_ns(), now_};
  }
  [[nodiscard]] formats::Id128 boot_id() const override { return {}; }
  void sleep_ns(std::int64_t duration) const override { now_ += duration; }
  void advance(std::int64_t duration) { now_ += duration; }

 private:
  mutable std::atomic<std::int64_t> now_{1'000 * kNsPerSecond};
};

/// All live until they are said to be dead.
class GivenLives final : public Liveness {
 public:
  void kill_all() { all_dead_ = true; }
  void unlock_all() { locked_ = false; }
  /// From the next start on ends can be told; before, there are no hints.
  void allow_telling() { can_tell_ = true; }
  /// Says of all processes that they ended, true or not.
  void tell_all_ends() { told_->are_told = true; }

  [[nodiscard]] int lock_holder(const File&) const override {
    ++asked_;
    return all_dead_ || !locked_ ? 0 : 4711;
  }
  [[nodiscard]] bool may_run(std::uint32_t) const override { return !all_dead_; }
  [[nodiscard]] std::unique_ptr<EndWatch> make_end_watch() const override;
  /// How many processes' ends will be told.
  [[nodiscard]] std::size_t watched() const { return told_->tokens.size(); }
  /// How often somebody asked for a lock.
  [[nodiscard]] std::uint64_t asked() const { return asked_; }

 private:
  struct Told {
    std::vector<std::uint64_t> tokens;
    bool are_told = false;
  };
  class GivenEnds;

  bool all_dead_ = false;
  bool locked_ = true;
  bool can_tell_ = false;
  mutable std::atomic<std::uint64_t> asked_{0};
  std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

/// A collector that can be stepped, killed (its object goes, without a word to the files) and started again on the same
/// folders.
class SteppedCollector {
 public:
  SteppedCollector(std::string archive, std::string rings);

  /// Opens it; a failure throws.
  void start();
  /// As SIGKILL: nothing is flushed or sealed.
  void kill();
  /// As SIGTERM.
  [[nodiscard]] Status end();

  void step(int rounds = 1);
  /// Steps and moves the clock, so that everything that waits for time happens.
  void step_for(std::int64_t duration);

  [[nodiscard]] bool said(const std::string& part) const;

  ManualClock clock;
  GivenLives lives;
  FailingFiles files;
  Config config = default_config();
  std::vector<std::string> sentences;
  std::unique_ptr<Notices> notices;
  std::unique_ptr<ConfigBox> box;
  std::unique_ptr<Collector> collector;

 private:
  std::string archive_;
  std::string rings_;
};

}  // namespace lmlog::collector::testing
