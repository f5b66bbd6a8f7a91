// SPDX-License-Identifier: Apache-2.0
// What earlier collectors left in the journal folder, read once at the start: enough to go on draining. The archiver
// archives it later, while rings are drained (docs/decisions/journal-before-tail.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/notices.hpp"
#include "collector/store/archive_layout.hpp"
#include "collector/store/archived_ring.hpp"
#include "collector/store/spliced_source.hpp"

namespace lmlog::collector {

/// From where on a ring has everything; nullopt: it is not there. Errors: io.
using FirstInRing =
    std::function<Result<std::optional<std::uint64_t>>(const formats::Id128& session, const RingKey& ring)>;

struct OldJournalFile {
  std::uint64_t sequence = 0;
  std::uint64_t bytes = 0;
  std::uint64_t valid_end = 0;         // behind the last whole entry
  bool is_whole = false;               // but for a torn end: else it is kept as it is
  std::vector<Stretch> left_to_rings;  // entries behind a gap whose bytes the ring still has
};

struct OldJournal {
  /// The journal has nothing of the ring between these positions; segments may.
  struct Gap {
    RingKey ring;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };

  std::vector<OldJournalFile> files;  // ascending
  std::uint64_t next_sequence = 1;    // behind all there were
  std::set<formats::Id128> sessions;
  RingPlaces places;  // that its entries reach
  std::vector<Gap> gaps;
};

/// Removes copies that were not finished. With durability fsync, what is read is on the disk: tails will be released
/// for it. Files that cannot be read for what they hold are left to the archiver, which says so. Errors: io (what was
/// overlooked would be archived twice).
[[nodiscard]] Result<OldJournal> read_old_journal(FileSystem& files, const ArchiveLayout& layout,
                                                  Durability durability);

/// Where the rings are, for the drain that goes on from there: the later of what segments hold, `held`, and what the
/// journal reaches. Where bytes of a ring are missing that it still has, it is followed no further: the drain goes on
/// there, and what the files have of it behind is taken out of them, so that nobody finds it before what is missing.
/// Torn ends are cut; files that hold nothing go, from `journal` too. Errors: io.
[[nodiscard]] Result<RingPlaces> take_over(OldJournal& journal, FileSystem& files, const ArchiveLayout& layout,
                                           Durability durability, RingPlaces held, const FirstInRing& first_in_ring,
                                           Notices& notices);

}  // namespace lmlog::collector
