// SPDX-License-Identifier: Apache-2.0
// What the library keeps of each thread beside its line: the ring that it writes, and the list of all of them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <lmlog/thread_line.hpp>

#include "libproducer/src/ring.hpp"

namespace lmlog::detail {

struct ThreadState {
  ThreadLine* line = nullptr;
  Ring* ring = nullptr;  // null: none yet, or none to be had
  ThreadIdentity identity;
  unsigned end_rounds = 0;  // how often the key's destructor has run
};

/// The calling thread's state; null before its first record and after its end.
extern __thread ThreadState* this_thread __attribute__((tls_model("initial-exec")));
/// True when the thread's end has gone by: what it logs now is lost.
extern __thread bool thread_has_ended __attribute__((tls_model("initial-exec")));

/// All threads that have a line. Lines come from pages that a fork wipes; neither is ever given back to the system.
class ThreadList {
 public:
  /// A state with a line for the calling thread; null when there is no memory.
  [[nodiscard]] ThreadState* add() noexcept;
  void remove(ThreadState& thread) noexcept;
  /// In a forked child: the states are those of threads that are not there. `all_gone`: the caller is the one that is,
  /// and has let go of its own, so they can be used again.
  void forget(bool all_gone) noexcept;

  [[nodiscard]] const std::vector<ThreadState*>& all() const noexcept { return threads_; }

 private:
  [[nodiscard]] bool add_page() noexcept;

  std::vector<ThreadState*> threads_;
  std::vector<std::unique_ptr<ThreadState>> states_;
  std::vector<ThreadState*> spare_;
  std::vector<ThreadLine*> spare_lines_;
};

/// Sends the line's thread to its slow path with its next call; from any thread.
inline void shut(ThreadLine& line) noexcept {
  line.limit.store(0, std::memory_order_relaxed);
  line.clock_limit.store(0, std::memory_order_relaxed);
}

/// The calling thread has no room anywhere from now on.
void forget_line() noexcept;

/// The thread's identity as the kernel tells it.
[[nodiscard]] ThreadIdentity identify_thread();

/// Makes Process::thread_ends run at the end of the calling thread; with null, not.
[[nodiscard]] bool watch_thread_end(ThreadState* thread) noexcept;

}  // namespace lmlog::detail
