// SPDX-License-Identifier: Apache-2.0
// pread loops and errors with a remedy.
#include "decoder/read/file_source.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "decoder/read/standard_input.hpp"

namespace lmlog::decoder {

using formats::Error;
using formats::ErrorCode;

std::string system_reason(int number) { return std::error_code(number, std::generic_category()).message(); }

formats::Result<std::shared_ptr<FileSource>> FileSource::open(const std::string& path) {
  if (path == kStandardInput) return standard_input();
  // Non-blocking: opening a FIFO or a file with a lease must not hang.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    const int reason = errno;
    if (reason == ENOENT) return Error{ErrorCode::not_found, "no such file or directory"};
    std::string text = "cannot be opened: " + system_reason(reason);
    if (reason == EACCES) text += "; run as a user who may read it";
    if (reason == EMFILE || reason == ENFILE) text += "; raise the limit with ulimit -n";
    return Error{ErrorCode::io, std::move(text)};
  }
  auto source = std::make_shared<FileSource>(descriptor, path);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return Error{ErrorCode::io, "cannot be examined: " + system_reason(errno)};
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::not_ours, "this is no regular file"};
  return source;
}

FileSource::~FileSource() { ::close(descriptor_); }

formats::Result<std::uint64_t> FileSource::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return Error{ErrorCode::io, "cannot be examined: " + system_reason(errno)};
  return std::min(static_cast<std::uint64_t>(status.st_size), end_);
}

formats::Result<std::size_t> FileSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), end_ - std::min(end_, offset))));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{ErrorCode::io, "cannot be read: " + system_reason(errno), offset + done, 0};
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

formats::Status read_exactly(const formats::ByteSource& source, std::uint64_t offset, std::span<std::byte> out) {
  const auto got = source.read_at(offset, out);
  if (!got) return got.error();
  if (*got < out.size())
    return Error{ErrorCode::truncated, "the file ends too early", offset + *got, out.size() - *got};
  return formats::Done{};
}

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace lmlog::decoder
