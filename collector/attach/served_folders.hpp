// SPDX-License-Identifier: Apache-2.0
// Which rings folders this collector serves: those named, else those of the standard list that exist
// (formats/spec/shm-abi.md §1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/host/file_system.hpp"
#include "collector/host/notices.hpp"

namespace lmlog::collector {

struct FolderEnvironment {
  std::string lmlog_ring_dir;
  std::string xdg_runtime_dir;
  std::uint32_t uid = 0;  // effective
};

/// From secure_getenv and geteuid.
[[nodiscard]] FolderEnvironment folder_environment();

/// `named` come from options or the configuration. A named folder that is missing is made (its parent must exist), and
/// one that is no tmpfs is served with a warning. Of the standard list all that exist and are safe are served; where
/// there is none the first that can be is made.
[[nodiscard]] Result<std::vector<std::string>> served_folders(FileSystem& files, const std::vector<std::string>& named,
                                                              const FolderEnvironment& environment, Notices& notices);

}  // namespace lmlog::collector
