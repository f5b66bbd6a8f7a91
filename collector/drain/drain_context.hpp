// SPDX-License-Identifier: Apache-2.0
// What every part of the drain works with, and what it counts. One thread owns all of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lmlog/formats/state_vector.hpp>

#include "collector/attach/attached.hpp"
#include "collector/config/config.hpp"
#include "collector/drain/answers.hpp"
#include "collector/drain/user_quotas.hpp"
#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/liveness.hpp"
#include "collector/host/notices.hpp"
#include "collector/store/journal.hpp"

namespace lmlog::collector {

/// Since this collector was started.
struct DrainTotals {
  std::uint64_t stored = 0;
  formats::LossCounts losses{};
  std::map<std::string, std::uint64_t> stored_by_service;
  std::map<std::string, std::uint64_t> quarantines;  // by reason: of sessions, and of files that were not served
};

/// What about a session's files broke the protocol.
enum class Violation : std::uint8_t { head, floor, cut, record, catalog, found_before };

/// Key of the status: it stays as it is.
[[nodiscard]] constexpr const char* key_of(Violation violation) noexcept {
  constexpr const char* keys[] = {"head", "floor", "cut", "record", "catalog", "found_before"};
  return keys[static_cast<std::size_t>(violation)];
}

struct DrainContext {
  FileSystem& files;
  const Clock& clock;
  const Liveness& liveness;
  Notices& notices;
  Journal& journal;
  Answers& answers;

  std::shared_ptr<const Config> config{};
  UserQuotas quotas{};
  DrainTotals totals{};
  std::vector<TailAnswer> tails{};  // of what stands in the journal's buffer: to be released when that is safe
};

/// The session's rings are read no further; says so once.
inline void quarantine(DrainContext& context, AttachedSession& session, const std::string& file, Violation violation,
                       const std::string& reason) {
  if (session.is_quarantined()) return;
  session.quarantine = reason;
  context.totals.quarantines[key_of(violation)] += 1;
  context.notices.warn_once(session.path(), file + " breaks the protocol: " + reason + ". Session " + session.name +
                                                " is read no further; update or restart its program (pid " +
                                                std::to_string(session.descriptor.pid) + ")");
}

/// The system could not read a file that it opened: no fault of who wrote it. Says so once, until `note_readable`.
inline void note_unreadable(DrainContext& context, bool& is_unreadable, const std::string& path, const Error& error) {
  is_unreadable = true;
  context.notices.warn_once(path + " reading",
                            error.text + ". What it holds stays there, and is read as soon as it can");
}
inline void note_readable(DrainContext& context, bool& is_unreadable, const std::string& path) {
  if (!std::exchange(is_unreadable, false)) return;
  context.notices.settle(path + " reading", path + " can be read again");
}

/// Makes sure that the journal's file knows session, catalog, and for ticks an anchor of this second.
void declare(DrainContext& context, AttachedSession& session);

}  // namespace lmlog::collector
