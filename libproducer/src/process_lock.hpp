// SPDX-License-Identifier: Apache-2.0
// Taking the process's lock. See process.hpp.
#pragma once

#include <pthread.h>
#include <signal.h>

#include "libproducer/src/cancellation_waits.hpp"
#include "libproducer/src/inside_library.hpp"
#include "libproducer/src/process.hpp"

namespace lmlog::detail {

/// True while the calling thread is in fork() and holds the lock, with everything at rest.
extern __thread bool locked_for_fork __attribute__((tls_model("initial-exec")));

/// No signal handler runs on this thread meanwhile: it might log, and wait for a lock that its own thread holds; and a
/// steady timer would never let a large allocation finish.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

/// The lock, with what comes with it: signals and cancellation wait, an allocator that logs is told from the service,
/// and a forked child begins anew.
class Process::Locked {
 public:
  explicit Locked(Process& process) noexcept : process_(process) {
    if (process.memory_.begin_again()) {
      process.begin_in_child_locked();
    } else if (locked_for_fork) {  // another handler of fork() logs
      owned_ = false;
      return;
    } else {
      process.mutex_.lock();
    }
    process.locked_.store(true, std::memory_order_relaxed);
    if (this_thread != nullptr && this_thread->line->live == 0) {  // the thread that forked, and not the first one here
      this_thread = nullptr;
      forget_line();
    }
  }
  ~Locked() {
    if (!owned_) return;
    process_.locked_.store(false, std::memory_order_relaxed);
    process_.mutex_.unlock();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  InsideLibrary inside_;
  SignalsBlocked signals_;
  CancellationWaits cancellation_;
  Process& process_;
  bool owned_ = true;
};

}  // namespace lmlog::detail
