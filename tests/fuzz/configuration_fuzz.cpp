// SPDX-License-Identifier: Apache-2.0
// Configurations of anybody: a main file and those of its conf.d, parted by NUL bytes. Each is taken as a whole or
// refused with path, line and column; what is in force afterwards is within the bounds of every key.
#include <cmath>

#include "collector/config/config_file.hpp"
#include "collector/config/config_keys.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/memory_files.hpp"

using namespace lmlog::collector;
using lmlog::fuzz::expect;

namespace {

void expect_within_bounds(const Config& config) {
  const std::pair<std::string_view, std::uint64_t> values[] = {
      {"poll_interval_us", config.poll_interval_us},
      {"flush_interval_ms", config.flush_interval_ms},
      {"block_seconds", config.block_seconds},
      {"memory", config.memory},
      {"min_free", config.min_free},
      {"segment_bytes", config.segment_bytes},
      {"segment_age", static_cast<std::uint64_t>(config.segment_age_ns)},
      {"zstd_level", config.hot_zstd_level},
      {"block_records", config.hot_block_records},
      {"max_age", static_cast<std::uint64_t>(config.hot_max_age_ns)},
      {"max_bytes", config.hot_max_bytes},
      {"rings_per_uid", config.rings_per_uid},
      {"sites_per_session", config.sites_per_session},
      {"catalog_bytes", config.catalog_bytes},
      {"bytes_per_second", config.bytes_per_second},
  };
  std::size_t numbers = 0;
  for (const ConfigKey& key : config_keys()) {
    if (key.kind != KeyKind::count && key.kind != KeyKind::size && key.kind != KeyKind::duration) continue;
    ++numbers;
    for (const auto& [name, value] : values) {
      if (name == key.name) expect(value >= key.minimum && value <= key.maximum, "a value is within its bounds");
    }
  }
  expect(numbers == std::size(values), "every number of the table is looked at");
  expect(config.durability <= Durability::fsync, "a choice is one of its words");
  expect(std::isfinite(config.hot_price_per_gib_month) && config.hot_price_per_gib_month >= 0, "a price is a number");
}

/// "path:line:column: words".
void expect_place(const std::string& text, std::string_view path) {
  expect(text.starts_with(path), "an error names its file");
  std::size_t at = path.size();
  for (int number = 0; number < 2; ++number) {
    expect(at < text.size() && text[at] == ':', "an error has line and column");
    const std::size_t digits = at + 1;
    for (at = digits; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    }
    expect(at > digits && text[digits] != '0', "lines and columns count from 1");
  }
  expect(text.substr(at).starts_with(": ") && text.size() > at + 2, "an error says what is wrong");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string all = lmlog::fuzz::as_string(data, size);
  lmlog::fuzz::MemoryFiles files;
  constexpr std::string_view kMain = "/etc/lmlog/lmlog.toml";
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= all.size() && count < 4; ++count) {
    const std::size_t end = std::min(all.find('\0', begin), all.size());
    const std::string text = all.substr(begin, end - begin);
    begin = end + 1;
    files.put(count == 0 ? std::string(kMain) : "/etc/lmlog/conf.d/" + std::to_string(count) + ".toml", text);
    Config config = default_config();
    const auto status = apply_config_text(config, text, "one.toml");
    expect_within_bounds(config);
    if (!status) expect_place(status.error().text, "one.toml");
  }
  const auto merged = read_config(files, std::string(kMain), true);
  if (merged) {
    expect_within_bounds(*merged);
  } else {
    const std::string& text = merged.error().text;
    expect(text.starts_with(kMain) || text.starts_with("/etc/lmlog/conf.d/"), "an error names its file");
    expect_place(text, text.substr(0, text.find(".toml") + 5));
  }
  return 0;
}
