// SPDX-License-Identifier: Apache-2.0
// sigtimedwait: it needs no descriptor, which a process that has run out of them could not get.
#include "collector/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <initializer_list>

#include "collector/host/clock.hpp"

namespace lmlog::collector {

namespace {

sigset_t signal_set() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = signal_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail for this number
  ::signal(SIGXFSZ, SIG_IGN);  // NOLINT(cert-err33-c): a limit on file sizes is an error like that of a full disk
}

int Signals::wait(std::int64_t timeout_ns) {
  const sigset_t set = signal_set();
  const timespec timeout{timeout_ns / kNsPerSecond, timeout_ns % kNsPerSecond};
  return std::max(::sigtimedwait(&set, nullptr, &timeout), 0);
}

void Signals::wake() { ::kill(::getpid(), SIGHUP); }

}  // namespace lmlog::collector
