// SPDX-License-Identifier: Apache-2.0
// See private_folder.hpp.
#include "tools/testing/src/private_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace lmlog::testing {

namespace {

// A folder is locked a moment after it is made: one without a lock is a dead process's only when it is older.
constexpr time_t kSureToBeLockedSeconds = 60;

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
  if (!directory) return names;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

bool is_tmpfs(const std::string& path) {
  struct statfs status {};
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC &&
         ::access(path.c_str(), W_OK | X_OK) == 0;
}

std::string tmpfs_folder() {
  std::vector<std::string> candidates{"/dev/shm", "/tmp"};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read only
  if (const char* const runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/')
    candidates.insert(candidates.begin(), runtime);
  for (const auto& candidate : candidates)
    if (is_tmpfs(candidate)) return candidate;
  throw std::runtime_error(
      "lmlog::testing: neither $XDG_RUNTIME_DIR nor /dev/shm nor /tmp is a tmpfs that this user may write to: mount "
      "one on "
      "/dev/shm");
}

std::string name_prefix() { return "lmlog-capture-" + std::to_string(::geteuid()) + "-"; }

void remove_files(const std::string& folder) noexcept {
  try {
    for (const auto& name : names_in(folder)) ::unlink((folder + '/' + name).c_str());
  } catch (const std::bad_alloc&) {
    // They stay until the next capture comes by.
  }
}

int open_folder(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/// A folder of ours that nobody holds, and that is old enough.
void remove_if_left_behind(const std::string& path) {
  const int descriptor = open_folder(path);
  if (descriptor < 0) return;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && status.st_uid == ::geteuid() &&
      ::time(nullptr) - status.st_mtime > kSureToBeLockedSeconds && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    remove_files(path);
    ::rmdir(path.c_str());
  }
  ::close(descriptor);
}

}  // namespace

PrivateFolder::PrivateFolder() : owner_(::getpid()) {
  const std::string parent = tmpfs_folder();
  const std::string prefix = name_prefix();
  for (const auto& name : names_in(parent))
    if (name.starts_with(prefix)) remove_if_left_behind(parent + '/' + name);
  path_ = parent + '/' + prefix + "XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr)
    throw std::runtime_error("lmlog::testing: " + path_ + ": cannot be made: " + std::strerror(errno));
  descriptor_ = open_folder(path_);
  if (descriptor_ >= 0) (void)::flock(descriptor_, LOCK_EX | LOCK_NB);  // nobody else knows the folder
}

PrivateFolder::~PrivateFolder() {
  if (is_ours()) {
    remove_files(path_);
    ::rmdir(path_.c_str());
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool PrivateFolder::is_ours() const noexcept { return owner_ == ::getpid(); }

}  // namespace lmlog::testing
