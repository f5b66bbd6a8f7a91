// SPDX-License-Identifier: Apache-2.0
// Children in their parent's memory: vfork, posix_spawn, clone with CLONE_VM. They use what the parent has, make
// nothing, and leave the parent as it was.
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <thread>

#include <lmlog/lmlog.hpp>

#include "tests/libproducer/runtime_statement.hpp"
#include "tests/lives/life.hpp"

extern char** environ;

namespace lmlog::lives {

namespace {

constexpr std::size_t kNoRing = static_cast<std::size_t>(formats::LossReason::no_ring);

/// In a frame of its own, in which nothing changes behind the vfork. True when the child ended well.
[[gnu::noinline]] bool in_a_vfork(void (*work)(), bool executes) {
  const pid_t child = ::vfork();
  if (child == 0) {
    work();
    if (executes) ::execl("/bin/true", "true", nullptr);
    ::_exit(0);
  }
  return ended_with(child);
}

/// Children write through the parent's ring, as its thread; the parent's own records go on behind theirs.
int vfork_and_log(std::uint32_t count) {
  const Session session(options("vfork"));
  log(0, 10);
  std::thread([] { log(1, 10); }).join();
  const std::string id = session.id();
  bool good = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i == 1) say_footprint("begin");
    good = in_a_vfork([] { log(0, 20); }, i % 2 == 0) && good;
    log(0, 5);
  }
  std::thread([] { log(1, 10); }).join();  // the parent still makes what it needs
  say_footprint("end");
  return good && session.id() == id && session.losses() == LossCounts{} ? 0 : 1;
}

/// A guest whose thread has no ring, and a statement that nobody registered: each record is one more that is lost.
int guest_without_ring(std::uint32_t count) {
  const Session session(options("guest-without-ring"));
  log(0);
  bool good = true;
  std::thread([&] {
    for (std::uint32_t i = 0; i < count; ++i) {
      good = in_a_vfork([] { LMLOG_INFO("a guest's own {}", 1); }, false) && good;
    }
    good = session.losses()[kNoRing] == count && good;
    log(1, 10);
  }).join();
  log(0);
  return good && session.losses()[kNoRing] == count ? 0 : 1;
}

int spawn(std::uint32_t count) {
  const Session session(options("spawn"));
  const std::string number = std::to_string(count);
  std::array<char*, 4> words{const_cast<char*>("life"), const_cast<char*>("after-exec"),
                             const_cast<char*>(number.c_str()), nullptr};
  log(0, count);
  pid_t child = 0;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, words.data(), environ) != 0) return 1;
  log(0, count);
  return ended_with(child) ? 0 : 1;
}

int log_as_a_clone(void* count) {
  log(0, *static_cast<std::uint32_t*>(count));
  return 7;
}

/// The parent's thread waits while a child runs on its thread pointer: with CLONE_VFORK in the kernel, else by itself.
int clone_in_memory(std::uint32_t count) {
  alignas(16) static std::byte stack[256 << 10];
  const Session session(options("clone-vm"));
  log(0, count);
  const std::string id = session.id();
  for (const int flags : {CLONE_VM | SIGCHLD, CLONE_VM | CLONE_VFORK | SIGCHLD, CLONE_VM | CLONE_FILES | SIGCHLD}) {
    const int child = ::clone(&log_as_a_clone, stack + sizeof(stack), flags, &count);
    if (child < 0 || !ended_with(child, 7)) return 1;
    log(0, count);
  }
  std::thread([&] { log(1, count); }).join();
  return session.id() == id && session.losses() == LossCounts{} ? 0 : 1;
}

}  // namespace

Lives lives_in_other_memory() {
  return {{"vfork", vfork_and_log},
          {"guest-without-ring", guest_without_ring},
          {"spawn", spawn},
          {"clone-vm", clone_in_memory}};
}

}  // namespace lmlog::lives
