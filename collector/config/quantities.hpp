// SPDX-License-Identifier: Apache-2.0
// Durations and sizes as people write them: "250ms", "15m", "7d"; "64KiB", "10GiB" or plain bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmlog::collector {

/// Nanoseconds; nullopt when it is no duration (a number without a unit is none).
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

/// Bytes; nullopt when it is no size.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parses back to the value.
[[nodiscard]] std::string format_duration(std::int64_t ns);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

}  // namespace lmlog::collector
