// SPDX-License-Identifier: Apache-2.0
// Level names and ranges.
#include "decoder/query/level_range.hpp"

#include <optional>
#include <string>

#include "lmlog/formats/registry.hpp"

namespace lmlog::decoder {
namespace {

std::optional<unsigned> level_of(std::string_view name) {
  std::string upper;
  for (const char c : name) upper.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  if (upper == "WARNING") upper = "WARN";
  for (unsigned level = 0; level < formats::kLevelCount; ++level)
    if (upper == formats::severity_name(static_cast<formats::Level>(level))) return level;
  return std::nullopt;
}

}  // namespace

formats::Result<std::uint8_t> parse_levels(std::string_view text) {
  std::string_view low = text;
  std::string_view high;
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    low = text.substr(0, dots);
    high = text.substr(dots + 2);
  }
  const auto from = low.empty() && text.size() > 2 ? 0u : level_of(low);
  const auto to = high.empty() ? formats::kLevelCount - 1u : level_of(high);
  if (!from || !to) {
    return formats::Error{formats::ErrorCode::invalid,
                          "'" + std::string(text) +
                              "' is no level; write one of trace debug info notice warn error fatal, or info..warn"};
  }
  if (*from > *to)
    return formats::Error{formats::ErrorCode::invalid,
                          "'" + std::string(text) + "' is empty: write the lower level first"};
  std::uint8_t mask = 0;
  for (unsigned level = *from; level <= *to; ++level) mask = static_cast<std::uint8_t>(mask | 1u << level);
  return mask;
}

}  // namespace lmlog::decoder
