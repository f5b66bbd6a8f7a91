// SPDX-License-Identifier: Apache-2.0
// All loggers of the process with their levels: what was set for a name, and what follows from that. Guarded by the
// process's lock, but for the levels that count, which anybody may read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <lmlog/level.hpp>
#include <lmlog/logger.hpp>

#include "libproducer/src/environment.hpp"

namespace lmlog::detail {

struct LoggerState {
  std::string name;
  std::uint32_t id = 0;              // in catalogs; never 0
  std::optional<Level> set;          // by the service
  std::optional<Level> environment;  // by $LMLOG_LEVEL
  std::atomic<Level> level{Level::info};

  [[nodiscard]] std::optional<Level> own() const noexcept { return set ? set : environment; }
};

class LoggerTable {
 public:
  static constexpr std::size_t kMaxLoggers = 65536;  // as many as a process has statements
  static constexpr std::size_t kMaxName = 255;       // bytes, as field names have

  explicit LoggerTable(const LevelSetting& environment);

  /// The logger of this name, made if need be; null for the process itself, and when there are too many.
  [[nodiscard]] LoggerState* get(std::string_view name);

  /// Null is the process itself; nullopt takes back what was set.
  void set_level(LoggerState* logger, std::optional<Level> level);
  /// The level of the process, for as long as the session lasts.
  void set_level_of_session(Level level);
  /// A session begins, with the level of its options, or ends.
  void change_session(std::optional<Level> option);
  /// This level counts for everybody, whatever is set meanwhile, until it is taken back.
  void override_all(std::optional<Level> level);

  /// The level that counts. From any thread.
  [[nodiscard]] Level level(const LoggerState* logger) const noexcept {
    return (logger != nullptr ? logger->level : level_).load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] Level level_of_ancestors(std::string_view name) const;
  void update();

  std::map<std::string, std::unique_ptr<LoggerState>, std::less<>> loggers_;
  std::optional<Level> set_;  // of the process, as in LoggerState
  bool set_for_session_ = false;
  std::optional<Level> environment_;
  std::optional<Level> option_;
  std::optional<Level> override_;
  std::atomic<Level> level_{Level::info};
};

}  // namespace lmlog::detail
