// SPDX-License-Identifier: Apache-2.0
// System calls behind File, with short transfers and EINTR taken care of.
#include "collector/host/posix_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "collector/host/file_info.hpp"
#include "collector/host/retried.hpp"

namespace lmlog::collector {

Error system_error(const char* what, const std::string& path, int error_number) {
  return {error_number == ENOENT ? ErrorCode::not_found : ErrorCode::io,
          std::string("cannot ") + what + " " + path + ": " + std::generic_category().message(error_number)};
}

PosixFile::~PosixFile() { ::close(descriptor_); }

Result<std::uint64_t> PosixFile::size() const {
  struct stat status {};
  if (retried([&] { return ::fstat(descriptor_, &status); }) != 0) return system_error("look at", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::size_t> PosixFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = retried(
        [&] { return ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done)); });
    if (n < 0) return system_error("read", path_, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Status PosixFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = retried([&] {
      return ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    });
    if (n < 0) return system_error("write", path_, errno);
    done += static_cast<std::size_t>(n);
  }
  return Done{};
}

Status PosixFile::sync() {
  if (::fdatasync(descriptor_) != 0) return system_error("sync", path_, errno);
  return Done{};
}

Status PosixFile::truncate(std::uint64_t bytes) {
  if (retried([&] { return ::ftruncate(descriptor_, static_cast<off_t>(bytes)); }) != 0)
    return system_error("cut", path_, errno);
  return Done{};
}

Result<FileInfo> PosixFile::info() const {
  struct stat status {};
  if (retried([&] { return ::fstat(descriptor_, &status); }) != 0) return system_error("look at", path_, errno);
  return file_info_of(status);
}

}  // namespace lmlog::collector
