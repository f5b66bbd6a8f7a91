// SPDX-License-Identifier: Apache-2.0
// Each step is repeatable: a collector that dies in the middle is followed by one that finds the same files and goes
// on.
#include "collector/drain/retirement.hpp"

#include <algorithm>
#include <iterator>
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

// In so many ns of time one living session is asked for its lock: 1 µs of work, a fiftieth of a core at most; 200
// sessions within 10 ms.
constexpr std::int64_t kAskNs = 50 * kNsPerUs;
// One whose end will be told is asked less often: in case the hint is lost, and for those that close while they live.
constexpr std::int64_t kWatchedNs = 100 * kNsPerMs;
// On the way to the end: what waits for time to pass, or for a disk, is tried again so often.
constexpr std::int64_t kAgainNs = 100 * kNsPerMs;

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

void Retirement::look(bool all) {
  const std::int64_t now = context_.clock.monotonic_ns();
  is_unsure_ = false;
  ask_those_told();
  ask_in_turn(now, all);
  bool is_busy = false;
  for (auto* session : over_) is_busy = advance(*session, now) || is_busy;
  is_busy_ = remove_ready(now) || is_busy || is_unsure_;
}

void Retirement::ask_those_told() {
  if (ends_ == nullptr) return;
  for (const std::uint64_t token : ends_->take_ends()) {
    const auto found = watched_.find(token);
    if (found == watched_.end()) continue;
    AttachedSession& session = *found->second;
    session.process_ended = true;
    session.again_ns = 0;
    stop_watching(session);
    ask(session, context_.clock.monotonic_ns());
  }
}

void Retirement::ask_in_turn(std::int64_t now, bool all) {
  auto& sessions = table_.sessions();
  const auto count = static_cast<std::int64_t>(sessions.size());
  const std::int64_t due = 1 + (now - asked_ns_) / kAskNs;
  asked_ns_ = now;
  for (std::int64_t left = all ? count : std::min(count, due); left > 0; --left) {
    AttachedSession& session = *sessions.front();
    sessions.splice(sessions.end(), sessions, sessions.begin());
    if (all || session.watch == 0 || now - session.asked_ns >= kWatchedNs) ask(session, now);
  }
}

void Retirement::ask(AttachedSession& session, std::int64_t now) {
  session.asked_ns = now;
  if (session.life == Life::living) {
    if (!is_over(session)) return;
    begin(session);
  } else if (session.life != Life::kept || !goes_on(session, now)) {
    return;
  }
  session.again_ns = 0;
  over_.push_back(&session);
}

bool Retirement::goes_on(AttachedSession& session, std::int64_t now) {
  if (keeps_files(session) && session.rings.empty()) return false;
  session.life = Life::retired;
  session.retired_ns = now;
  session.losses_written = false;
  return true;
}

