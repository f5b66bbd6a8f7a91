// SPDX-License-Identifier: Apache-2.0
// Children with memory of their own: fork, also of a process with many threads, fork of fork, prefork servers, daemons,
// raw clone; and exec.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <lmlog/lmlog.hpp>

#include "tests/libproducer/runtime_statement.hpp"
#include "tests/lives/life.hpp"

namespace lmlog::lives {

namespace {

int fork_once(std::uint32_t count) {
  const Session session(options("fork"));
  log(0, count);
  const pid_t child = ::fork();
  if (child == 0) {
    std::thread thread([&] { log(2, count); });  // the first one to log in the child, perhaps
    log(1, count);
    thread.join();
    ::_exit(0);
  }
  log(0, count);
  return ended_with(child) ? 0 : 1;
}

/// Every generation logs, and makes the next; the first and the last say what they hold.
int fork_of_fork(std::uint32_t count) {
  const Session session(options("fork-of-fork"));
  std::uint32_t generation = 0;
  for (; generation < count; ++generation) {
    log(generation, 20);
    if (generation == 1) say_footprint("begin");
    const pid_t child = ::fork();
    if (child != 0) ::_exit(ended_with(child) ? 0 : 1);
  }
  log(generation, 20);
  say_footprint("end");
  return 0;
}

/// The parent's other threads log and register all the time: no child may find anything half done.
int fork_while_logging(std::uint32_t count) {
  const Session session(options("fork-while-logging"));
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (Slot who = 1; who <= 2; ++who) {
    threads.emplace_back([&, who] {
      while (!stop) log(who, 10);
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) const testing::RuntimeStatement statement("registered " + std::to_string(i % 200));
  });
  threads.emplace_back([&] {
    while (!stop) std::thread([] { log(3); }).join();
  });
  bool good = true;
  for (std::uint32_t i = 0; i < count && good; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(30);  // instead of hanging for ever
      log(10 + 2 * i, 20);
      std::thread([&] { log(11 + 2 * i, 20); }).join();
      ::_exit(0);
    }
    log(0, 5);
    good = ended_with(child);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  return good ? 0 : 1;
}

/// `count` workers, at most 16 at a time. The parent holds no more at the end than when the first 16 were there.
int prefork(std::uint32_t count) {
  constexpr std::uint32_t kAtOnce = 16;
  const Session session(options("prefork"));
  log(0, 10);
  bool good = true;
  std::uint32_t alive = 0;
  const auto wait_for_one = [&] {
    int status = 0;
    good = ::wait(&status) > 0 && status == 0 && good;
    --alive;
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    if (alive == kAtOnce) wait_for_one();
    if (::fork() == 0) {
      log(1 + i, 20);
      ::_exit(0);
    }
    ++alive;
    log(0);
    if (i + 1 == kAtOnce) say_footprint("begin");
  }
  while (alive > 0) wait_for_one();
  say_footprint("end");
  return good ? 0 : 1;
}

/// Children that never log, while their parent goes through `count` sessions: they keep nothing of these.
int idle_child(std::uint32_t count) {
  std::vector<pid_t> children;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Session session(options("idle-child"));
    log(0, 10);
    children.push_back(::fork());
    if (children.back() == 0) {
      for (;;) ::pause();
    }
    log(0, 10);
  }
  say_footprint("end");
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  return 0;
}

/// Double fork, a session of the system's, no descriptors; then all over again with the daemon's own.
int daemonise(std::uint32_t count) {
  const Session session(options("daemonise"));
  log(0, count);
  const pid_t child = ::fork();
  if (child != 0) return ended_with(child) ? 0 : 1;
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  log(1, count);  // opens a session, whose descriptor goes now
  ::close_range(0, ~0U, 0);
  if (::open("/dev/null", O_RDWR) != 0 || ::dup(0) != 1 || ::dup(0) != 2) ::_exit(1);
  log(1, 20 * count);  // many laps: the collector takes the session for dead, and the daemon opens another
  return 0;
}

/// As fork, without its handlers: other threads' locks are as they were.
int raw_clone(std::uint32_t count) {
  const Session session(options("raw-clone"));
  log(0, count);
  for (std::uint32_t i = 0; i < 10; ++i) {
    const long child = ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
      if (i % 2 == 0) std::thread([&] { log(1 + 2 * i, count); }).join();
      log(2 + 2 * i, count);
      ::_exit(0);
    }
    log(0, count);
    if (!ended_with(static_cast<int>(child))) return 1;
  }
  return 0;
}

/// The lock is not inherited, and the session is dead from then on. "after-exec" is what is executed.
int exec(std::uint32_t count) {
  Session session(options("exec"));
  std::thread([&] { log(1, count); }).join();
  log(0, count);
  ::execl("/proc/self/exe", "life", "after-exec", std::to_string(count).c_str(), nullptr);
  return errno;
}

int after_exec(std::uint32_t count) {
  const Session session(options("after-exec"));
  log(2, count);
  say_footprint("end");
  return 0;
}

}  // namespace

Lives lives_of_processes() {
  return {{"fork", fork_once},
          {"fork-of-fork", fork_of_fork},
          {"fork-while-logging", fork_while_logging},
          {"prefork", prefork},
          {"idle-child", idle_child},
          {"daemonise", daemonise},
          {"raw-clone", raw_clone},
          {"exec", exec},
          {"after-exec", after_exec}};
}

}  // namespace lmlog::lives
