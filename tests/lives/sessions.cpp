// SPDX-License-Identifier: Apache-2.0
// Sessions that come and go in one process: explicit ones one after the other, also under running threads, and such
// that are retired because the service closed their descriptor.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <lmlog/lmlog.hpp>

#include "tests/lives/life.hpp"

namespace lmlog::lives {

namespace {

/// Slowly: a user has a quota of rings, and the collector keeps those of a closed session for a second.
int sessions(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const Session session(options("sessions"));
    log(0, 3);
    std::thread([] { log(1, 3); }).join();
    if (i == 10) say_footprint("begin");
    ::usleep(10'000);
  }
  say_footprint("end");
  return 0;
}

/// Two threads log all the time, one keeps a ring of the first session for ever, and looks at its level now and then.
int sessions_under_threads(std::uint32_t count) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (Slot who = 1; who <= 2; ++who) {
    threads.emplace_back([&, who] {
      while (!stop) {
        log(who, 10);
        ::usleep(200);
      }
    });
  }
  threads.emplace_back([&] {
    log(3);
    while (!stop) {
      LMLOG_DEBUG("off");
      ::usleep(100);
    }
    log(3);
  });
  log(0);
  say_footprint("begin");  // with a ring of a session that nobody configured, which is larger than all others
  for (std::uint32_t i = 0; i < count; ++i) {
    const Session session(options("sessions-under-threads"));
    log(0, 3);
    if (i % 10 == 0 && i < count / 2) say_footprint("begin");
    ::usleep(20'000);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  say_footprint("end");
  return 0;
}

/// Closes its descriptors again and again, and so its lock: the collector retires the session, and another is opened.
int retired(std::uint32_t count) {
  const Session session(options("retired"));
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string before = session.id();
    ::close_range(3, ~0U, 0);
    while (session.id() == before) {
      log(0, 100);
      ::usleep(1'000);  // the test keeps all records in memory
    }
    if (i == count / 10) say_footprint("begin");
  }
  say_footprint("end");
  return 0;
}

}  // namespace

Lives lives_of_sessions() {
  return {{"sessions", sessions}, {"sessions-under-threads", sessions_under_threads}, {"retired", retired}};
}

}  // namespace lmlog::lives
