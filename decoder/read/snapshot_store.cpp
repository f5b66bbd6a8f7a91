// SPDX-License-Identifier: Apache-2.0
// O_TMPFILE, or a file that is unlinked at once where a file system does not know it: nothing is left behind by a
// crash.
#include "decoder/read/snapshot_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace lmlog::decoder {

using formats::Done;
using formats::Error;
using formats::ErrorCode;

formats::Result<std::unique_ptr<FileSource>> open_temporary() {
  int reason = 0;
  for (const char* folder : {static_cast<const char*>(::secure_getenv("TMPDIR")), "/var/tmp", "/tmp"}) {
    if (folder == nullptr || *folder == '\0') continue;
    int descriptor = ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      std::string name = std::string(folder) + "/lmlog-decode.XXXXXX";
      descriptor = ::mkostemp(name.data(), O_CLOEXEC);
      if (descriptor >= 0) ::unlink(name.c_str());
    }
    if (descriptor >= 0) return std::make_unique<FileSource>(descriptor, std::string(folder) + " (temporary file)");
    reason = errno;
  }
  return Error{ErrorCode::io, "no temporary file can be made: " + system_reason(reason) +
                                  "; set TMPDIR to a folder with room for a copy of the rings"};
}

formats::Status write_exactly(const FileSource& file, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      return Error{ErrorCode::io, "a temporary file cannot be written: " + system_reason(n < 0 ? errno : ENOSPC) +
                                      "; set TMPDIR to a folder with more room"};
    }
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return Done{};
}

formats::Status SnapshotStore::append(std::span<const std::byte> bytes) {
  if (file_ == nullptr && memory_.size() + bytes.size() > memory_bound_) {
    if (auto status = spill(); !status) return status;
  }
  if (file_ != nullptr) {
    if (auto status = write_exactly(*file_, end_, bytes); !status) return status;
  } else {
    memory_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  end_ += bytes.size();
  return Done{};
}

formats::Status SnapshotStore::spill() {
  auto file = open_temporary();
  if (!file) return file.error();
  if (auto status = write_exactly(**file, 0, std::as_bytes(std::span(memory_.data(), memory_.size()))); !status)
    return status;
  file_ = std::move(file).value();
  std::string().swap(memory_);
  return Done{};
}

formats::Result<std::size_t> SnapshotStore::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (file_ != nullptr) return file_->read_at(offset, out);
  if (offset >= memory_.size()) return std::size_t{0};
  const std::size_t n = std::min<std::size_t>(out.size(), memory_.size() - static_cast<std::size_t>(offset));
  std::memcpy(out.data(), memory_.data() + offset, n);
  return n;
}

}  // namespace lmlog::decoder
