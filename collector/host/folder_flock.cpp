// SPDX-License-Identifier: Apache-2.0
// The lock lives as long as the descriptor; the kernel drops it when the process dies, however it dies.
#include "collector/host/folder_flock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <thread>

#include "collector/host/posix_file.hpp"
#include "collector/host/retried.hpp"

namespace lmlog::collector {

namespace {

constexpr int kTries = 10;
constexpr std::chrono::milliseconds kBetweenTries{10};

class Flock final : public FolderLock {
 public:
  explicit Flock(int descriptor) : descriptor_(descriptor) {}
  ~Flock() override { ::close(descriptor_); }
  Flock(const Flock&) = delete;
  Flock& operator=(const Flock&) = delete;

 private:
  int descriptor_;
};

/// The process that holds a flock on the inode; 0 when /proc/locks is not there or does not say.
/// A line: "1: FLOCK  ADVISORY  WRITE 4711 00:1b:123 0 EOF".
int holder_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return 0;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    int pid = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    std::uint64_t inode = 0;
    if (std::sscanf(line.c_str(), "%*d: FLOCK %*s %*s %d %x:%x:%" SCNu64, &pid, &major_number, &minor_number, &inode) !=
        4)
      continue;
    if (inode == status.st_ino && major_number == major(status.st_dev) && minor_number == minor(status.st_dev))
      return pid;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<FolderLock>> lock_folder_by_flock(const std::string& path) {
  const int descriptor = retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return system_error("open the folder", path, errno);
  // `--status` asks by taking the lock and giving it back: who only met that question gets it a moment later.
  int error_number = EWOULDBLOCK;
  for (int tries = 0; error_number == EWOULDBLOCK && tries < kTries; ++tries) {
    if (tries != 0) std::this_thread::sleep_for(kBetweenTries);
    if (retried([&] { return ::flock(descriptor, LOCK_EX | LOCK_NB); }) == 0)
      return std::unique_ptr<FolderLock>(std::make_unique<Flock>(descriptor));
    error_number = errno;
  }
  const int pid = error_number == EWOULDBLOCK ? holder_of(descriptor) : 0;
  ::close(descriptor);
  if (error_number != EWOULDBLOCK) return system_error("lock the folder", path, error_number);
  return Error{ErrorCode::io, path + " is served by another lmlog-collector" +
                                  (pid > 0 ? " (pid " + std::to_string(pid) + ")" : std::string()) +
                                  ": stop it, or give this one another folder"};
}

}  // namespace lmlog::collector
