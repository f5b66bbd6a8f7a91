// SPDX-License-Identifier: Apache-2.0
// A small hand-written parser: every form is tried in turn, and must match to the end.
#include "decoder/query/time_expression.hpp"

#include <optional>

#include "decoder/render/time_text.hpp"

namespace lmlog::decoder {
namespace {

/// Nanoseconds before or after the epoch: more than records can have, so that no sum of what people write overflows.
__extension__ using Wide = __int128;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86400;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }

  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view set) {
    if (text_.empty() || set.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  /// Exactly so many digits, in [low, high].
  std::optional<std::int64_t> digits(std::size_t count, std::int64_t low, std::int64_t high) {
    if (text_.size() < count) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(text_[i])) return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    if (value < low || value > high) return std::nullopt;
    text_.remove_prefix(count);
    return value;
  }

  /// Any number of digits, at most 15 of them.
  std::optional<std::int64_t> number() {
    std::size_t count = 0;
    while (count < text_.size() && is_digit(text_[count])) ++count;
    if (count == 0 || count > 15) return std::nullopt;
    return digits(count, 0, std::int64_t{1'000'000'000'000'000});
  }

  /// The digits behind a point as nanoseconds; more than nine are cut off.
  std::optional<std::int64_t> fraction() {
    if (text_.empty() || !is_digit(text_.front())) return std::nullopt;
    std::int64_t value = 0;
    std::int64_t unit = kSecond / 10;
    while (!text_.empty() && is_digit(text_.front())) {
      value += (text_.front() - '0') * unit;
      unit /= 10;
      text_.remove_prefix(1);
    }
    return value;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view text_;
};

unsigned days_in(std::int64_t year, unsigned month) {
  const CivilDate next{month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1};
  return static_cast<unsigned>(days_from_civil(next) - days_from_civil({year, month, 1}));
}

/// `2026-11-22` as days since the epoch.
std::optional<std::int64_t> take_date(Parser& in) {
  const auto year = in.digits(4, 0, 9999);
  if (!year || !in.take('-')) return std::nullopt;
  const auto month = in.digits(2, 1, 12);
  if (!month || !in.take('-')) return std::nullopt;
  const auto day = in.digits(2, 1, days_in(*year, static_cast<unsigned>(*month)));
  if (!day) return std::nullopt;
  return days_from_civil({*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)});
}

/// `21:44`, `21:44:15` or `21:44:15.123` as nanoseconds; a leap second counts as the one after it.
std::optional<std::int64_t> take_clock(Parser& in) {
  const auto hour = in.digits(2, 0, 23);
  if (!hour || !in.take(':')) return std::nullopt;
  const auto minute = in.digits(2, 0, 59);
  if (!minute) return std::nullopt;
  std::int64_t ns = (*hour * 3600 + *minute * 60) * kSecond;
  if (!in.take(':')) return ns;
  const auto second = in.digits(2, 0, 60);
  if (!second) return std::nullopt;
  ns += *second * kSecond;
  if (!in.take_any(".,")) return ns;
  const auto fraction = in.fraction();
  if (!fraction) return std::nullopt;
  return ns + *fraction;
}

/// `Z`, `+01:00`, `+0100`, or nothing: nanoseconds to subtract.
std::optional<std::int64_t> take_zone(Parser& in) {
  if (in.at_end() || in.take_any("Zz")) return 0;
  in.take(' ');
  if (in.take_word("UTC")) return 0;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return std::nullopt;
  const auto hours = in.digits(2, 0, 23);
  if (!hours) return std::nullopt;
  in.take(':');
  const auto minutes = in.digits(2, 0, 59);
  if (!minutes) return std::nullopt;
  const std::int64_t ns = (*hours * 3600 + *minutes * 60) * kSecond;
  return west ? -ns : ns;
}

/// `10m`, `1h30m`, `250ms`: nanoseconds.
std::optional<Wide> take_duration(Parser& in) {
  struct Unit {
    std::string_view name;
    std::int64_t ns;
  };
  // Longer names first: `ms` is no `m`.
  static constexpr Unit units[] = {
      {"ns", 1},           {"us", 1000},          {"ms", 1'000'000},     {"min", 60 * kSecond},    {"s", kSecond},
      {"m", 60 * kSecond}, {"h", 3600 * kSecond}, {"d", kDay * kSecond}, {"w", 7 * kDay * kSecond}};
  Wide total = 0;
  do {
    const auto number = in.number();
    if (!number) return std::nullopt;
    const Unit* unit = nullptr;
    for (const Unit& candidate : units) {
      if (!in.take_word(candidate.name)) continue;
      unit = &candidate;
      break;
    }
    if (unit == nullptr) return std::nullopt;
    total += Wide{*number} * unit->ns;
  } while (!in.at_end());
  return total;
}

/// What no record can reach is the first or the last instant that one can have: no bound.
std::uint64_t as_time(Wide ns) {
  constexpr std::uint64_t kLast = ~std::uint64_t{0};
  return ns < 0 ? 0 : ns > Wide{kLast} ? kLast : static_cast<std::uint64_t>(ns);
}

std::optional<std::uint64_t> parse_words(std::string_view text, std::int64_t now) {
  const std::int64_t today = now / kSecond / kDay * kDay * kSecond;
  if (text == "now") return as_time(now);
  if (text == "today") return as_time(today);
  if (text == "yesterday") return as_time(today - kDay * kSecond);
  if (text == "tomorrow") return as_time(today + kDay * kSecond);
  return std::nullopt;
}

std::optional<std::uint64_t> parse_relative(std::string_view text, std::int64_t now) {
  Parser in(text);
  const bool back = in.take('-');
  if (!back && !in.take('+')) return std::nullopt;
  const auto duration = take_duration(in);
  if (!duration) return std::nullopt;
  return as_time(back ? now - *duration : now + *duration);
}

std::optional<std::uint64_t> parse_epoch(std::string_view text) {
  Parser in(text);
  if (!in.take('@')) return std::nullopt;
  const bool before = in.take('-');
  const auto seconds = in.number();
  if (!seconds) return std::nullopt;
  Wide ns = Wide{*seconds} * kSecond;
  if (in.take('.')) {
    const auto fraction = in.fraction();
    if (!fraction) return std::nullopt;
    ns += *fraction;
  }
  if (!in.at_end()) return std::nullopt;
  return as_time(before ? -ns : ns);
}

std::optional<std::uint64_t> parse_absolute(std::string_view text, std::int64_t now) {
  Parser in(text);
  std::int64_t day = now / kSecond / kDay;
  std::int64_t ns = 0;
  Parser without_date = in;
  if (const auto clock = take_clock(without_date)) {  // of today
    in = without_date;
    ns = *clock;
  } else {
    const auto date = take_date(in);
    if (!date) return std::nullopt;
    day = *date;
    if (!in.at_end()) {
      if (!in.take_any("Tt ")) return std::nullopt;
      const auto of_day = take_clock(in);
      if (!of_day) return std::nullopt;
      ns = *of_day;
    }
  }
  const auto zone = take_zone(in);
  if (!zone || !in.at_end()) return std::nullopt;
  return as_time(Wide{day} * kDay * kSecond + ns - *zone);
}

}  // namespace

formats::Result<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_ns) {
  const auto now = static_cast<std::int64_t>(now_ns);
  for (const auto& time :
       {parse_words(text, now), parse_relative(text, now), parse_epoch(text), parse_absolute(text, now)})
    if (time) return *time;
  return formats::Error{
      formats::ErrorCode::invalid,
      "'" + std::string(text) + "' is no time; write 2026-11-22T21:44:15Z, '2026-11-22 21:44', -10m, yesterday or now"};
}

}  // namespace lmlog::decoder
