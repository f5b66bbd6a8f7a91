// SPDX-License-Identifier: Apache-2.0
// What the names in a rings folder say: sessions, their rings, and files that were never finished.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <lmlog/formats/id128.hpp>

#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/liveness.hpp"

namespace lmlog::collector {

struct FolderScan {
  std::vector<std::pair<formats::Id128, std::string>> sessions;  // name by id; a second name of one id stands behind it
  std::multimap<formats::Id128, std::string> rings;              // by session
  std::vector<std::string> unfinished;                           // .tmp
};

[[nodiscard]] Result<FolderScan> scan_folder(FileSystem& files, const std::string& folder);

/// Removes those `.tmp` files that nobody holds and that are older than 10 s: their maker died.
void remove_unfinished(FileSystem& files, const Clock& clock, const Liveness& liveness, const std::string& folder,
                       const std::vector<std::string>& names);

}  // namespace lmlog::collector
