// SPDX-License-Identifier: Apache-2.0
// The drain's loop: scan, drain every ring in turn, make the journal safe, release tails, see to losses and to ends of
// sessions.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "collector/attach/session_table.hpp"
#include "collector/drain/drain_context.hpp"
#include "collector/drain/retirement.hpp"
#include "collector/drain/ring_drain.hpp"
#include "collector/drain/ring_rounds.hpp"

namespace lmlog::collector {

// What failed is tried again so soon: a fault that ends is over for us within a second.
inline constexpr std::int64_t kRetryNs = 250 * kNsPerMs;

/// What the status shows of the drain.
struct DrainCounts {
  std::uint64_t sessions = 0;
  std::uint64_t rings = 0;
  std::map<std::string, std::uint64_t> sessions_by_service;
  DrainTotals totals;
  double lag_seconds = 0;
  std::vector<QuarantinedFile> quarantined;
};

/// `pass` and `run` belong to one thread; `stop` and `counts` may be called by any.
class Drain {
 public:
  Drain(DrainContext& context, const ConfigBox& config, const std::string& archive_folder,
        const std::vector<std::string>& folders, RingPlaces archived);

  /// One round. True when there is more to do at once.
  bool pass();

  /// Passes until `stop`, then drains what living and dead sessions hold by then. False when the journal could not be
  /// written.
  bool run();
  void stop() noexcept { stopping_.store(true, std::memory_order_relaxed); }

  /// Everything below the heads as they are now, and the removal of what is dead. False when the journal cannot be
  /// written, or rings cannot be read.
  bool drain_to_heads();

  [[nodiscard]] DrainCounts counts() const;

 private:
  bool drain_rings(std::int64_t now);
  void scan_if_due(std::int64_t now);
  [[nodiscard]] std::int64_t look_interval() const;
  void see_to_losses(std::int64_t now);
  [[nodiscard]] bool flush();
  [[nodiscard]] bool make_safe(bool now);
  [[nodiscard]] bool has_space(std::int64_t now);
  void watch_folders();
  [[nodiscard]] bool is_drained_to_end() const;
  void update_counts();

  DrainContext& context_;
  const ConfigBox& config_box_;
  std::string archive_folder_;
  SessionTable table_;
  RingDrain rings_;
  RingRounds rounds_;
  Retirement retirement_;
  std::vector<std::string> folders_;
  std::unique_ptr<FolderWatch> watch_;
  bool is_watching_ = false;

  bool has_new_names_ = false;     // to be scanned for
  std::int64_t scan_cost_ns_ = 0;  // of the last one

  bool moved_ = false;   // in the last pass
  bool ending_ = false;  // quotas of time no longer hold
  bool journal_fails_ = false;
  bool has_space_ = true;
  std::int64_t space_seen_ns_ = 0;
  std::int64_t retry_ns_ = 0;
  std::int64_t looked_ns_ = 0;
  std::int64_t synced_ns_ = 0;

  std::atomic<bool> stopping_{false};
  mutable std::mutex counts_mutex_;
  DrainCounts counts_;
};

}  // namespace lmlog::collector
