// SPDX-License-Identifier: Apache-2.0
// Reads once and keeps the copy: a path is opened several times, a pipe only flows once.
#include "decoder/read/standard_input.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "decoder/read/snapshot_store.hpp"

namespace lmlog::decoder {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr const char* kName = "standard input";

formats::Error refused(int reason) { return {formats::ErrorCode::io, "cannot be read: " + system_reason(reason)}; }

formats::Result<std::shared_ptr<FileSource>> copied() {
  auto file = open_temporary();
  if (!file) return file.error();
  const auto copy = std::make_shared<FileSource>(::dup((*file)->descriptor()), kName);
  if (copy->descriptor() < 0) return refused(errno);
  std::vector<std::byte> chunk(kChunkBytes);
  for (std::uint64_t end = 0;;) {
    const ssize_t n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (n < 0) return refused(errno);
    if (n == 0) return copy;
    const auto bytes = std::span(chunk).first(static_cast<std::size_t>(n));
    if (auto status = write_exactly(*copy, end, bytes); !status) return status.error();
    end += bytes.size();
  }
}

formats::Result<std::shared_ptr<FileSource>> opened() {
  struct stat status {};
  if (::fstat(STDIN_FILENO, &status) != 0) return refused(errno);
  if (!S_ISREG(status.st_mode)) return copied();
  const int descriptor = ::dup(STDIN_FILENO);
  if (descriptor < 0) return refused(errno);
  return std::make_shared<FileSource>(descriptor, kName);
}

}  // namespace

formats::Result<std::shared_ptr<FileSource>> standard_input() {
  static const auto source = opened();
  return source;
}

}  // namespace lmlog::decoder
