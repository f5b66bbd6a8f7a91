// SPDX-License-Identifier: Apache-2.0
// Sessions and rings while they are served. Owned by the drain's thread; only the open files are shared with the
// answering thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lmlog/formats/descriptors.hpp>
#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/formats/state_vector.hpp>

#include "collector/attach/statement_catalog.hpp"
#include "collector/host/file_system.hpp"
#include "collector/store/journal.hpp"

namespace lmlog::collector {

/// One ring. `position` comes from the archive, and for a ring that the archive does not know from its tail: never the
/// other way round. A flight recorder (policy overwrite) has no tail: it begins at 0, and goes on at the floor.
struct AttachedRing {
  formats::RingDescriptor descriptor{};
  std::string path;
  std::shared_ptr<File> file;

  std::uint64_t position = 0;        // everything below is in the journal or in segments (or in the journal's buffer)
  formats::StateVector state;        // at `position`
  std::uint64_t cursor = 0;          // of our last loss record, see RingPlace
  std::uint64_t head = 0;            // as last read
  formats::LossCounts own_losses{};  // cumulative, of the reasons that the collector counts
  std::uint32_t in_vain = 0;         // reads in a row of which all was overwritten meanwhile
  std::int64_t moved_ns = 0;         // monotonic: when the head was last seen elsewhere
  std::int64_t caught_up_ns = 0;     // monotonic: when it was last drained to its head
  std::int64_t losses_read_ns = 0;   // monotonic
  bool is_corrupt = false;           // holds the bytes that put the session into quarantine
  bool is_unreadable = false;        // the system could not read it when it was last asked
  std::optional<std::uint64_t> end;  // where the last drain may end: its head when that first saw it

  [[nodiscard]] std::string_view name() const noexcept { return std::string_view(path).substr(path.rfind('/') + 1); }
};

enum class Life : std::uint8_t {
  living,
  ending,    // dead or closed: `retired` is being written
  retired,   // `retired` is written: drained until the heads stand still
  removing,  // last losses go to the journal, then files are removed
  kept       // all is removed but rings that could not be served, and the session file that they need
};

/// A ring file that cannot be served.
struct RefusedRing {
  bool is_own = false;      // belongs to the session's user: nobody else has what it holds
  bool is_corrupt = false;  // no time, version or permission makes it readable
};

struct AttachedSession {
  formats::SessionDescriptor descriptor{};
  std::uint32_t uid = 0;
  std::string folder;
  std::string name;
  std::shared_ptr<File> file;
  StatementCatalog catalog;
  std::vector<std::unique_ptr<AttachedRing>> rings;
  std::map<std::string, RefusedRing> refused_rings;  // by name; those that are there now
  std::uint64_t counted_catalog_bytes = 0;           // in SessionIndex
  JournalMark mark;

  formats::LossCounts reported_losses{};  // of those without a ring
  std::int64_t losses_read_ns = 0;        // monotonic
  std::string quarantine;                 // why; empty: none
  Life life = Life::living;
  std::uint32_t seen_pid = 0;    // holder of the lock when it was last seen
  std::int64_t asked_ns = 0;     // monotonic: when its lock was last asked for, while it lived
  std::uint64_t watch = 0;       // token of the hint that its process ended; 0: none will come
  bool process_ended = false;    // and was
  std::int64_t again_ns = 0;     // monotonic: on its way to the end; nothing can change before
  std::int64_t ended_ns = 0;     // monotonic: when it was found dead or closed
  std::weak_ptr<void> retiring;  // held by the answers that write `retired`: expired when they are done
  std::int64_t retired_ns = 0;   // monotonic: when that was seen
  bool losses_written = false;   // the last ones are in the journal
  bool is_unreadable = false;    // the system could not read its catalog when it was last asked

  [[nodiscard]] std::string path() const { return folder + "/" + name; }
  [[nodiscard]] std::string_view service() const noexcept { return formats::service_of(descriptor); }
  [[nodiscard]] bool is_quarantined() const noexcept { return !quarantine.empty(); }
};

}  // namespace lmlog::collector
