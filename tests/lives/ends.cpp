// SPDX-License-Identifier: Apache-2.0
// All the ways in which a process ends, while three threads log without pause.
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <lmlog/lmlog.hpp>

#include "tests/lives/life.hpp"

namespace lmlog::lives {

namespace {

/// Logs until all are in the middle of it, then ends as `how` says.
template <void (*how)()> int end(std::uint32_t count) {
  // Never destroyed: what ends the process decides what ends the session.
  static Session& session = *new Session(options("end"));
  (void)&session;
  for (Slot who = 1; who <= 3; ++who) {
    std::thread([who] {
      for (;;) log(who, 10);
    }).detach();
  }
  log(0, count);
  how();
  return 0;
}

void nothing() {}
void exit_now() { std::exit(0); }
void exit_at_once() { ::_exit(0); }
void exit_quickly() {
  std::at_quick_exit([] { log(4, 3); });
  std::quick_exit(0);
}
void abort_now() { std::abort(); }
void throw_for_nobody() {
  std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
}
void kill_by(int number) {
  ::raise(number);
  for (;;) ::pause();
}
void sigkill() { kill_by(SIGKILL); }
void sigterm() { kill_by(SIGTERM); }
void sigsegv() {
  ::signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler of their own
  volatile std::uintptr_t nowhere = 8;
  *reinterpret_cast<volatile int*>(nowhere) = 1;
}
/// The record of the crash itself comes last, from the handler.
void logging_handler() {
  ::signal(SIGFPE, [](int) {
    log(4, 3);
    ::_exit(0);
  });
  ::raise(SIGFPE);
}

}  // namespace

Lives ends() {
  return {{"return", end<nothing>},     {"exit", end<exit_now>},
          {"_exit", end<exit_at_once>}, {"quick_exit", end<exit_quickly>},
          {"abort", end<abort_now>},    {"throw", end<throw_for_nobody>},
          {"sigkill", end<sigkill>},    {"sigterm", end<sigterm>},
          {"sigsegv", end<sigsegv>},    {"logging-handler", end<logging_handler>}};
}

}  // namespace lmlog::lives
