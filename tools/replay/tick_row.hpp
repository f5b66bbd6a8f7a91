// SPDX-License-Identifier: Apache-2.0
// One line of a tick file and its parser: quotes have eight fields, trades six, all but the exchange are numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lmlog::tools {

enum class TickKind : std::uint8_t { quote, trade };

/// Prices are multiplied by 10,000, as in the files. A trade uses the first side alone.
/// 32 bytes: all rows of a day of one busy symbol are held in memory while they are replayed.
struct TickRow {
  std::uint64_t time_ns = 0;  // since the epoch
  std::uint32_t price = 0;    // bid, or the trade's
  std::uint32_t size = 0;
  std::uint32_t ask_price = 0;
  std::uint32_t ask_size = 0;
  std::uint32_t condition = 0;
  TickKind kind = TickKind::quote;
  std::uint8_t exchange = 0;  // index into the symbol's exchanges
  std::uint8_t suspicious = 0;
};

static_assert(sizeof(TickRow) == 32);

struct TickLine {
  TickRow row;                // without time_ns and exchange
  std::uint32_t time_ms = 0;  // since midnight
  std::string_view exchange;  // into the line
};

/// The line without its line feed. nullopt where a field is missing, is no number or does not fit.
[[nodiscard]] std::optional<TickLine> parse_tick_line(std::string_view line, TickKind kind) noexcept;

}  // namespace lmlog::tools
