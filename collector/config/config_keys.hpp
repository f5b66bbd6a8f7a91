// SPDX-License-Identifier: Apache-2.0
// The table of configuration keys: name, kind, default, bounds, whether a reload takes it, and where its value goes.
// What they mean is said in docs/configuration.md, which a test compares with this table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/config/config.hpp"

namespace lmlog::collector {

enum class KeyKind : std::uint8_t { count, size, duration, money, text, texts, choice };

/// One key. Which setter is used depends on the kind; bounds are those of count, size (bytes) and duration (ns).
struct ConfigKey {
  std::string_view section;
  std::string_view name;
  KeyKind kind;
  std::string_view default_text;  // as it would stand in the file, without quotes
  std::uint64_t minimum;
  std::uint64_t maximum;
  bool reloads;
  void (*set_number)(Config&, std::uint64_t) = nullptr;  // count, size, duration, choice (index)
  void (*set_money)(Config&, double) = nullptr;
  void (*set_texts)(Config&, std::vector<std::string>) = nullptr;  // text: one element
};

[[nodiscard]] std::span<const ConfigKey> config_keys();

/// The words of a choice, in the order of its indices.
[[nodiscard]] std::span<const std::string_view> choices_of(const ConfigKey& key);

[[nodiscard]] Config default_config();

/// "between 1 and 100", in the units of the key.
[[nodiscard]] std::string bounds_text(const ConfigKey& key);

/// Takes from `fresh` what a reload may change, leaves the rest as in `running`; gives the names of those keys that
/// differ and need a restart.
[[nodiscard]] std::vector<std::string> apply_reload(Config& running, const Config& fresh);

}  // namespace lmlog::collector
