// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library into the collector as it is shipped: notes in which phase each of its calls on files is,
// and kills the process in the one that the driver chose.
#undef _FILE_OFFSET_BITS  // both names of a call are defined here, and one would be made the other's
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <string_view>

#include "tests/torture/collector_phase.hpp"

namespace {

using lmlog::torture::Moment;
using lmlog::torture::Phase;
using lmlog::torture::ShimWords;

enum class Kind : unsigned char { other, ring, session, journal, segment };

constexpr off_t kRingHeadOffset = 256;  // formats/ring_layout.hpp: kHeadOffset

std::array<std::atomic<Kind>, 65536> kinds;

ShimWords* words() {
  static ShimWords* const mapped = [] {
    const char* const path = std::getenv(lmlog::torture::kShimVariable);
    const int file = path == nullptr ? -1 : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
    void* const memory =
        file < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof(ShimWords), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) ::syscall(SYS_close, file);
    return memory == MAP_FAILED ? nullptr : static_cast<ShimWords*>(memory);
  }();
  return mapped;
}

Kind kind_of(int fd) {
  return fd >= 0 && static_cast<std::size_t>(fd) < kinds.size() ? kinds[static_cast<std::size_t>(fd)].load()
                                                                : Kind::other;
}

Kind kind_of(std::string_view path) {
  if (path.ends_with(".ring")) return Kind::ring;
  if (path.ends_with(".session")) return Kind::session;
  if (path.ends_with(".lmj")) return Kind::journal;
  if (path.ends_with(".lms")) return Kind::segment;
  return Kind::other;
}

bool is_producers(Kind kind) { return kind == Kind::ring || kind == Kind::session; }

/// One call. Dies before it, or says where in it or behind it.
class Call {
 public:
  Call(Kind kind, Phase phase, bool is_write = false) {
    ShimWords* const w = words();
    if (w == nullptr || kind == Kind::other) return;
    if (w->has_drained == 0) phase = Phase::restart;
    phase_ = static_cast<std::uint32_t>(phase);
    w->phase = phase_;
    if (w->plan_phase != phase_) return;
    moment_ = static_cast<Moment>(w->plan_moment.load());
    if ((moment_ == Moment::middle && !is_write) || --w->plan_countdown != 0) return;
    is_last_ = true;
    if (moment_ == Moment::before) die();
  }
  ~Call() {
    if (is_last_) die();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// So much of a write is done: all but in its middle.
  [[nodiscard]] std::size_t part_of(std::size_t bytes) const {
    return is_last_ && moment_ == Moment::middle ? bytes * (words()->plan_part % 1024) / 1024 : bytes;
  }

 private:
  [[noreturn]] void die() const {
    words()->died_in = phase_;
    words()->died_by_plan = 1;
    for (;;) ::kill(::getpid(), SIGKILL);
  }

  std::uint32_t phase_ = 0;
  bool is_last_ = false;
  Moment moment_ = Moment::before;
};

int open_file(const char* path, int flags, unsigned mode) {
  const Kind kind = kind_of(std::string_view(path));
  const bool makes = (flags & O_CREAT) != 0;
  const Call call(kind, makes ? Phase::rotate : is_producers(kind) ? Phase::read : Phase::block);
  const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (fd >= 0 && static_cast<std::size_t>(fd) < kinds.size()) kinds[static_cast<std::size_t>(fd)] = kind;
  return fd;
}

ssize_t read_file(int fd, void* out, std::size_t bytes, off_t offset) {
  const Kind kind = kind_of(fd);
  // The first reading of a head: what came before was the start.
  if (kind == Kind::ring && offset == kRingHeadOffset && words() != nullptr) words()->has_drained = 1;
  const Call call(kind, is_producers(kind) ? Phase::read : Phase::block);
  return ::syscall(SYS_pread64, fd, out, bytes, offset);
}

ssize_t write_file(int fd, const void* from, std::size_t bytes, off_t offset) {
  const Kind kind = kind_of(fd);
  const Call call(kind, is_producers(kind) ? Phase::tail : kind == Kind::journal ? Phase::journal : Phase::block, true);
  // An answer lies within a page of memory: no signal tears it.
  return ::syscall(SYS_pwrite64, fd, from, is_producers(kind) ? bytes : call.part_of(bytes), offset);
}

int cut_file(int fd, off_t bytes) {
  const Call call(kind_of(fd), Phase::block);
  return static_cast<int>(::syscall(SYS_ftruncate, fd, bytes));
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return open_file(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return open_file(path, flags, mode);
}

ssize_t pread(int fd, void* out, size_t bytes, off_t offset) { return read_file(fd, out, bytes, offset); }
ssize_t pread64(int fd, void* out, size_t bytes, off64_t offset) { return read_file(fd, out, bytes, offset); }
ssize_t pwrite(int fd, const void* from, size_t bytes, off_t offset) { return write_file(fd, from, bytes, offset); }
ssize_t pwrite64(int fd, const void* from, size_t bytes, off64_t offset) { return write_file(fd, from, bytes, offset); }
int ftruncate(int fd, off_t bytes) noexcept { return cut_file(fd, bytes); }
int ftruncate64(int fd, off64_t bytes) noexcept { return cut_file(fd, bytes); }

int fdatasync(int fd) {
  const Call call(kind_of(fd), Phase::rotate);
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

int fsync(int fd) {
  const Call call(kind_of(fd), Phase::rotate);
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

int unlink(const char* path) noexcept {
  const Kind kind = kind_of(std::string_view(path));
  const Call call(kind, is_producers(kind) ? Phase::tail : Phase::rotate);
  return static_cast<int>(::syscall(SYS_unlink, path));
}

int close(int fd) {
  const Kind kind = kind_of(fd);
  const bool is_archive = kind == Kind::journal || kind == Kind::segment;
  const Call call(is_archive ? kind : Kind::other, Phase::rotate);
  if (kind != Kind::other) kinds[static_cast<std::size_t>(fd)] = Kind::other;
  return static_cast<int>(::syscall(SYS_close, fd));
}

}  // extern "C"
