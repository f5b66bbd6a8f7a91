// SPDX-License-Identifier: Apache-2.0
// One collector per folder: flock on the folder's descriptor, and who holds it, from /proc/locks.
#pragma once

#include <memory>
#include <string>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// Errors: io; when another process holds the lock the text names it where /proc/locks does.
[[nodiscard]] Result<std::unique_ptr<FolderLock>> lock_folder_by_flock(const std::string& path);

}  // namespace lmlog::collector
