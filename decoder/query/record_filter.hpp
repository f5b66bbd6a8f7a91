// SPDX-License-Identifier: Apache-2.0
// What a question asks for, in the form that sources can check before they decode anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lmlog/formats/registry.hpp"

namespace lmlog::decoder {

/// Loss records obey the service and the times only.
struct RecordFilter {
  static constexpr std::uint8_t kAllLevels = (1u << formats::kLevelCount) - 1;

  std::uint64_t since_ns = 0;
  std::uint64_t until_ns = ~std::uint64_t{0};  // included
  std::uint8_t levels = kAllLevels;            // bit = level
  std::vector<std::string> services;           // empty: all

  /// Lower bound of the sort key: not asked by people, but by a search for the last records.
  std::uint64_t min_key = 0;

  [[nodiscard]] bool wants_time(std::uint64_t ns) const noexcept { return ns >= since_ns && ns <= until_ns; }
  [[nodiscard]] bool wants_level(formats::Level level) const noexcept {
    return (levels >> static_cast<unsigned>(level) & 1) != 0;
  }
  [[nodiscard]] bool wants_service(std::string_view service) const noexcept {
    if (services.empty()) return true;
    for (const auto& wanted : services)
      if (wanted == service) return true;
    return false;
  }
};

}  // namespace lmlog::decoder
