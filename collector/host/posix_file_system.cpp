// SPDX-License-Identifier: Apache-2.0
// Opening, listing, renaming and removing through system calls.
#include "collector/host/posix_file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "collector/host/file_info.hpp"
#include "collector/host/folder_flock.hpp"
#include "collector/host/inotify_watch.hpp"
#include "collector/host/posix_file.hpp"
#include "collector/host/retried.hpp"

namespace lmlog::collector {

namespace {

int flags_for(OpenFor purpose) {
  switch (purpose) {
    case OpenFor::reading:
      return O_RDONLY | O_CLOEXEC;
    case OpenFor::writing:
      return O_RDWR | O_CLOEXEC;
    case OpenFor::creating:
      return O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    case OpenFor::answering:
      // A lease that the other side holds would hang a blocking open for 45 s; a FIFO for ever.
      return O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  }
  return O_RDONLY | O_CLOEXEC;
}

/// Of a file that a producer made: what he did, and what a person can do.
Error answering_error(const std::string& path, int error_number) {
  switch (error_number) {
    case ELOOP:
      return {ErrorCode::damaged, "it is a symbolic link, and only regular files are served"};
    case EISDIR:
      return {ErrorCode::damaged, "it is a folder"};
    case ENXIO:
      return {ErrorCode::damaged, "it is a socket, or another file that cannot be opened"};
    case EWOULDBLOCK:
      return {ErrorCode::io, "a process holds a lease on it: it is served when that is given up"};
    case EMFILE:
    case ENFILE:
      return {ErrorCode::too_large,
              "this collector has as many files open as it may: it waits until others are gone; raise the limit "
              "(LimitNOFILE= of the service, ulimit -n)"};
    case EACCES:
    case EPERM: {
      Error error = system_error("open", path, error_number);
      error.text += "; this user must be able to read and write it";
      return error;
    }
    default:
      return system_error("open", path, error_number);
  }
}

/// Producers' files may take all descriptors but these: journal, segments and status must go on, or nobody is served.
/// So many as segments are held open, and some.
int descriptors_for_producers() {
  constexpr rlim_t kOwn = 320;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<int>::max();
  const rlim_t own = std::min(kOwn, limit.rlim_cur / 2);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur - own, std::numeric_limits<int>::max()));
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, OpenFor purpose) {
  const int descriptor = retried([&] { return ::open(path.c_str(), flags_for(purpose), 0640); });
  if (purpose == OpenFor::answering) {
    if (descriptor < 0) return answering_error(path, errno);
    // Numbers are given from below: this one says how many are taken.
    if (descriptor >= descriptors_for_producers()) {
      ::close(descriptor);
      return answering_error(path, EMFILE);
    }
  }
  if (descriptor < 0) return system_error("open", path, errno);
  return std::unique_ptr<File>(std::make_unique<PosixFile>(descriptor, path));
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& folder) {
  DIR* open_folder = nullptr;
  do {
    open_folder = ::opendir(folder.c_str());
  } while (open_folder == nullptr && errno == EINTR);
  if (open_folder == nullptr) return system_error("list", folder, errno);
  std::vector<std::string> names;
  errno = 0;
  // readdir is safe here: no other thread uses this stream.
  while (const dirent* entry = ::readdir(open_folder)) {  // NOLINT(concurrency-mt-unsafe)
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error_number = errno;
  ::closedir(open_folder);
  if (error_number != 0) return system_error("list", folder, error_number);
  std::sort(names.begin(), names.end());
  return names;
}

Result<FileInfo> PosixFileSystem::info(const std::string& path) {
  struct stat status {};
  if (retried([&] { return ::lstat(path.c_str(), &status); }) != 0) return system_error("look at", path, errno);
  return file_info_of(status);
}

Status PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (retried([&] { return ::rename(from.c_str(), to.c_str()); }) != 0) return system_error("rename", from, errno);
  return Done{};
}

Status PosixFileSystem::remove(const std::string& path) {
  if (retried([&] { return ::unlink(path.c_str()); }) != 0) return system_error("remove", path, errno);
  return Done{};
}

Status PosixFileSystem::make_folder(const std::string& path, std::uint32_t mode) {
  const auto make = [](const std::string& one, std::uint32_t with) {
    return retried([&] { return ::mkdir(one.c_str(), with); }) == 0 ? 0 : errno;
  };
  int error_number = make(path, mode);
  if (error_number == ENOENT) {
    for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
      const std::string above = path.substr(0, at);
      error_number = make(above, 0755);
      if (error_number != 0 && error_number != EEXIST) return system_error("make the folder", above, error_number);
    }
    error_number = make(path, mode);
  }
  if (error_number == 0) return Done{};
  if (error_number != EEXIST) return system_error("make the folder", path, error_number);
  struct stat status {};
  if (retried([&] { return ::stat(path.c_str(), &status); }) != 0) return system_error("look at", path, errno);
  if (!S_ISDIR(status.st_mode)) return system_error("use as a folder", path, ENOTDIR);
  return Done{};
}

Status PosixFileSystem::sync_folder(const std::string& path) {
  const int descriptor = retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return system_error("open", path, errno);
  const int failed = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return system_error("sync", path, failed);
  return Done{};
}

Result<std::uint64_t> PosixFileSystem::free_bytes(const std::string& path) {
  struct statfs status {};
  if (retried([&] { return ::statfs(path.c_str(), &status); }) != 0) return system_error("look at", path, errno);
  return static_cast<std::uint64_t>(status.f_bavail) * static_cast<std::uint64_t>(status.f_bsize);
}

Result<bool> PosixFileSystem::is_tmpfs(const std::string& path) {
  struct statfs status {};
  if (retried([&] { return ::statfs(path.c_str(), &status); }) != 0) return system_error("look at", path, errno);
  return status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC;
}

Result<bool> PosixFileSystem::has_default_acl(const std::string& path) {
  const ssize_t bytes = ::lgetxattr(path.c_str(), "system.posix_acl_default", nullptr, 0);
  if (bytes < 0 && errno != ENODATA && errno != ENOTSUP) return system_error("read the access list of", path, errno);
  return bytes > 0;
}

Result<std::unique_ptr<FolderLock>> PosixFileSystem::lock_folder(const std::string& path) {
  return lock_folder_by_flock(path);
}

std::unique_ptr<FolderWatch> PosixFileSystem::make_watch() { return std::make_unique<InotifyWatch>(); }

}  // namespace lmlog::collector
