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
#include <vector>

#include "collector/attach/attached.hpp"
#include "collector/attach/folder_scan.hpp"
#include "collector/drain/drain_context.hpp"
#include "collector/store/archived_ring.hpp"

namespace lmlog::collector {

/// A file that is not served, and why.
struct QuarantinedFile {
  std::string path;
  std::string reason;
};

/// Not thread-safe: the drain's thread.
class SessionTable {
 public:
  SessionTable(DrainContext& context, std::vector<std::string> folders, RingPlaces archived);

  /// Looks into all folders: attaches what is new, removes what was never finished.
  void scan();
  [[nodiscard]] std::int64_t scanned_ns() const noexcept { return scanned_ns_; }  // monotonic

  using Sessions = std::list<std::unique_ptr<AttachedSession>>;
  [[nodiscard]] Sessions& sessions() noexcept { return sessions_; }
  [[nodiscard]] const Sessions& sessions() const noexcept { return sessions_; }

  /// What the quotas leave to the session's catalog.
  [[nodiscard]] CatalogLimits catalog_limits(const AttachedSession& session) const;

  /// Files that cannot be served, and sessions that broke the protocol.
  [[nodiscard]] std::vector<QuarantinedFile> quarantined() const;

  /// Called for each session when it is attached, before its rings are.
  void set_on_attach(std::function<void(AttachedSession&)> on_attach) { on_attach_ = std::move(on_attach); }

 private:
  void scan_sessions(const std::string& folder, FolderScan& scan);
  void scan_rings(AttachedSession& session, const FolderScan& scan);
  void refuse_orphans(const std::string& folder, const FolderScan& scan, const std::set<std::string>& before);
  void attach_ring(AttachedSession& session, const std::string& name);
  [[nodiscard]] Status place(AttachedSession& session, AttachedRing& ring);
  [[nodiscard]] bool is_over_quota(const AttachedSession& session) const;
  void refuse(const std::string& path, const Error& error);
  [[nodiscard]] AttachedSession* find(const formats::Id128& id);

  DrainContext& context_;
  std::vector<std::string> folders_;
  RingPlaces archived_;
  Sessions sessions_;
  std::function<void(AttachedSession&)> on_attach_;
  std::map<std::string, std::string> refused_;  // path and reason
  std::map<std::string, std::string> still_refused_;
  std::set<std::string> orphans_;  // rings without a session at the last scan, by path
  std::int64_t scanned_ns_ = 0;
};

}  // namespace lmlog::collector
