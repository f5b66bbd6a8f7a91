// SPDX-License-Identifier: Apache-2.0
// A file that cannot be served is looked at again at each scan: it may have been half-written.
#include "collector/attach/session_table.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <lmlog/formats/mutant.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "collector/attach/opening.hpp"

namespace lmlog::collector {

namespace {

// Names may come without a hint (no inotify, a lost event).
constexpr std::int64_t kScanNs = kNsPerSecond;
// What could not be read or opened is tried again so soon; less and less often when that does not help.
constexpr std::int64_t kRescanNs = 250 * kNsPerMs;

}  // namespace

SessionTable::SessionTable(DrainContext& context, std::vector<std::string> folders, RingPlaces archived)
    : context_(context), folders_(std::move(folders)), archived_(std::move(archived)), refusals_(context) {}

bool SessionTable::scan() {
  scanned_ns_ = context_.clock.monotonic_ns();
  const bool was_incomplete = std::exchange(is_incomplete_, false);
  bool is_complete = true;
  refusals_.begin_scan();
  const std::set<std::string> orphans_before = std::exchange(orphans_, {});
  for (const auto& folder : folders_) {
    auto found = scan_folder(context_.files, folder);
    if (!found) {
      context_.notices.warn_once(folder, "the rings folder cannot be read: " + found.error().text +
                                             ". What is served goes on; what is new waits");
      is_incomplete_ = true;
      is_complete = false;
      continue;
    }
    context_.notices.settle(folder, "the rings folder " + folder + " can be read again");
    scan_sessions(folder, *found);
    for (const auto& session : sessions_) {
      if (session->folder == folder) scan_rings(*session, *found);
    }
    refuse_orphans(folder, *found, orphans_before);
    remove_unfinished(context_.files, context_.clock, context_.liveness, folder, found->unfinished);
  }
  refusals_.end_scan();
  interval_ns_ = !is_incomplete_ ? kScanNs : was_incomplete ? std::min(2 * interval_ns_, kScanNs) : kRescanNs;
  if (is_complete) listed_ns_ = scanned_ns_;
  return is_complete;
}

void SessionTable::drop_rings(AttachedSession& session) {
  index_.remove_rings(session);
  session.rings.clear();
}

void SessionTable::remove(const std::unordered_set<const AttachedSession*>& gone) {
  for (const auto* session : gone) index_.remove(*session);
  sessions_.remove_if([&](const auto& session) { return gone.contains(session.get()); });
}

void SessionTable::scan_sessions(const std::string& folder, FolderScan& scan) {
  for (auto& [id, name] : scan.sessions) {
    if (const auto* known = index_.find(id)) {
      if (known->folder == folder && known->name == name) continue;
      refusals_.refuse(folder + "/" + name, {ErrorCode::damaged, "its session id is that of " + known->path()});
      continue;
    }
    auto opened = open_session(context_.files, folder, name);
    if (!opened) {
      refuse(folder + "/" + name, opened.error());
      continue;
    }
    if (is_over_quota(**opened)) {
      refusals_.refuse(folder + "/" + name,
                       {ErrorCode::too_large, "user " + std::to_string((*opened)->uid) +
                                                  " has more sessions than quota.rings_per_uid allows: it waits"});
      continue;
    }
    // Those in front are asked for their lock next, and watched from then on: a service may die young.
    sessions_.push_front(std::move(opened).value());
    AttachedSession& session = *sessions_.front();
    index_.add(session);
    const auto place = archived_.find(RingKey{session.uid, session.descriptor.session_id});
    if (place != archived_.end()) session.reported_losses = place->second.state.losses;
    if (on_session_) on_session_(session);
    // At once: where descriptors or a quota run out, a few sessions with their rings are worth more than all without.
    scan_rings(session, scan);
  }
}

void SessionTable::scan_rings(AttachedSession& session, const FolderScan& scan) {
  const auto [begin, end] = scan.rings.equal_range(session.descriptor.session_id);
  std::erase_if(session.refused_rings, [begin = begin, end = end](const auto& refused) {
    return std::none_of(begin, end, [&](const auto& found) { return found.second == refused.first; });
  });
  std::unordered_set<std::string_view> known;
  for (const auto& ring : session.rings) known.insert(ring->name());
  for (auto it = begin; it != end; ++it) {
    if (!known.contains(it->second)) attach_ring(session, it->second);
  }
}

void SessionTable::refuse_orphans(const std::string& folder, const FolderScan& scan,
                                  const std::set<std::string>& before) {
  std::unordered_set<formats::Id128> listed;
  for (const auto& [id, name] : scan.sessions) listed.insert(id);
  for (const auto& [id, name] : scan.rings) {
    const bool has_session = listed.contains(id) || index_.find(id) != nullptr;
    if (has_session || orphans_.size() >= kMaxListed) continue;
    const std::string path = folder + "/" + name;
    // A session gets its name before its rings: at the second look it is there, if the first one was only too early.
    if (before.contains(path))
      refusals_.refuse(path, {ErrorCode::damaged, "its session file is not there, and without it nothing can be read"});
    orphans_.insert(path);
  }
}

void SessionTable::attach_ring(AttachedSession& session, const std::string& name) {
  const std::string path = session.folder + "/" + name;
  // The rings of a dead session cannot become more, and must be emptied before it can go. The first ring was counted
  // with its session.
  if (session.life == Life::living && !session.rings.empty() && is_over_quota(session)) {
    refusals_.refuse(path, {ErrorCode::too_large, "user " + std::to_string(session.uid) +
                                                      " has more rings than quota.rings_per_uid allows: it waits"});
    return;
  }
  auto opened = open_ring(context_.files, session, name);
  Status status = opened ? place(session, **opened) : Status(opened.error());
  if (!status) {
    const ErrorCode code = status.error().code;
    if (code == ErrorCode::not_found) return;
    const auto info = context_.files.info(path);
    // One whose owner cannot be told now may well be the session's: removing it as somebody else's would lose it.
    session.refused_rings[name] = {!info || info->uid == session.uid, code != ErrorCode::unsupported &&
                                                                          code != ErrorCode::io &&
                                                                          code != ErrorCode::too_large};
    refuse(path, status.error());
    return;
  }
  session.refused_rings.erase(name);
  AttachedRing& ring = **opened;
  index_.add(session, ring);
  session.rings.push_back(std::move(opened).value());
  if (on_ring_) on_ring_(session, ring);
}

Status SessionTable::place(AttachedSession& session, AttachedRing& ring) {
  if (const auto* known = index_.find(RingKey{session.uid, ring.descriptor.ring_id}))
    return Error{ErrorCode::damaged, "its ring id is that of " + known->path};
  const std::int64_t now = context_.clock.monotonic_ns();
  ring.moved_ns = now;
  ring.caught_up_ns = now;
  const bool has_tail = !formats::is_sub_buffered(ring.descriptor);
  const auto tail = has_tail ? read_tail(ring) : Result<formats::TailLine>(formats::TailLine::of(0, 0));
  const auto place = archived_.find(RingKey{session.uid, ring.descriptor.ring_id});
  if (place == archived_.end() || formats::mutant(formats::Mutant::tail_trusted_at_restart)) {
    if (!tail) return tail.error();
    ring.position = tail->tail;
    ring.state.index = tail->drained;
    return Done{};
  }
  ring.position = place->second.position;
  ring.state = place->second.state;
  ring.cursor = place->second.cursor;
  ring.own_losses = ring.state.losses;
  if (tail && tail->tail > ring.position) {
    // A tail is released when its bytes are in an archive: not in this one, so the producer may have written over them.
    context_.notices.warn_once(
        ring.path + " tail",
        "bytes " + std::to_string(ring.position) + " to " + std::to_string(tail->tail) + " of ring " + ring.path +
            " were drained, but not into what can be read of this archive: it goes on behind them");
    ring.position = tail->tail;
    ring.state.index = tail->drained;
  }
  // The collector that drained it may have died before it answered.
  if (has_tail) context_.tails.push_back({ring.file, session.uid, ring.position, ring.state.index});
  if (ring.state.losses[static_cast<std::size_t>(formats::LossReason::corrupt)] != 0) {
    ring.is_corrupt = true;
    quarantine(context_, session, ring.path, Violation::found_before,
               "it was found corrupt before, at position " + std::to_string(ring.position));
  }
  return Done{};
}

bool SessionTable::is_over_quota(const AttachedSession& session) const {
  return index_.rings_of(session.uid) >= context_.config->rings_per_uid;
}

CatalogLimits SessionTable::catalog_limits(const AttachedSession& session) const {
  const std::uint64_t others = index_.catalog_bytes_of(session.uid) - session.counted_catalog_bytes;
  const std::uint64_t quota = context_.config->catalog_bytes;
  return {context_.config->sites_per_session, quota - std::min(quota, others)};
}

void SessionTable::refuse(const std::string& path, const Error& error) {
  // Neither a disk that fails nor a lack of descriptors says anything of the file.
  if (error.code == ErrorCode::io || error.code == ErrorCode::too_large) is_incomplete_ = true;
  refusals_.refuse(path, error);
}

std::vector<QuarantinedFile> SessionTable::quarantined() const {
  std::vector<QuarantinedFile> out = refusals_.list();
  for (const auto& session : sessions_) {
    if (session->is_quarantined() && out.size() < kMaxListed) out.push_back({session->path(), session->quarantine});
  }
  return out;
}

}  // namespace lmlog::collector
