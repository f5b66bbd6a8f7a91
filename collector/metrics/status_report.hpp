// SPDX-License-Identifier: Apache-2.0
// DIR/status.json: what the daemon says of itself every second, and how `--status` shows it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <lmlog/formats/state_vector.hpp>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

struct ServiceStatus {
  std::uint64_t sessions = 0;
  std::uint64_t stored = 0;  // since the start
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  // of segments, since the start
};

struct StatusReport {
  int pid = 0;
  std::int64_t since_ns = 0;  // realtime
  std::int64_t written_ns = 0;
  std::uint64_t sessions = 0;
  std::uint64_t rings = 0;
  std::uint64_t stored = 0;
  formats::LossCounts losses{};
  double lag_seconds = 0;
  std::uint64_t hot_bytes = 0;
  std::uint64_t hot_segments = 0;
  std::uint64_t hot_records = 0;
  double hot_cost_per_month = 0;
  std::uint64_t journal_files = 0;
  std::uint64_t pending_records = 0;  // in blocks that grow: the journal holds them
  std::uint64_t slow_writes = 0;
  std::map<std::string, ServiceStatus> services;
  std::vector<std::pair<std::string, std::string>> quarantined;  // path, reason
  std::map<std::string, std::uint64_t> quarantines;              // by reason, since the start
  std::string last_error;
};

/// One line of JSON, with a newline.
[[nodiscard]] std::string to_json(const StatusReport& report);

/// Replaces `path` at once: readers see the old text or the new one.
[[nodiscard]] Status write_status(FileSystem& files, const std::string& path, const StatusReport& report);

/// The JSON text as a table for people; says how old it is when it should have been replaced since. `is_running`: by a
/// collector that still has its archive. Errors: damaged.
[[nodiscard]] Result<std::string> status_text(const std::string& json, std::int64_t now_ns, bool is_running);

}  // namespace lmlog::collector
