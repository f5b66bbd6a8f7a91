// SPDX-License-Identifier: Apache-2.0
// One look at a rings folder: its sessions with their rings, and what is broken. Sessions come and go meanwhile.
#pragma once

#include <string>
#include <vector>

#include "lmlog/formats/result.hpp"

#include "tools/rings/ring_summary.hpp"

namespace lmlog::tools {

struct FolderLook {
  std::vector<SessionSummary> sessions;  // oldest first
  std::vector<Problem> problems;
};

/// Errors: not_found, io (the folder cannot be listed).
[[nodiscard]] formats::Result<FolderLook> look_at_folder(const std::string& folder);

}  // namespace lmlog::tools
