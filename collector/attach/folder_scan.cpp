// SPDX-License-Identifier: Apache-2.0
// Names alone; the files behind them are opened by opening.cpp.
#include "collector/attach/folder_scan.hpp"

#include <lmlog/formats/file_names.hpp>

namespace lmlog::collector {

namespace {

// A producer makes and renames its files within milliseconds; see shm-abi.md §1.
constexpr std::int64_t kUnfinishedAgeNs = 10 * kNsPerSecond;

}  // namespace

Result<FolderScan> scan_folder(FileSystem& files, const std::string& folder) {
  auto names = files.list(folder);
  if (!names) return names.error();
  FolderScan out;
  for (auto& name : *names) {
    if (const auto id = formats::session_id_of_name(name)) {
      out.sessions.emplace_back(*id, std::move(name));
    } else if (const auto ring = formats::parse_ring_name(name)) {
      out.rings.emplace(ring->session, std::move(name));
    } else if (name.ends_with(std::string(formats::kSessionSuffix) + std::string(formats::kTemporarySuffix)) ||
               name.ends_with(std::string(formats::kRingSuffix) + std::string(formats::kTemporarySuffix))) {
      out.unfinished.push_back(std::move(name));
    }
  }
  return out;
}

void remove_unfinished(FileSystem& files, const Clock& clock, const Liveness& liveness, const std::string& folder,
                       const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const std::string path = folder + "/" + name;
    const auto info = files.info(path);
    if (!info || !info->is_regular || clock.realtime_ns() - info->modified_ns < kUnfinishedAgeNs) continue;
    const auto file = files.open(path, OpenFor::answering);
    if (!file || liveness.lock_holder(**file) != 0) continue;
    (void)files.remove(path);  // tried again at the next scan
  }
}

}  // namespace lmlog::collector
