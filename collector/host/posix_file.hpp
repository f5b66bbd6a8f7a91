// SPDX-License-Identifier: Apache-2.0
// A File on a descriptor: pread, pwrite, fdatasync. Made by PosixFileSystem.
#pragma once

#include <string>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// "cannot WHAT PATH: REASON", with the reason of `error_number`; ENOENT gives not_found.
[[nodiscard]] Error system_error(const char* what, const std::string& path, int error_number);

/// Owns the descriptor.
class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override;
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  [[nodiscard]] Result<std::uint64_t> size() const override;
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  [[nodiscard]] Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override;
  [[nodiscard]] Status sync() override;
  [[nodiscard]] Status truncate(std::uint64_t bytes) override;
  [[nodiscard]] Result<FileInfo> info() const override;
  [[nodiscard]] int descriptor() const noexcept override { return descriptor_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace lmlog::collector
