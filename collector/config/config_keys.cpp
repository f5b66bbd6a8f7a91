// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration file, once.
#include "collector/config/config_keys.hpp"

#include <array>
#include <charconv>

#include "collector/config/quantities.hpp"

namespace lmlog::collector {

namespace {

constexpr std::uint64_t kKiB = std::uint64_t{1} << 10;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kTiB = std::uint64_t{1} << 40;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDay = 86'400 * kSecond;

constexpr std::array<std::string_view, 2> kDurability{"write", "fsync"};

const std::array kKeys{
    ConfigKey{"collector", "rings", KeyKind::texts, "[]", 0, 0, false, nullptr, nullptr,
              [](Config& c, std::vector<std::string> v) { c.rings = std::move(v); }},
    ConfigKey{"collector", "archive", KeyKind::text, "", 0, 0, false, nullptr, nullptr,
              [](Config& c, std::vector<std::string> v) { c.archive = std::move(v.front()); }},
    ConfigKey{"collector", "poll_interval_us", KeyKind::count, "500", 50, 1'000'000, true,
              [](Config& c, std::uint64_t v) { c.poll_interval_us = v; }},
    ConfigKey{"collector", "flush_interval_ms", KeyKind::count, "200", 1, 60'000, true,
              [](Config& c, std::uint64_t v) { c.flush_interval_ms = v; }},
    ConfigKey{"collector", "block_seconds", KeyKind::count, "60", 1, 86'400, true,
              [](Config& c, std::uint64_t v) { c.block_seconds = v; }},
    ConfigKey{"collector", "memory", KeyKind::size, "32MiB", 4 * kMiB, kTiB, true,
              [](Config& c, std::uint64_t v) { c.memory = v; }},
    ConfigKey{"collector", "durability", KeyKind::choice, "write", 0, 0, false,
              [](Config& c, std::uint64_t v) { c.durability = static_cast<Durability>(v); }},
    ConfigKey{"collector", "min_free", KeyKind::size, "0", 0, kTiB, true,
              [](Config& c, std::uint64_t v) { c.min_free = v; }},
    ConfigKey{"rotation", "segment_bytes", KeyKind::size, "256MiB", 64 * kKiB, kTiB, true,
              [](Config& c, std::uint64_t v) { c.segment_bytes = v; }},
    ConfigKey{"rotation", "segment_age", KeyKind::duration, "1h", kSecond, 365 * kDay, true,
              [](Config& c, std::uint64_t v) { c.segment_age_ns = static_cast<std::int64_t>(v); }},
    ConfigKey{"tier.hot", "zstd_level", KeyKind::count, "1", 1, 19, true,
              [](Config& c, std::uint64_t v) { c.hot_zstd_level = v; }},
    ConfigKey{"tier.hot", "block_records", KeyKind::count, "65536", 1, 262'144, true,
              [](Config& c, std::uint64_t v) { c.hot_block_records = v; }},
    ConfigKey{"tier.hot", "max_age", KeyKind::duration, "0", 0, 36'500 * kDay, true,
              [](Config& c, std::uint64_t v) { c.hot_max_age_ns = static_cast<std::int64_t>(v); }},
    ConfigKey{"tier.hot", "max_bytes", KeyKind::size, "0", 0, 1024 * kTiB, true,
              [](Config& c, std::uint64_t v) { c.hot_max_bytes = v; }},
    ConfigKey{"tier.hot", "price_per_gib_month", KeyKind::money, "0", 0, 1'000'000, true, nullptr,
              [](Config& c, double v) { c.hot_price_per_gib_month = v; }},
    ConfigKey{"quota", "rings_per_uid", KeyKind::count, "1024", 1, 1'000'000, true,
              [](Config& c, std::uint64_t v) { c.rings_per_uid = v; }},
    ConfigKey{"quota", "sites_per_session", KeyKind::count, "65536", 1, 65'536, true,
              [](Config& c, std::uint64_t v) { c.sites_per_session = v; }},
    ConfigKey{"quota", "catalog_bytes", KeyKind::size, "64MiB", 4 * kKiB, kTiB, true,
              [](Config& c, std::uint64_t v) { c.catalog_bytes = v; }},
    ConfigKey{"quota", "bytes_per_second", KeyKind::size, "0", 0, kTiB, true,
              [](Config& c, std::uint64_t v) { c.bytes_per_second = v; }},
};

std::string in_units(const ConfigKey& key, std::uint64_t value) {
  if (key.kind == KeyKind::size) return format_size(value);
  if (key.kind == KeyKind::duration) return format_duration(static_cast<std::int64_t>(value));
  return std::to_string(value);
}

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

std::span<const std::string_view> choices_of(const ConfigKey& key) {
  return key.kind == KeyKind::choice ? std::span<const std::string_view>(kDurability)
                                     : std::span<const std::string_view>();
}

std::string bounds_text(const ConfigKey& key) {
  return "between " + in_units(key, key.minimum) + " and " + in_units(key, key.maximum);
}

Config default_config() {
  Config config;
  for (const ConfigKey& key : kKeys) {
    const std::string text(key.default_text);
    switch (key.kind) {
      case KeyKind::count: {
        std::uint64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        key.set_number(config, value);
        break;
      }
      case KeyKind::size:
        key.set_number(config, parse_size(text).value_or(0));
        break;
      case KeyKind::duration:
        key.set_number(config, static_cast<std::uint64_t>(parse_duration(text).value_or(0)));
        break;
      case KeyKind::choice:
        key.set_number(config, 0);
        break;
      case KeyKind::money:
        key.set_money(config, 0);
        break;
      case KeyKind::text:
        key.set_texts(config, {text});
        break;
      case KeyKind::texts:
        key.set_texts(config, {});
        break;
    }
  }
  return config;
}

std::vector<std::string> apply_reload(Config& running, const Config& fresh) {
  std::vector<std::string> need_restart;
  const Config old = running;
  running = fresh;
  if (old.rings != fresh.rings) need_restart.emplace_back("collector.rings");
  if (old.archive != fresh.archive) need_restart.emplace_back("collector.archive");
  if (old.durability != fresh.durability) need_restart.emplace_back("collector.durability");
  running.rings = old.rings;
  running.archive = old.archive;
  running.durability = old.durability;
  return need_restart;
}

}  // namespace lmlog::collector
