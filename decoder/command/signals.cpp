// SPDX-License-Identifier: Apache-2.0
// Nothing that this program makes outlives it (its spool files have no name), so it can end between any two
// instructions: no loop has to ask whether it may go on.
#include "decoder/command/signals.hpp"

#include <unistd.h>

#include <csignal>

#include "decoder/command/progress.hpp"
#include "decoder/read/report.hpp"

namespace lmlog::decoder {
namespace {

void on_signal(int) {
  Progress::wipe();
  ::_exit(static_cast<int>(ExitCode::interrupted));
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace lmlog::decoder
