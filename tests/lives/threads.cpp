// SPDX-License-Identifier: Apache-2.0
// Threads that come and go, that are cancelled, that log in their thread_local destructors, and that outlive their
// session and main.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include <lmlog/lmlog.hpp>

#include "tests/lives/life.hpp"

namespace lmlog::lives {

namespace {

/// `count` threads, 50 at a time, one record each.
int threads(std::uint32_t count) {
  constexpr std::uint32_t kAtOnce = 50;
  const Session session(options("threads"));
  std::latch all_have_rings(kAtOnce);  // the peak
  for (Slot who = 0; who < count;) {
    std::vector<std::thread> batch;
    for (std::uint32_t i = 0; i < kAtOnce && who < count; ++i, ++who) {
      batch.emplace_back([&, who] {
        log(who);
        if (who < kAtOnce) all_have_rings.arrive_and_wait();
      });
    }
    for (auto& thread : batch) thread.join();
    if (who == 10 * kAtOnce) say_footprint("begin");
  }
  say_footprint("end");
  return 0;
}

/// Threads whose cancellation is pending from before their first call on, and is acted on behind the last one only: no
/// call is a cancellation point, though it makes files, or waits for room.
int cancelled(std::uint32_t count) {
  constexpr std::uint64_t kMoreThanARing = 3000;
  const Session session(options("cancelled"));
  const bool alone = std::getenv("LIFE_ALONE") != nullptr;
  for (Slot who = 0; who < count; ++who) {
    std::atomic<bool> is_through{false};
    std::atomic<bool> came_back{false};
    std::thread([&, who] {
      ::pthread_cancel(::pthread_self());
      log(who, alone || who % 10 != 0 ? 3 : kMoreThanARing);
      is_through = true;
      ::pthread_testcancel();
      came_back = true;
    }).join();
    if (!is_through || came_back) return 1;
  }
  return 0;
}

struct LastWord {
  Slot who;
  ~LastWord() { log(who); }
};

int thread_locals(std::uint32_t count) {
  const Session session(options("thread-locals"));
  for (std::uint32_t i = 0; i < count; ++i) {
    std::thread([i] {
      static thread_local LastWord before{2 * i};  // made before the thread's first record, gone after the second
      (void)&before;
      log(2 * i);
      static thread_local LastWord after{2 * i + 1};
      (void)&after;
    }).join();
  }
  return 0;
}

std::atomic<int> begun{0};

void start_detached(std::uint32_t count) {
  for (Slot who = 1; who <= 3; ++who) {
    std::thread([who, count] {
      for (std::uint32_t i = 0; count == 0 || i < count; ++i) {
        log(who, 10);
        if (i == 0) ++begun;
        ::usleep(50);  // the rings of a session that nobody configured must do
      }
    }).detach();
  }
}

/// The session ends under them, another begins, and at last main returns while they are in the middle of a call.
int detached(std::uint32_t count) {
  std::optional<Session> session(std::in_place, options("detached"));
  start_detached(0);
  while (begun < 3) std::this_thread::yield();
  log(0, count);
  session.reset();
  log(0, count);
  session.emplace(options("detached"));
  log(0, count);
  session.reset();
  return 0;
}

/// main's thread ends first, the process with the last of the others.
int main_ends_first(std::uint32_t count) {
  static const Session session(options("main-ends-first"));
  log(0, 10);
  start_detached(count);
  ::pthread_exit(nullptr);
}

}  // namespace

Lives lives_of_threads() {
  return {{"threads", threads},
          {"cancelled", cancelled},
          {"thread-locals", thread_locals},
          {"detached", detached},
          {"main-ends-first", main_ends_first}};
}

}  // namespace lmlog::lives
