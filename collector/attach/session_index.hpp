// SPDX-License-Identifier: Apache-2.0
// What is asked of all sessions and rings together, each answered without a walk over them: who has this id, and how
// much a user has. Thousands of sessions come and go.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "collector/attach/attached.hpp"
#include "collector/store/archived_ring.hpp"

namespace lmlog::collector {

/// Not thread-safe. Knows what it is told of; owns nothing.
class SessionIndex {
 public:
  void add(AttachedSession& session);
  /// A ring of a session that was added.
  void add(const AttachedSession& session, const AttachedRing& ring);
  /// To be called before the rings go, or the session with its rings.
  void remove_rings(const AttachedSession& session);
  void remove(const AttachedSession& session);

  /// Null when the id is not known.
  [[nodiscard]] AttachedSession* find(const formats::Id128& session) const;
  [[nodiscard]] const AttachedRing* find(const RingKey& ring) const;

  /// Against `quota.rings_per_uid`: a session without rings counts as one.
  [[nodiscard]] std::uint64_t rings_of(std::uint32_t uid) const;
  /// Of all sessions of the user, as last told.
  [[nodiscard]] std::uint64_t catalog_bytes_of(std::uint32_t uid) const;
  /// The session's catalog was read.
  void set_catalog_bytes(AttachedSession& session);

 private:
  struct User {
    std::uint64_t rings = 0;
    std::uint64_t catalog_bytes = 0;
  };

  std::unordered_map<formats::Id128, AttachedSession*> sessions_;
  std::unordered_map<RingKey, const AttachedRing*, RingKeyHash> rings_;
  std::unordered_map<std::uint32_t, User> users_;
};

}  // namespace lmlog::collector
