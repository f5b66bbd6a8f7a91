// SPDX-License-Identifier: Apache-2.0
// One table of units for each quantity serves parsing and printing.
#include "collector/config/quantities.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace lmlog::collector {

namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

// Largest first: printing takes the first that divides.
constexpr std::array<Unit, 7> kDurations{{{"d", 86'400'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"s", 1'000'000'000},
                                          {"ms", 1'000'000},
                                          {"us", 1'000},
                                          {"ns", 1}}};
constexpr std::array<Unit, 5> kSizes{
    {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};

template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units, bool plain) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.empty()) return plain || number == 0 ? std::optional(number) : std::nullopt;
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

template <std::size_t N> std::string format(std::uint64_t value, const std::array<Unit, N>& units) {
  for (const auto& [name, factor] : units) {
    if (value != 0 && value % factor == 0) return std::to_string(value / factor) + std::string(name);
  }
  return "0";
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const auto value = parse(text, kDurations, false);
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse(text, kSizes, true); }

std::string format_duration(std::int64_t ns) { return format(static_cast<std::uint64_t>(ns), kDurations); }

std::string format_size(std::uint64_t bytes) { return format(bytes, kSizes); }

}  // namespace lmlog::collector
