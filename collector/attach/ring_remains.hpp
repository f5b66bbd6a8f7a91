// SPDX-License-Identifier: Apache-2.0
// What rings still have of what a journal lost: asked for at a collector's start, before rings are attached.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/host/file_system.hpp"
#include "collector/store/archived_ring.hpp"

namespace lmlog::collector {

class RingRemains {
 public:
  RingRemains(FileSystem& files, std::vector<std::string> folders) : files_(files), folders_(std::move(folders)) {}

  /// The position from which on the ring has everything: its tail, or its floor where its producer overwrites. nullopt:
  /// it is not there, or cannot be served. Errors: io.
  [[nodiscard]] Result<std::optional<std::uint64_t>> first_of(const formats::Id128& session, const RingKey& ring);

 private:
  [[nodiscard]] Status look(const formats::Id128& session);

  FileSystem& files_;
  std::vector<std::string> folders_;
  std::map<formats::Id128, std::map<RingKey, std::uint64_t>> known_;  // by session: of those that were asked for
};

}  // namespace lmlog::collector
