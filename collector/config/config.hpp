// SPDX-License-Identifier: Apache-2.0
// What an operator can set. Defaults and bounds of the keys are in config_keys.cpp; docs/configuration.md lists
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace lmlog::collector {

enum class Durability : std::uint8_t { write, fsync };

/// The defaults are set from the table of keys by `default_config()`, so that they stand in one place.
struct Config {
  std::vector<std::string> rings;
  std::string archive;
  std::uint64_t poll_interval_us = 0;
  std::uint64_t flush_interval_ms = 0;
  std::uint64_t block_seconds = 0;
  std::uint64_t memory = 0;
  Durability durability = Durability::write;
  std::uint64_t min_free = 0;

  std::uint64_t segment_bytes = 0;
  std::int64_t segment_age_ns = 0;

  std::uint64_t hot_zstd_level = 0;
  std::uint64_t hot_block_records = 0;
  std::int64_t hot_max_age_ns = 0;
  std::uint64_t hot_max_bytes = 0;
  double hot_price_per_gib_month = 0;

  std::uint64_t rings_per_uid = 0;
  std::uint64_t sites_per_session = 0;
  std::uint64_t catalog_bytes = 0;
  std::uint64_t bytes_per_second = 0;
};

/// The configuration in force, for all threads; a reload replaces it as a whole.
class ConfigBox {
 public:
  explicit ConfigBox(Config config) : config_(std::make_shared<const Config>(std::move(config))) {}

  [[nodiscard]] std::shared_ptr<const Config> get() const {
    const std::lock_guard lock(mutex_);
    return config_;
  }
  void set(Config config) {
    auto next = std::make_shared<const Config>(std::move(config));
    const std::lock_guard lock(mutex_);
    config_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Config> config_;
};

}  // namespace lmlog::collector