bool Retirement::is_over(AttachedSession& session) {
  const int holder = context_.liveness.lock_holder(*session.file);
  // Waiting is safe, removing is not.
  if (holder == Liveness::kUnknownHolder) is_unsure_ = true;
  if (holder == 0) return true;
  session.process_ended = false;
  if (holder > 0 && session.seen_pid != static_cast<std::uint32_t>(holder)) {
    session.seen_pid = static_cast<std::uint32_t>(holder);
    if (ends_ != nullptr && session.watch == 0 && ends_->add(next_token_, session.seen_pid)) {
      session.watch = next_token_++;
      watched_.emplace(session.watch, &session);
    }
  }
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

bool Retirement::advance(AttachedSession& session, std::int64_t now) {
  if (session.life == Life::ending) {
    if (!session.retiring.expired()) return true;
    session.life = Life::retired;
    session.retired_ns = now;
  }
  if (session.life != Life::retired || now < session.again_ns || !is_still(session, now)) return false;
  // A ring may have been made just before the end: the folder must have been read since.
  if (table_.listed_ns() <= session.retired_ns && !table_.scan()) {
    session.again_ns = now + kAgainNs;
    return false;
  }
  if (!is_still(session, now)) return true;
  session.life = Life::removing;
  return false;
}

bool Retirement::is_still(AttachedSession& session, std::int64_t now) {
  std::int64_t moved = session.ended_ns;
  for (const auto& ring : session.rings) {
    if (session.is_quarantined()) continue;
    std::uint64_t head = 0;
    const bool is_read = read_word(*ring->file, formats::kHeadOffset, head);
    if (!is_read) is_unsure_ = true;
    if (!is_read || head != ring->position) return false;
    moved = std::max(moved, ring->moved_ns);
  }
  const int holder = context_.liveness.lock_holder(*session.file);
  if (holder == Liveness::kUnknownHolder) {
    is_unsure_ = true;
    return false;
  }
  const bool is_locked = holder != 0;
  const std::uint32_t pid = session.seen_pid != 0 ? session.seen_pid : session.descriptor.pid;
  // Of a process that is gone no thread is inside a call.
  if (!is_locked && (session.process_ended || !context_.liveness.may_run(pid))) return true;
  // A living producer drops the lock of a session that it has closed.
  const bool has_end = is_locked || (is_closed(session) && all_rings_are_free(session));
  const std::int64_t quiet = has_end ? kClosedQuietNs : kUnlockedQuietNs;
  if (now - moved >= quiet) return true;
  session.again_ns = now + kAgainNs;
  return false;
}

bool Retirement::remove_ready(std::int64_t now) {
  std::vector<AttachedSession*> ready;
  std::copy_if(over_.begin(), over_.end(), std::back_inserter(ready),
               [&](const auto* session) { return session->life == Life::removing && now >= session->again_ns; });
  if (ready.empty()) return false;
  std::erase_if(ready, [&](AttachedSession* session) {
    if (write_last_losses(*session)) return false;
    is_unsure_ = true;
    return true;
  });
  if (!make_safe_()) return true;
  std::erase_if(ready, [&](AttachedSession* session) {
    if (remove_files(*session)) {
      write_ends(*session);
      return false;
    }
    session->again_ns = now + kAgainNs;  // trying again soon will not help
    return true;
  });
  forget(ready);
  return false;
}

void Retirement::forget(const std::vector<AttachedSession*>& emptied) {
  const Gone all(emptied.begin(), emptied.end());
  std::erase_if(over_, [&](const auto* session) { return all.contains(session); });
  let_go_(all);
  Gone gone;
  for (auto* session : emptied) {
    context_.answers.detach(session->descriptor.session_id);
    stop_watching(*session);
    if (keeps_files(*session)) {
      table_.drop_rings(*session);
      session->life = Life::kept;
    } else {
      gone.insert(session);
    }
  }
  if (!gone.empty()) table_.remove(gone);
}

void Retirement::stop_watching(AttachedSession& session) {
  if (session.watch == 0) return;
  ends_->remove(session.watch);
  watched_.erase(session.watch);
  session.watch = 0;
}

bool Retirement::write_last_losses(AttachedSession& session) {
  if (session.losses_written) return true;
  for (const auto& ring : session.rings) {
    if (session.is_quarantined()) report_unread(context_, session, *ring);
    if (!report_ring_losses(context_, session, *ring, true)) return false;
  }
  const auto corrupt =
      std::count_if(session.refused_rings.begin(), session.refused_rings.end(),
                    [](const auto& refused) { return refused.second.is_own && refused.second.is_corrupt; });
  if (!report_session_losses(context_, session, static_cast<std::uint64_t>(corrupt))) return false;
  session.losses_written = true;
  return true;
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
  // What somebody else put there: a folder of his cannot be removed, and must not hold up the session's end.
  for (const auto& [name, refused] : session.refused_rings) {
    if (!refused.is_own) (void)context_.files.remove(session.folder + "/" + name);
  }
  // The last: without it the rings would belong to nobody, and nobody could read them.
  if (!keeps_files(session)) paths.push_back(session.path());
  for (const auto& path : paths) {
    const auto status = context_.files.remove(path);
    if (status || status.error().code == ErrorCode::not_found) continue;
    context_.notices.warn_once(path + " removal", "a dead session's file stays: " + status.error().text);
    return false;
  }
  return true;
}

}  // namespace lmlog::collector
