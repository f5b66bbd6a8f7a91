// SPDX-License-Identifier: Apache-2.0
// The sessions and rings that are served: found by scanning the rings folders, opened and checked, placed where the
// archive left them.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "collector/attach/attached.hpp"
#include "collector/attach/folder_scan.hpp"
#include "collector/attach/refusals.hpp"
#include "collector/attach/session_index.hpp"
#include "collector/drain/drain_context.hpp"
#include "collector/store/archived_ring.hpp"

namespace lmlog::collector {

/// Not thread-safe: the drain's thread.
class SessionTable {
 public:
  SessionTable(DrainContext& context, std::vector<std::string> folders, RingPlaces archived);

  /// Looks into all folders: attaches what is new, removes what was never finished. False when one could not be listed.
  bool scan();
  [[nodiscard]] std::int64_t scanned_ns() const noexcept { return scanned_ns_; }  // monotonic
  /// When all folders were last listed: whatever was there then is known.
  [[nodiscard]] std::int64_t listed_ns() const noexcept { return listed_ns_; }  // monotonic
  /// When to look again without a hint: names may come without one, and what failed may work soon.
  [[nodiscard]] std::int64_t next_scan_ns() const noexcept { return scanned_ns_ + interval_ns_; }
  /// The last scan could not read a folder, or could not open a file in one.
  [[nodiscard]] bool is_incomplete() const noexcept { return is_incomplete_; }

  using Sessions = std::list<std::unique_ptr<AttachedSession>>;
  [[nodiscard]] Sessions& sessions() noexcept { return sessions_; }
  [[nodiscard]] const Sessions& sessions() const noexcept { return sessions_; }

  /// The session's rings are let go.
  void drop_rings(AttachedSession& session);
  /// They are let go with their rings: at once, because finding each would be a walk.
  void remove(const std::unordered_set<const AttachedSession*>& gone);

  /// What the quotas leave to the session's catalog; and that more of it was read.
  [[nodiscard]] CatalogLimits catalog_limits(const AttachedSession& session) const;
  void note_catalog(AttachedSession& session) { index_.set_catalog_bytes(session); }

  /// Files that cannot be served, and sessions that broke the protocol.
  [[nodiscard]] std::vector<QuarantinedFile> quarantined() const;

  /// Called for each session when it is attached, before its rings are; and for each ring.
  void set_on_attach(std::function<void(AttachedSession&)> on_session,
                     std::function<void(AttachedSession&, AttachedRing&)> on_ring) {
    on_session_ = std::move(on_session);
    on_ring_ = std::move(on_ring);
  }

 private:
  void scan_sessions(const std::string& folder, FolderScan& scan);
  void scan_rings(AttachedSession& session, const FolderScan& scan);
  void refuse_orphans(const std::string& folder, const FolderScan& scan, const std::set<std::string>& before);
  void attach_ring(AttachedSession& session, const std::string& name);
  void refuse(const std::string& path, const Error& error);
  [[nodiscard]] Status place(AttachedSession& session, AttachedRing& ring);
  [[nodiscard]] bool is_over_quota(const AttachedSession& session) const;

  DrainContext& context_;
  std::vector<std::string> folders_;
  RingPlaces archived_;
  Sessions sessions_;
  SessionIndex index_;
  std::function<void(AttachedSession&)> on_session_;
  std::function<void(AttachedSession&, AttachedRing&)> on_ring_;
  Refusals refusals_;
  std::set<std::string> orphans_;  // rings without a session at the last scan, by path
  std::int64_t scanned_ns_ = 0;
  std::int64_t listed_ns_ = 0;
  std::int64_t interval_ns_ = 0;
  bool is_incomplete_ = false;
};

}  // namespace lmlog::collector
