// SPDX-License-Identifier: Apache-2.0
// Parses lines of tick files, field by field, from the left.
#include "tools/replay/tick_row.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace lmlog::tools {
namespace {

constexpr std::uint32_t kDayMs = 86'400'000;

/// Takes comma-separated fields; turns bad at the first that is missing or malformed, and stays so.
class Fields {
 public:
  explicit Fields(std::string_view line) noexcept : rest_(line) {}

  template <class Integer> Integer number(int base = 10) noexcept {
    const std::string_view field = text();
    Integer value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, base);
    if (error != std::errc() || end != field.data() + field.size()) ok_ = false;
    return value;
  }

  std::string_view text() noexcept {
    if (ended_) ok_ = false;
    const std::size_t comma = rest_.find(',');
    const std::string_view field = rest_.substr(0, comma);
    ended_ = comma == std::string_view::npos;
    rest_.remove_prefix(ended_ ? rest_.size() : comma + 1);
    return field;
  }

  [[nodiscard]] bool all_taken() const noexcept { return ok_ && ended_; }

 private:
  std::string_view rest_;
  bool ended_ = false;
  bool ok_ = true;
};

}  // namespace

std::optional<TickLine> parse_tick_line(std::string_view line, TickKind kind) noexcept {
  Fields fields(line);
  TickLine out;
  out.row.kind = kind;
  out.time_ms = fields.number<std::uint32_t>();
  out.row.price = fields.number<std::uint32_t>();
  out.row.size = fields.number<std::uint32_t>();
  if (kind == TickKind::quote) {
    out.row.ask_price = fields.number<std::uint32_t>();
    out.row.ask_size = fields.number<std::uint32_t>();
  }
  out.exchange = fields.text();
  out.row.condition = fields.number<std::uint32_t>(16);
  out.row.suspicious = fields.number<std::uint8_t>();
  if (!fields.all_taken() || out.time_ms >= kDayMs) return std::nullopt;
  return out;
}

}  // namespace lmlog::tools
