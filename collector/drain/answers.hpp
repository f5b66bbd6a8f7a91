// SPDX-License-Identifier: Apache-2.0
// Everything that is written into shared memory: tails, `retired`, coarse time, anchors. A thread of its own does it,
// because a hostile producer can make a pwrite to its own file slow; each user's writes are timed, and a slow user
// waits (docs/decisions/collector-reads-with-pread.md).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <lmlog/formats/id128.hpp>

#include "collector/control/time_words.hpp"
#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"

namespace lmlog::collector {

struct TailAnswer {
  std::shared_ptr<File> ring;
  std::uint32_t uid = 0;
  std::uint64_t tail = 0;
  std::uint64_t drained = 0;
};

/// All calls but `step` and `run` are for the drain's thread.
class Answers {
 public:
  explicit Answers(const Clock& clock) : clock_(clock), time_words_(clock) {}

  /// Everything is written in the calling thread from now on: for a collector that is stepped.
  void set_immediate() noexcept { is_immediate_ = true; }

  /// Releases tails, in order; the vector is taken over. A later tail of a ring replaces one that still waits.
  void release(std::vector<TailAnswer>& tails);

  /// Writes `retired` into the session and its rings. `done` is dropped when all is written (or could not be).
  void retire(std::shared_ptr<File> session, std::vector<std::shared_ptr<File>> rings, std::uint32_t uid,
              std::shared_ptr<void> done);

  /// From now on the session's time words are kept; until `detach`.
  void attach(const formats::Id128& id, std::shared_ptr<File> session, std::uint32_t uid, std::uint32_t clock_kind);
  void detach(const formats::Id128& id);

  /// Writes what waits and is not delayed. One call at a time.
  void step();
  /// Steps until `stop`, and writes what still waits then.
  void run();
  void stop();

  /// Writes that took so long that their user had to wait.
  [[nodiscard]] std::uint64_t slow_writes() const noexcept { return slow_writes_.load(std::memory_order_relaxed); }

 private:
  struct Retirement {
    std::shared_ptr<File> session;
    std::vector<std::shared_ptr<File>> rings;
    std::uint32_t uid;
    std::shared_ptr<void> done;
  };

  [[nodiscard]] bool is_delayed(std::uint32_t uid, std::int64_t now) const;
  /// False when the system refused it.
  bool write(File& file, std::uint32_t uid, std::uint64_t offset, std::span<const std::byte> bytes);
  void write_tails(std::vector<TailAnswer> tails, bool all);
  void delay(TailAnswer answer);
  void write_retirements(std::vector<Retirement> retirements, bool all);

  const Clock& clock_;

  mutable std::mutex mutex_;  // of what follows; never held during a write
  std::condition_variable wake_;
  std::vector<TailAnswer> tails_;
  std::vector<Retirement> retirements_;
  bool stopping_ = false;
  bool is_immediate_ = false;  // set before there are threads

  // The answering thread's own.
  std::unordered_map<std::uint32_t, std::int64_t> delayed_until_;  // by uid, monotonic
  std::vector<TailAnswer> delayed_tails_;  // of slow users, and those that were refused: one for each ring
  std::vector<Retirement> refused_retirements_;
  std::atomic<std::uint64_t> slow_writes_{0};

  TimeWords time_words_;
};

}  // namespace lmlog::collector
