// SPDX-License-Identifier: Apache-2.0
// Sums move with each change: those of a session that goes are taken back as they were added.
#include "collector/attach/session_index.hpp"

namespace lmlog::collector {

void SessionIndex::add(AttachedSession& session) {
  sessions_.emplace(session.descriptor.session_id, &session);
  users_[session.uid].rings += 1;
}

void SessionIndex::add(const AttachedSession& session, const AttachedRing& ring) {
  rings_.emplace(RingKey{session.uid, ring.descriptor.ring_id}, &ring);
  if (!session.rings.empty()) users_[session.uid].rings += 1;  // the first one was counted with the session
}

void SessionIndex::remove_rings(const AttachedSession& session) {
  for (const auto& ring : session.rings) rings_.erase(RingKey{session.uid, ring->descriptor.ring_id});
  if (session.rings.size() > 1) users_[session.uid].rings -= session.rings.size() - 1;
}

void SessionIndex::remove(const AttachedSession& session) {
  remove_rings(session);
  sessions_.erase(session.descriptor.session_id);
  const auto user = users_.find(session.uid);
  user->second.rings -= 1;
  user->second.catalog_bytes -= session.counted_catalog_bytes;
  if (user->second.rings == 0) users_.erase(user);
}

AttachedSession* SessionIndex::find(const formats::Id128& session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : found->second;
}

const AttachedRing* SessionIndex::find(const RingKey& ring) const {
  const auto found = rings_.find(ring);
  return found == rings_.end() ? nullptr : found->second;
}

std::uint64_t SessionIndex::rings_of(std::uint32_t uid) const {
  const auto found = users_.find(uid);
  return found == users_.end() ? 0 : found->second.rings;
}

std::uint64_t SessionIndex::catalog_bytes_of(std::uint32_t uid) const {
  const auto found = users_.find(uid);
  return found == users_.end() ? 0 : found->second.catalog_bytes;
}

void SessionIndex::set_catalog_bytes(AttachedSession& session) {
  const std::uint64_t bytes = session.catalog.raw().size();
  users_[session.uid].catalog_bytes += bytes - session.counted_catalog_bytes;
  session.counted_catalog_bytes = bytes;
}

}  // namespace lmlog::collector
