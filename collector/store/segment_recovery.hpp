// SPDX-License-Identifier: Apache-2.0
// Reads all segments at the start: positions of rings, sequence numbers, sizes; closes those that a dead collector left
// open, removes those that another replaces (docs/decisions/journal-before-tail.md).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "collector/config/config.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/notices.hpp"
#include "collector/store/archive_layout.hpp"
#include "collector/store/archived_ring.hpp"
#include "collector/store/tier_counts.hpp"

namespace lmlog::collector {

/// Segments never mix services or uids; each pair counts its own sequence.
struct ServiceKey {
  std::string service;  // as the session gives it
  std::uint32_t uid = 0;
  friend auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
};

struct RecoveredSegments {
  RingPlaces places;                           // of the sessions asked for
  std::map<formats::Id128, ServiceKey> homes;  // of their sessions
  std::map<ServiceKey, std::uint64_t> next_sequence;
  TierCounts tiers[3];
};

/// `sessions`: those whose rings may still be there, or stand in the journal: the places of all others are of no use
/// any more. What cannot be read is said and left alone. Errors: io (a folder cannot be listed, a torn segment cannot
/// be closed or synced, or any cannot be read now: what it holds would be archived twice).
[[nodiscard]] Result<RecoveredSegments> recover_segments(FileSystem& files, const ArchiveLayout& layout,
                                                         const std::set<formats::Id128>& sessions,
                                                         Durability durability, Notices& notices);

}  // namespace lmlog::collector
