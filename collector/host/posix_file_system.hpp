// SPDX-License-Identifier: Apache-2.0
// The FileSystem of the kernel that we run on.
#pragma once

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

class PosixFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenFor purpose) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) override;
  [[nodiscard]] Result<FileInfo> info(const std::string& path) override;
  [[nodiscard]] Status rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Status remove(const std::string& path) override;
  [[nodiscard]] Status make_folder(const std::string& path, std::uint32_t mode) override;
  [[nodiscard]] Status sync_folder(const std::string& path) override;
  [[nodiscard]] Result<std::uint64_t> free_bytes(const std::string& path) override;
  [[nodiscard]] Result<bool> is_tmpfs(const std::string& path) override;
  [[nodiscard]] Result<bool> has_default_acl(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path) override;
  [[nodiscard]] std::unique_ptr<FolderWatch> make_watch() override;
};

}  // namespace lmlog::collector
