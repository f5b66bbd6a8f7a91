// SPDX-License-Identifier: Apache-2.0
// A session or ring file opened the careful way (shm-abi.md, design of the collector: regular file, one link, never
// followed, never waited for), and read with pread alone: a mapping could be truncated under its reader.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "lmlog/formats/result.hpp"

namespace lmlog::tools {

class SharedFile {
 public:
  /// Errors: not_found (also when it vanishes meanwhile), io, damaged (no regular file with one link).
  [[nodiscard]] static formats::Result<SharedFile> open(const std::string& path) {
    // O_NONBLOCK: a lease held by the other side would hang a blocking open.
    const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
      if (errno == ENOENT) return formats::Error{formats::ErrorCode::not_found, "it is gone"};
      if (errno == ELOOP) return formats::Error{formats::ErrorCode::damaged, "it is a symbolic link: not followed"};
      return formats::Error{formats::ErrorCode::io, std::string("cannot open it: ") + std::strerror(errno)};
    }
    SharedFile file(fd);
    struct stat status {};
    if (::fstat(fd, &status) != 0)
      return formats::Error{formats::ErrorCode::io, std::string("cannot look at it: ") + std::strerror(errno)};
    if (status.st_nlink == 0) return formats::Error{formats::ErrorCode::not_found, "it is gone"};
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
      return formats::Error{formats::ErrorCode::damaged, "it is no regular file with one name: not read"};
    file.bytes_ = static_cast<std::uint64_t>(status.st_size);
    file.uid_ = status.st_uid;
    return file;
  }

  SharedFile(SharedFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), bytes_(other.bytes_), uid_(other.uid_) {}
  SharedFile& operator=(SharedFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    bytes_ = other.bytes_;
    uid_ = other.uid_;
    return *this;
  }
  ~SharedFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint32_t uid() const noexcept { return uid_; }

  /// Fills `out` as far as there are bytes, and says how many there were.
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) const noexcept {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] std::optional<T> value_at(std::uint64_t offset) const noexcept {
    T out{};
    const auto bytes = std::as_writable_bytes(std::span(&out, 1));
    return read_at(offset, bytes) == sizeof(T) ? std::optional(out) : std::nullopt;
  }

  /// The process that holds the write lock on the first byte: the pid, 0 where it belongs to another pid namespace,
  /// or nullopt when nobody holds it.
  [[nodiscard]] std::optional<std::uint32_t> lock_holder() const noexcept {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_len = 1;
    if (::fcntl(fd_, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
    return lock.l_pid > 0 ? static_cast<std::uint32_t>(lock.l_pid) : 0;
  }

 private:
  explicit SharedFile(int fd) noexcept : fd_(fd) {}

  int fd_ = -1;
  std::uint64_t bytes_ = 0;
  std::uint32_t uid_ = 0;
};

}  // namespace lmlog::tools
