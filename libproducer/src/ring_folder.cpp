// SPDX-License-Identifier: Apache-2.0
// See ring_folder.hpp.
#include "libproducer/src/ring_folder.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include <lmlog/formats/ring_folders.hpp>

#include "libproducer/src/environment.hpp"

namespace lmlog::detail {

namespace {

using formats::Error;
using formats::ErrorCode;
using formats::Result;

std::string reason(int error) { return ::strerror(error); }

bool is_on_tmpfs(const std::string& path) {
  struct statfs fs {};
  return ::statfs(path.c_str(), &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/// A folder that every user may put files into and nobody may list: made for the collector in system mode.
bool is_drop_box(const struct stat& status) {
  return (status.st_mode & S_ISVTX) != 0 && (status.st_mode & S_IWOTH) != 0;
}

Result<RingFolder> usable(const std::string& path, const struct stat& status) {
  if (!S_ISDIR(status.st_mode)) return Error{ErrorCode::io, path + ": is no folder"};
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return Error{ErrorCode::io, path + ": " + reason(errno)};
  return RingFolder{path, is_drop_box(status) ? mode_t{0660} : mode_t{0600}, is_on_tmpfs(path)};
}

/// As an absolute path: the service may change its working directory before its next thread needs a ring.
std::string absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.string();
}

/// $LMLOG_RING_DIR is taken as it is: whoever named it vouches for it. Made if its parent is there.
Result<RingFolder> named_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{ErrorCode::io, "LMLOG_RING_DIR: " + path + ": cannot be made: " + reason(errno)};
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Error{ErrorCode::io, "LMLOG_RING_DIR: " + path + ": " + reason(errno)};
  auto found = usable(path, status);
  if (!found) return Error{ErrorCode::io, "LMLOG_RING_DIR: " + found.error().text};
  return found;
}

/// Ours alone: others must neither read what we log nor plant files that we would map.
std::optional<std::string> why_not_private(const std::string& path, const struct stat& status) {
  if (status.st_uid != ::geteuid()) return "belongs to another user";
  if ((status.st_mode & 07777) != 0700) return "has not mode 0700";
  // A default ACL would open new files to others, whatever their mode says.
  if (::lgetxattr(path.c_str(), "system.posix_acl_default", nullptr, 0) >= 0) return "has a default ACL";
  return std::nullopt;
}

Result<RingFolder> checked_folder(const std::string& path, bool may_be_drop_box) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return Error{ErrorCode::not_found, path + ": " + reason(errno)};
  if (!S_ISDIR(status.st_mode)) return Error{ErrorCode::io, path + ": is no folder"};
  if (!(may_be_drop_box && is_drop_box(status))) {
    if (const auto why = why_not_private(path, status)) return Error{ErrorCode::io, path + ": " + *why};
  }
  auto found = usable(path, status);
  if (found && !found->on_tmpfs) return Error{ErrorCode::io, path + ": is on no tmpfs"};
  return found;
}

Result<RingFolder> made_folder(const std::string& path) {
  // Nothing is made where it would not do: the parent's file system is the folder's.
  const std::string parent = path.substr(0, path.rfind('/'));
  if (is_on_tmpfs(parent) && ::mkdir(path.c_str(), 0700) == 0) {
    // The umask may have taken bits, a default ACL of the parent may have given some.
    (void)::chmod(path.c_str(), 0700);
    (void)::removexattr(path.c_str(), "system.posix_acl_default");
  }
  return checked_folder(path, false);
}

}  // namespace

Result<RingFolder> find_ring_folder() {
  using Kind = formats::RingFolder::Kind;
  const std::string named = environment("LMLOG_RING_DIR").value_or(std::string{});
  const std::string runtime = environment("XDG_RUNTIME_DIR").value_or(std::string{});
  std::string tried;
  for (const formats::RingFolder& candidate : formats::ring_folders(named, runtime, ::geteuid())) {
    if (candidate.kind == Kind::named) return named_folder(absolute(candidate.path));
    auto found = candidate.kind == Kind::shared ? checked_folder(candidate.path, true) : made_folder(candidate.path);
    if (found) return found;
    tried += (tried.empty() ? "" : "; ") + found.error().text;
  }
  return Error{ErrorCode::io, "no folder for rings: " + tried};
}

}  // namespace lmlog::detail
