// SPDX-License-Identifier: Apache-2.0
// signalfd and poll.
#include "collector/signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <initializer_list>

#include "collector/host/clock.hpp"

namespace lmlog::collector {

Signals::Signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail for this number
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Signals::~Signals() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Signals::wait(std::int64_t timeout_ns) {
  pollfd one{descriptor_, POLLIN, 0};
  if (::poll(&one, 1, static_cast<int>(timeout_ns / kNsPerMs)) <= 0) return 0;
  signalfd_siginfo info{};
  if (::read(descriptor_, &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return 0;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace lmlog::collector
