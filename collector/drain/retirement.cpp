// SPDX-License-Identifier: Apache-2.0
// Each step is repeatable: a collector that dies in the middle is followed by one that finds the same files and goes
// on.
#include "collector/drain/retirement.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/session_layout.hpp>

#include "collector/attach/shared_word.hpp"
#include "collector/drain/loss_reports.hpp"

namespace lmlog::collector {

namespace {

// A closed session's threads may be inside their last log call.
constexpr std::int64_t kClosedQuietNs = kNsPerSecond;
// A process that closed all its descriptors lost its lock and lives on: its threads come to their slow path, see
// `retired` and leave. After so long without a record we take the number for that of a later process.
constexpr std::int64_t kUnlockedQuietNs = 60 * kNsPerSecond;

bool is_closed(const AttachedSession& session) {
  std::uint32_t state = 0;
  return read_word(*session.file, formats::kSessionStateOffset, state) &&
         state == static_cast<std::uint32_t>(formats::SessionState::closed);
}

bool all_rings_are_free(const AttachedSession& session) {
  return std::all_of(session.rings.begin(), session.rings.end(), [](const auto& ring) {
    std::uint32_t owner = 1;
    return read_word(*ring->file, formats::kOwnerOffset, owner) && owner == 0;
  });
}

/// What could not be served is not removed: somebody may still read it.
bool keeps_files(const AttachedSession& session) {
  return std::any_of(session.refused_rings.begin(), session.refused_rings.end(),
                     [](const auto& refused) { return refused.second.is_own; });
}

}  // namespace

void Retirement::look() {
  is_busy_ = false;
  auto& sessions = table_.sessions();
  for (auto it = sessions.begin(); it != sessions.end();) {
    if (look_at(**it)) {
      context_.answers.detach((*it)->descriptor.session_id);
      it = sessions.erase(it);
    } else {
      ++it;
    }
  }
}

bool Retirement::look_at(AttachedSession& session) {
  const std::int64_t now = context_.clock.monotonic_ns();
  if (session.life == Life::kept && !goes_on(session, now)) return false;
  if (session.life == Life::living) {
    if (!is_over(session)) return false;
    begin(session);
  }
  if (session.life == Life::ending) {
    is_busy_ = true;
    if (!session.retiring.expired()) return false;
    session.life = Life::retired;
    session.retired_ns = now;
  }
  if (session.life == Life::retired) {
    if (!is_still(session)) return false;
    is_busy_ = true;
    // A ring may have been made just before the end: the folder must have been read since.
    if (table_.scanned_ns() <= session.retired_ns) table_.scan();
    if (!is_still(session)) return false;
    session.life = Life::removing;
  }
  const bool was_busy = std::exchange(is_busy_, true);
  write_last_losses(session);
  if (!make_safe_() || !remove_files(session)) return false;
  write_ends(session);
  if (!keeps_files(session)) return true;
  session.rings.clear();
  session.life = Life::kept;
  is_busy_ = was_busy;
  context_.answers.detach(session.descriptor.session_id);
  return false;
}

bool Retirement::goes_on(AttachedSession& session, std::int64_t now) {
  if (keeps_files(session) && session.rings.empty()) return false;
  session.life = Life::retired;
  session.retired_ns = now;
  session.losses_written = false;
  return true;
}

bool Retirement::is_over(AttachedSession& session) const {
  const int holder = context_.liveness.lock_holder(*session.file);
  if (holder > 0) session.seen_pid = static_cast<std::uint32_t>(holder);
  if (holder == 0) return true;
  return is_closed(session) && all_rings_are_free(session);
}

void Retirement::begin(AttachedSession& session) {
  session.life = Life::ending;
  session.ended_ns = context_.clock.monotonic_ns();
  std::vector<std::shared_ptr<File>> rings;
  for (const auto& ring : session.rings) rings.push_back(ring->file);
  const auto done = std::make_shared<int>();
  session.retiring = done;
  context_.answers.retire(session.file, std::move(rings), session.uid, done);
}

bool Retirement::is_still(AttachedSession& session) const {
  const std::int64_t now = context_.clock.monotonic_ns();
  std::int64_t moved = session.ended_ns;
  for (const auto& ring : session.rings) {
    if (session.is_quarantined()) continue;
    std::uint64_t head = 0;
    if (!read_word(*ring->file, formats::kHeadOffset, head) || head != ring->position) return false;
    moved = std::max(moved, ring->moved_ns);
  }
  const bool is_locked = context_.liveness.lock_holder(*session.file) != 0;
  const std::uint32_t pid = session.seen_pid != 0 ? session.seen_pid : session.descriptor.pid;
  // Of a process that is gone no thread is inside a call.
  if (!is_locked && !context_.liveness.may_run(pid)) return true;
  // A living producer drops the lock of a session that it has closed.
  const bool has_end = is_locked || (is_closed(session) && all_rings_are_free(session));
  const std::int64_t quiet = has_end ? kClosedQuietNs : kUnlockedQuietNs;
  return now - moved >= quiet;
}

void Retirement::write_last_losses(AttachedSession& session) {
  if (session.losses_written) return;
  for (const auto& ring : session.rings) {
    if (session.is_quarantined()) report_unread(context_, session, *ring);
    report_ring_losses(context_, session, *ring, true);
  }
  const auto corrupt =
      std::count_if(session.refused_rings.begin(), session.refused_rings.end(),
                    [](const auto& refused) { return refused.second.is_own && refused.second.is_corrupt; });
  report_session_losses(context_, session, static_cast<std::uint64_t>(corrupt));
  session.losses_written = true;
}

void Retirement::write_ends(AttachedSession& session) {
  for (const auto& ring : session.rings) {
    declare(context_, session);
    context_.journal.writer().ring_end(session.mark.number, ring->descriptor.ring_id, ring->position);
  }
}

bool Retirement::remove_files(AttachedSession& session) {
  std::vector<std::string> paths;
  for (const auto& ring : session.rings) paths.push_back(ring->path);
  for (const auto& [name, refused] : session.refused_rings) {
    if (!refused.is_own) paths.push_back(session.folder + "/" + name);
  }
  // The last: without it the rings would belong to nobody, and nobody could read them.
  if (!keeps_files(session)) paths.push_back(session.path());
  for (const auto& path : paths) {
    const auto status = context_.files.remove(path);
    if (status || status.error().code == ErrorCode::not_found) continue;
    context_.notices.warn_once(path + " removal", "a dead session's file stays: " + status.error().text);
    is_busy_ = false;  // trying again soon will not help
    return false;
  }
  return true;
}

}  // namespace lmlog::collector
