// SPDX-License-Identifier: Apache-2.0
// A service in small, for the tests that need a process of its own: `sample_service MODE`. What it logs is found in its
// rings afterwards; what it says on stdout is its opinion of itself.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <lmlog/lmlog.hpp>

namespace {

using namespace lmlog::literals;

// A variant that is made in a destructor would open a session of its own where the first one's lock is gone.
constinit bool loggers_at_the_end = false;

// Runs before main, and before or after the registrars of this very file: either order must do.
struct Early {
  explicit Early(int number) {
    LMLOG_INFO("static constructor {}", number);
    LMLOG_LOG(log, lmlog::Level::info, "static constructor's logger {}", number);
  }
  ~Early() {
    LMLOG_INFO("static destructor {}", 1);
    if (loggers_at_the_end) LMLOG_LOG(log, lmlog::Level::info, "static destructor's logger {}", 1);
  }
  lmlog::Logger log = lmlog::logger("early");
};
[[gnu::init_priority(101)]] Early very_early(101);
Early early(1);

void never_called() { LMLOG_ERROR("never called {}", 1); }
[[maybe_unused]] void (*volatile keep)() = never_called;

inline void in_an_inline_function() { LMLOG_INFO("inline"); }
template <class T> void in_a_template(const T& value) { LMLOG_INFO("template {}", value); }
template <class T> struct Member {
  void log() const { LMLOG_INFO("member {}", T{}); }
};

int plain() {
  loggers_at_the_end = true;
  LMLOG_INFO("plain {}", 1);
  return 0;
}

int statements() {
  in_an_inline_function();
  in_a_template(1);
  in_a_template(std::string_view("text"));
  Member<double>().log();
  [](auto value) { LMLOG_INFO("generic lambda {}", value); }(2.5);
  const auto nested = [] {
    LMLOG_INFO("inner");
    return 7;
  };
  LMLOG_INFO("outer {}", nested());
  for (int i = 0; i < 3; ++i) LMLOG_INFO("loop {}", i);
  const auto [first, second] = std::pair(1, 2);
  LMLOG_INFO("bindings {} {}", first, second);
  return 0;
}

int levels() {
  int evaluated = 0;
  LMLOG_TRACE("trace {}", ++evaluated);
  LMLOG_DEBUG("debug {}", ++evaluated);
  LMLOG_INFO("info {}", ++evaluated);
  LMLOG_WARN("warn {}", ++evaluated);
  std::printf("%d\n", evaluated);
  return 0;
}

int loggers() {
  for (const char* name : {"orders.us", "orders", "md.itch", "md", ""}) {
    LMLOG_LOG(lmlog::logger(name), lmlog::Level::debug, "debug of {name}", name);
    LMLOG_LOG(lmlog::logger(name), lmlog::Level::warn, "warn of {name}", name);
  }
  return 0;
}

int killed() {
  for (int i = 0; i < 100'000; ++i) LMLOG_INFO("count {}", i);
  ::raise(SIGKILL);
  return 1;
}

/// Any system call from here on kills the process, but for write (to say that it went well) and exit_group.
bool forbid_system_calls() {
  const sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof(filter) / sizeof(filter[0]), const_cast<sock_filter*>(filter)};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int confined(bool break_the_rule) {
  const std::string text(200, 't');
  const auto log = [&](int i) {
    LMLOG_INFO("confined {}", i);
    LMLOG_WARN("with text {} {}", i, text);
    LMLOG_DEBUG("off {}", i);
  };
  log(-1);
  if (!forbid_system_calls()) {
    std::puts("no seccomp here");
    return 77;
  }
  if (break_the_rule) ::syscall(SYS_getpid);
  for (int i = 0; i < 100'000; ++i) log(i);  // many laps of the ring's fill level, and drops when it is full
  const char done[] = "done\n";
  [[maybe_unused]] const auto written = ::write(1, done, sizeof(done) - 1);
  ::_exit(0);
}

int forked() {
  LMLOG_INFO("parent before {}", 1);
  const pid_t child = ::fork();
  if (child == 0) {
    LMLOG_INFO("child {}", 2);
    std::thread([] { LMLOG_INFO("child thread {}", 3); }).join();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  LMLOG_INFO("parent after {}", 4);
  std::printf("%d\n", child);
  return status == 0 ? 0 : 1;
}

/// The first hash of a child and of this process.
int hashes() {
  const pid_t child = ::fork();
  if (child != 0) ::waitpid(child, nullptr, 0);
  std::printf("%016llx\n", static_cast<unsigned long long>(lmlog::hashed("alice").hash));
  return 0;
}

/// Forks again and again while another thread registers statements: no child may hang, crash or write into this
/// process's rings, and every one logs.
int forked_while_registering() {
  const lmlog::Session session({.service = "forking", .ring_bytes = 64 << 10});
  std::atomic<bool> stop{false};
  std::thread registering([&] {
    for (int i = 0; !stop.load(); ++i)
      const lmlog::RuntimeSite statement(lmlog::Level::info, "registered " + std::to_string(i % 1000));
  });
  bool good = true;
  for (int i = 0; i < 60 && good; ++i) {
    LMLOG_INFO("forking {}", i);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(10);  // instead of hanging for ever
      LMLOG_INFO("forked child {}", i);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    good = status == 0;
  }
  stop = true;
  registering.join();
  std::puts(session.id().c_str());
  return good ? 0 : 1;
}

/// Logs into a full tmpfs until there is room again, which the test makes when it reads the first line.
int until_there_is_room() {
  const lmlog::Session session({.service = "cramped", .ring_bytes = 1 << 20});
  std::uint64_t attempted = 0;
  std::uint64_t lost = 0;
  const auto log = [&] {
    LMLOG_INFO("cramped {}", attempted++);
    const std::uint64_t before = std::exchange(lost, session.losses()[3]);
    return lost == before;
  };
  if (log()) return 1;
  std::puts("full");
  std::fflush(stdout);
  for (int tries = 0; tries < 30'000 && !log(); ++tries) ::usleep(1000);
  std::printf("%llu %llu\n", static_cast<unsigned long long>(attempted), static_cast<unsigned long long>(lost));
  return 0;
}

/// Records while there is no folder, then with one: what goes wrong must cost the service nothing but records.
int without_folder() {
  int evaluated = 0;
  for (int i = 0; i < 100'000; ++i) LMLOG_INFO("lost {}", ++evaluated);
  std::printf("%d\n", evaluated);
  return 0;
}

/// The session has room, rings have not: each record is counted in the session.
int no_room_for_rings() {
  const lmlog::Session session({.service = "full", .ring_bytes = 64 << 20});
  for (int i = 0; i < 1000; ++i) LMLOG_INFO("full {}", i);
  const lmlog::LossCounts losses = session.losses();
  std::printf("%llu no ring, %llu no catalog\n", static_cast<unsigned long long>(losses[3]),
              static_cast<unsigned long long>(losses[4]));
  return 0;
}

/// Begins without a folder, and goes on until there is one: it is tried again by itself.
int until_there_is_a_folder() {
  const lmlog::Session session({.service = "patient"});
  int tries = 0;
  while (session.id().empty() && ++tries < 30'000) {
    LMLOG_INFO("try {}", tries);
    ::usleep(1000);
  }
  LMLOG_INFO("found {}", 1);
  std::puts(session.id().c_str());
  return 0;
}

int closed_descriptors() {
  // A daemon that closes everything that it does not know, and opens its own files.
  LMLOG_INFO("before {}", 1);
  ::close_range(3, ~0U, 0);
  for (int i = 0; i < 100; ++i) LMLOG_INFO("after {}", i);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string_view, std::function<int()>> modes{
      {"plain", plain},
      {"statements", statements},
      {"levels", levels},
      {"loggers", loggers},
      {"killed", killed},
      {"confined", [] { return confined(false); }},
      {"confined-and-not-obeying", [] { return confined(true); }},
      {"forked", forked},
      {"hashes", hashes},
      {"forked-while-registering", forked_while_registering},
      {"until-there-is-room", until_there_is_room},
      {"without-folder", without_folder},
      {"until-there-is-a-folder", until_there_is_a_folder},
      {"no-room-for-rings", no_room_for_rings},
      {"closed-descriptors", closed_descriptors},
  };
  const auto mode = argc == 2 ? modes.find(argv[1]) : modes.end();
  if (mode == modes.end()) {
    std::fputs("usage: sample_service MODE\n", stderr);
    return 2;
  }
  return mode->second();
}
