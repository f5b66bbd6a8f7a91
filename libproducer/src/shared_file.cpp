// SPDX-License-Identifier: Apache-2.0
// See shared_file.hpp. Boost.Interprocess maps; its calls that could fail a service later are replaced: its truncate()
// backs nothing, and its open() leaves descriptors to exec'ed programs.
#include "libproducer/src/shared_file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <lmlog/formats/file_names.hpp>
#include <lmlog/formats/mutant.hpp>

#include "libproducer/src/memory_copy.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // Linux 5.14
#endif

namespace lmlog::detail {

namespace ipc = boost::interprocess;
using formats::Done;
using formats::Error;
using formats::ErrorCode;
using formats::Result;
using formats::Status;

struct SharedFile::Mapping {
  Mapping() noexcept : region() {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (has_descriptor()) ::close(descriptor);
    if (is_mapped) region.~mapped_region();
  }

  /// The number may be another file's by now.
  [[nodiscard]] bool has_descriptor() const noexcept {
    struct stat now {};
    return descriptor >= 0 && ::fstat(descriptor, &now) == 0 && now.st_dev == identity.st_dev &&
           now.st_ino == identity.st_ino;
  }

  int descriptor = -1;
  struct stat identity {};
  union {
    ipc::mapped_region region;
  };
  bool is_mapped = true;  // false: the region is not ours to unmap
};

namespace {

Error failed(const std::string& path, const char* what, int error) {
  std::string text = path + ": " + what + ": " + ::strerror(error);
  if (error == ENOSPC) text += "; make room there, or set LMLOG_RING_DIR to another tmpfs";
  return {ErrorCode::io, text};
}

/// posix_fallocate, which returns its error, begun again after a signal.
int allocate(int fd, std::uint64_t offset, std::uint64_t bytes) noexcept {
  int error;
  do {
    error = ::posix_fallocate(fd, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  } while (error == EINTR);
  return error;
}

/// Makes the file; 0 or the error. Writing past RLIMIT_FSIZE would kill the service with SIGXFSZ: asked first.
int make_file(const std::string& path, mode_t mode, std::uint64_t bytes, std::uint64_t backed_bytes) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur) return EFBIG;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return errno;
  int error = ::ftruncate(fd, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
  if (error == 0) error = allocate(fd, 0, backed_bytes);
  // The umask may have taken the owner's bits. In a drop box the mode is the mask of its default ACL.
  if (error == 0 && mode == 0600 && ::fchmod(fd, mode) != 0) error = errno;
  ::close(fd);
  if (error != 0) ::unlink(path.c_str());
  return error;
}

/// Keeps 0, 1 and 2 taken while files are opened: what a daemon without stdout prints must not land in its own session.
class StandardDescriptorsTaken {
 public:
  StandardDescriptorsTaken() noexcept {
    while (count_ < 3) {
      const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
      if (fd < 0) return;
      if (fd > 2) {
        ::close(fd);
        return;
      }
      taken_[count_++] = fd;
    }
  }
  ~StandardDescriptorsTaken() {
    while (count_ > 0) ::close(taken_[--count_]);
  }
  StandardDescriptorsTaken(const StandardDescriptorsTaken&) = delete;
  StandardDescriptorsTaken& operator=(const StandardDescriptorsTaken&) = delete;

 private:
  std::array<int, 3> taken_{};
  std::size_t count_ = 0;
};

}  // namespace

SharedFile::SharedFile(std::unique_ptr<Mapping> mapping, std::string path) noexcept
    : mapping_(std::move(mapping)), path_(std::move(path)) {}
SharedFile::SharedFile(SharedFile&&) noexcept = default;
SharedFile& SharedFile::operator=(SharedFile&&) noexcept = default;

SharedFile::~SharedFile() {
  if (mapping_ && !published_) ::unlink((path_ + std::string(formats::kTemporarySuffix)).c_str());
}

Result<SharedFile> SharedFile::create(const RingFolder& folder, const std::string& name, std::uint64_t bytes,
                                      std::uint64_t backed_bytes) {
  const StandardDescriptorsTaken standard;
  std::string path = folder.path + '/' + name;
  const std::string temporary = path + std::string(formats::kTemporarySuffix);
  if (const int error = make_file(temporary, folder.file_mode, bytes, backed_bytes); error != 0)
    return failed(temporary, "cannot be made", error);
  try {
    auto mapping = std::make_unique<Mapping>();
    {
      const ipc::file_mapping file(temporary.c_str(), ipc::read_write);
      // One of our own: Boost's closes its descriptor whatever file has the number by then. It goes before the lock is
      // taken, which would go with it.
      mapping->descriptor = ::fcntl(file.get_mapping_handle().handle, F_DUPFD_CLOEXEC, 3);
      if (mapping->descriptor < 0 || ::fstat(mapping->descriptor, &mapping->identity) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return failed(temporary, "cannot be examined", error);
      }
      mapping->region = ipc::mapped_region(file, ipc::read_write, 0, bytes);
    }
    if (MemoryCopy::kernel_wipes()) ::madvise(mapping->region.get_address(), bytes, MADV_DONTFORK);
    return SharedFile(std::move(mapping), std::move(path));
  } catch (const ipc::interprocess_exception& exception) {
    ::unlink(temporary.c_str());
    return failed(temporary, "cannot be mapped", exception.get_native_error());
  }
}

std::byte* SharedFile::data() const noexcept { return static_cast<std::byte*>(mapping_->region.get_address()); }

bool SharedFile::has_descriptor() const noexcept { return mapping_->has_descriptor(); }

bool SharedFile::has_name() const noexcept {
  struct stat now {};
  return ::fstat(mapping_->descriptor, &now) == 0 && now.st_nlink != 0;
}

bool SharedFile::back(std::uint64_t offset, std::uint64_t bytes) noexcept {
  return has_descriptor() && allocate(mapping_->descriptor, offset, bytes) == 0;
}

void SharedFile::prefault(std::uint64_t offset, std::uint64_t bytes) noexcept {
  std::byte* const from = data() + offset;
  if (::madvise(from, bytes, MADV_POPULATE_WRITE) == 0) return;
  for (std::uint64_t at = 0; at < bytes; at += 4096) {  // older kernels: the bytes are zero, and nobody reads them yet
    *reinterpret_cast<volatile unsigned char*>(from + at) = 0;
  }
}

bool SharedFile::lock() noexcept {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  return ::fcntl(mapping_->descriptor, F_SETLK, &lock) == 0;
}

int SharedFile::descriptor() const noexcept { return mapping_->descriptor; }

void SharedFile::close_descriptor() noexcept {
  ::close(mapping_->descriptor);
  mapping_->descriptor = -1;
}

void SharedFile::keep_only(std::uint64_t bytes) noexcept {
  ipc::mapped_region& region = mapping_->region;
  if (region.get_size() > bytes) (void)region.shrink_by(region.get_size() - bytes);
}

void SharedFile::forget_mapping() noexcept {
  if (MemoryCopy::kernel_wipes()) mapping_->is_mapped = false;
}

Status SharedFile::publish() {
  const std::string temporary = path_ + std::string(formats::kTemporarySuffix);
  if (::rename(temporary.c_str(), path_.c_str()) != 0 && !formats::mutant(formats::Mutant::rename_unchecked))
    return failed(temporary, "cannot be renamed", errno);
  published_ = true;
  return Done{};
}

}  // namespace lmlog::detail
