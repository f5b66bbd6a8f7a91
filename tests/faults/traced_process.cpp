// SPDX-License-Identifier: Apache-2.0
// A seccomp filter stops the chosen calls alone: all others run at full speed.
#include "tests/faults/traced_process.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace lmlog::faults {

namespace {

volatile sig_atomic_t traced_pid = 0;

void pass_on(int signal_number) {
  if (traced_pid > 0) ::kill(static_cast<pid_t>(traced_pid), signal_number);
}

[[noreturn]] void fail_with(const char* what) {
  std::perror(what);
  std::exit(4);
}

/// In the child: stops at these calls, and becomes the program.
[[noreturn]] void become(const std::vector<std::string>& command, const std::vector<const CallKind*>& kinds) {
  std::vector<sock_filter> filter;
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const CallKind* kind : kinds) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(kind->number), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) fail_with("ptrace");
  ::raise(SIGSTOP);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    fail_with("seccomp");
  ::execvp(words[0], words.data());
  fail_with(words[0]);
}

}  // namespace

const std::vector<CallKind>& call_kinds() {
  static const std::vector<CallKind> kinds{
      {"openat", SYS_openat, 1, -1},
      {"read", SYS_read, -1, 0},
      {"write", SYS_write, -1, 0},
      {"pread64", SYS_pread64, -1, 0},
      {"pwrite64", SYS_pwrite64, -1, 0},
      {"fdatasync", SYS_fdatasync, -1, 0},
      {"fsync", SYS_fsync, -1, 0},
      {"rename", SYS_rename, 0, -1},
      {"unlink", SYS_unlink, 0, -1},
      {"mkdir", SYS_mkdir, 0, -1},
      {"ftruncate", SYS_ftruncate, -1, 0},
      {"fallocate", SYS_fallocate, -1, 0},
      {"getdents64", SYS_getdents64, -1, 0},
      {"newfstatat", SYS_newfstatat, 1, 0},
      {"fstat", SYS_fstat, -1, 0},
      {"statfs", SYS_statfs, 0, -1},
      {"lgetxattr", SYS_lgetxattr, 0, -1},
      {"fcntl", SYS_fcntl, -1, 0},
      {"flock", SYS_flock, -1, 0},
      {"lseek", SYS_lseek, -1, 0},
      {"close", SYS_close, -1, 0},
      {"inotify_init1", SYS_inotify_init1, -1, -1},
      {"inotify_add_watch", SYS_inotify_add_watch, 1, -1},
      {"kill", SYS_kill, -1, -1},
      {"clone3", SYS_clone3, -1, -1},
      {"mmap", SYS_mmap, -1, -1},
      {"munmap", SYS_munmap, -1, -1},
      {"mprotect", SYS_mprotect, -1, -1},
      {"madvise", SYS_madvise, -1, -1},
      {"brk", SYS_brk, -1, -1},
      {"futex", SYS_futex, -1, -1},
      {"clock_nanosleep", SYS_clock_nanosleep, -1, -1},
      {"nanosleep", SYS_nanosleep, -1, -1},
      {"rt_sigtimedwait", SYS_rt_sigtimedwait, -1, -1},
      {"rt_sigprocmask", SYS_rt_sigprocmask, -1, -1},
      {"rt_sigaction", SYS_rt_sigaction, -1, -1},
      {"signalfd4", SYS_signalfd4, -1, -1},
      {"poll", SYS_poll, -1, -1},
      {"ppoll", SYS_ppoll, -1, -1},
      {"getpid", SYS_getpid, -1, -1},
      {"geteuid", SYS_geteuid, -1, -1},
      {"prlimit64", SYS_prlimit64, -1, -1},
      {"getrandom", SYS_getrandom, -1, -1},
      {"sched_yield", SYS_sched_yield, -1, -1},
      {"exit", SYS_exit, -1, -1},
      {"exit_group", SYS_exit_group, -1, -1},
  };
  return kinds;
}

