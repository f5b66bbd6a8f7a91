// SPDX-License-Identifier: Apache-2.0
// What stat(2) says, in the collector's own terms. Used by PosixFile and PosixFileSystem alone.
#pragma once

#include <sys/stat.h>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

[[nodiscard]] inline FileInfo file_info_of(const struct stat& status) noexcept {
  FileInfo info;
  info.is_regular = S_ISREG(status.st_mode);
  info.is_folder = S_ISDIR(status.st_mode);
  info.is_link = S_ISLNK(status.st_mode);
  info.mode = status.st_mode & 07777;
  info.uid = status.st_uid;
  info.links = status.st_nlink;
  info.bytes = static_cast<std::uint64_t>(status.st_size);
  info.modified_ns = static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  return info;
}

}  // namespace lmlog::collector
