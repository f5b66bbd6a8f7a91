// SPDX-License-Identifier: Apache-2.0
// F_GETLK says who holds the lock; a pidfd tells a process that gave its lock away from one that is gone, also where
// /proc shows only one's own (ProtectProc=invisible).
#include "collector/host/lock_liveness.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include <lmlog/formats/mutant.hpp>

#include "collector/host/process_watch.hpp"
#include "collector/host/retried.hpp"

namespace lmlog::collector {

int LockLiveness::lock_holder(const File& file) const {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 0;
  lock.l_len = 1;
  // On an error a session is taken for a living one: waiting is safe, removing is not.
  if (retried([&] { return ::fcntl(file.descriptor(), F_GETLK, &lock); }) != 0) return kUnknownHolder;
  if (lock.l_type == F_UNLCK || formats::mutant(formats::Mutant::living_declared_dead)) return 0;
  return lock.l_pid > 0 ? lock.l_pid : -1;
}

bool LockLiveness::may_run(std::uint32_t pid) const {
  if (pid == 0 || pid > 0x7FFFFFFFu || formats::mutant(formats::Mutant::living_declared_dead)) return false;
  if (const int process = open_process(pid); process >= 0) {
    // Readable when all threads have ended, also while nobody has waited for it.
    pollfd question{process, POLLIN, 0};
    const bool has_ended = ::poll(&question, 1, 0) > 0;
    ::close(process);
    return !has_ended;
  }
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
  // Without a pidfd: a killed process that nobody has waited for yet: "PID (name) Z …"; the name may hold anything, so
  // look behind its last ')'.
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos || end + 2 >= line.size()) return true;
  return line[end + 2] != 'Z' && line[end + 2] != 'X';
}

std::unique_ptr<EndWatch> LockLiveness::make_end_watch() const { return std::make_unique<ProcessWatch>(); }

}  // namespace lmlog::collector