const CallKind* call_kind(std::string_view name) {
  const auto& kinds = call_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

StoppedCall::StoppedCall(pid_t thread, int index) : thread_(thread), index_(index) {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return;
  arguments_ = {registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9};
  for (const auto& kind : call_kinds()) {
    if (static_cast<std::uint64_t>(kind.number) == registers.orig_rax) kind_ = &kind;
  }
}

std::string StoppedCall::text_at(std::uint64_t address) const {
  char text[256];
  iovec here{text, sizeof(text) - 1};
  iovec there{reinterpret_cast<void*>(address), sizeof(text) - 1};  // NOLINT(performance-no-int-to-ptr): of the other
  const ssize_t got = ::process_vm_readv(thread_, &here, 1, &there, 1, 0);
  if (got <= 0) {
    // Less than that is mapped behind it: to the end of its page.
    there.iov_len = here.iov_len = std::min<std::size_t>(sizeof(text) - 1, 4096 - address % 4096);
    if (::process_vm_readv(thread_, &here, 1, &there, 1, 0) <= 0) return {};
  }
  text[here.iov_len] = '\0';
  return text;
}

std::string StoppedCall::path() const {
  if (kind_ == nullptr) return {};
  if (kind_->path_argument >= 0) {
    auto text = text_at(argument(kind_->path_argument));
    if (!text.empty() || kind_->descriptor_argument < 0) return text;
  }
  if (kind_->descriptor_argument < 0) return {};
  const std::string link = "/proc/" + std::to_string(thread_) + "/fd/" +
                           std::to_string(static_cast<int>(argument(kind_->descriptor_argument)));
  char text[512];
  const ssize_t got = ::readlink(link.c_str(), text, sizeof(text));
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string();
}

std::uint64_t StoppedCall::inode() const {
  if (kind_ == nullptr || kind_->descriptor_argument < 0) return 0;
  const std::string link = "/proc/" + std::to_string(thread_) + "/fd/" +
                           std::to_string(static_cast<int>(argument(kind_->descriptor_argument)));
  struct stat status {};
  return ::stat(link.c_str(), &status) == 0 && S_ISREG(status.st_mode) ? status.st_ino : 0;
}

void StoppedCall::fail(int error_number) const {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, thread_, nullptr, &registers) != 0) return;
  registers.orig_rax = ~0ULL;  // no call: the kernel leaves the result as it is here
  registers.rax = static_cast<std::uint64_t>(-static_cast<std::int64_t>(error_number));
  ::ptrace(PTRACE_SETREGS, thread_, nullptr, &registers);
}

bool StoppedCall::shorten() const {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, thread_, nullptr, &registers) != 0 || registers.rdx < 2) return false;
  registers.rdx /= 2;
  return ::ptrace(PTRACE_SETREGS, thread_, nullptr, &registers) == 0;
}

int run_traced(const std::vector<std::string>& command, const std::vector<const CallKind*>& kinds,
               const std::function<Then(const StoppedCall&)>& handler) {
  const pid_t child = ::fork();
  if (child < 0) fail_with("fork");
  if (child == 0) become(command, kinds);
  traced_pid = child;
  ::signal(SIGTERM, pass_on);
  ::signal(SIGINT, pass_on);
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) fail_with("the child did not stop");
  constexpr long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
  if (::ptrace(PTRACE_SETOPTIONS, child, nullptr, options) != 0) fail_with("ptrace options");
  std::map<pid_t, int> threads{{child, 0}};
  const auto index_of = [&](pid_t thread) {
    return threads.try_emplace(thread, static_cast<int>(threads.size())).first->second;
  };
  bool has_begun = false;
  ::ptrace(PTRACE_CONT, child, nullptr, nullptr);
  for (;;) {
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) fail_with("waitpid");
    if (!WIFSTOPPED(status)) {
      if (thread == child) return status;
      continue;
    }
    long delivered = 0;
    const int event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      if (has_begun) {
        const StoppedCall call(thread, index_of(thread));
        if (handler(call) == Then::kill) ::kill(child, SIGKILL);
      }
    } else if (event == PTRACE_EVENT_CLONE) {
      unsigned long made = 0;
      if (::ptrace(PTRACE_GETEVENTMSG, thread, nullptr, &made) == 0) (void)index_of(static_cast<pid_t>(made));
    } else if (event == PTRACE_EVENT_EXEC) {
      has_begun = true;
    } else if (event == 0) {
      const bool is_new = threads.count(thread) == 0 || WSTOPSIG(status) == SIGSTOP;
      (void)index_of(thread);
      if (!is_new) delivered = WSTOPSIG(status);
    }
    ::ptrace(PTRACE_CONT, thread, nullptr, delivered);
  }
}

}  // namespace lmlog::faults
