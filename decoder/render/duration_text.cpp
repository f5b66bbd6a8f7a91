// SPDX-License-Identifier: Apache-2.0
// Counts are kept without sign, as libfmt does: the first number of a text gets it.
#include "decoder/render/duration_text.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

#include "decoder/render/scalar_text.hpp"

namespace lmlog::decoder {

using formats::ArgType;
using formats::TypeDescription;

namespace {

__extension__ using Wide = unsigned __int128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How many digits a fraction of the period's seconds needs; 6 when 18 are not enough.
int fraction_digits(const TypeDescription& type) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::uint64_t numerator = type.numerator;
  int digits = 0;
  while (numerator % type.denominator != 0) {
    if (numerator > kMax / 10) return 6;
    numerator *= 10;
    ++digits;
  }
  return digits;
}

/// The letter of a conversion that prints a part of the time of day with a sign; 0: none.
bool is_allowed(char letter, bool is_alternative) {
  return std::string_view(is_alternative ? "HIMS" : "%ntHIMSrRTpQq").find(letter) != std::string_view::npos;
}

/// What the conversions need of a count; the two kinds of counts differ in how they go to seconds and get printed.
class WholeCount {
 public:
  WholeCount(const TypeDescription& type, std::uint64_t bits)
      : type_(type), count_(bits), is_negative_(static_cast<std::int64_t>(bits) < 0) {
    if (is_negative_) count_ = 0 - count_;
    if (count_ > ~std::uint64_t{0} / type.numerator) throw fmt::format_error("cannot format duration");
    seconds_ = count_ * type.numerator / type.denominator;
  }

  [[nodiscard]] bool is_special(std::string&) const { return false; }
  [[nodiscard]] unsigned hour() const { return static_cast<unsigned>(seconds_ / 3600 % 24); }
  [[nodiscard]] unsigned hour12() const {
    return static_cast<unsigned>(seconds_ / 3600 % 12 == 0 ? 12 : seconds_ / 3600 % 12);
  }
  [[nodiscard]] unsigned minute() const { return static_cast<unsigned>(seconds_ / 60 % 60); }
  [[nodiscard]] unsigned second() const { return static_cast<unsigned>(seconds_ % 60); }

  void append_second(std::string& out) {
    append_sign(out);
    fmt::format_to(std::back_inserter(out), "{:02}", second());
    const int digits = fraction_digits(type_);
    if (digits == 0) return;
    Wide fraction = static_cast<Wide>(count_) * type_.numerator % type_.denominator;
    for (int i = 0; i < digits; ++i) fraction *= 10;
    fmt::format_to(std::back_inserter(out), ".{:0{}}", static_cast<std::uint64_t>(fraction / type_.denominator),
                   digits);
  }
  void append_value(std::string& out, int) {
    append_sign(out);
    append_scalar(out, ArgType::u64, count_);
  }
  void append_sign(std::string& out) {
    if (is_negative_) out.push_back('-');
    is_negative_ = false;
  }

 private:
  const TypeDescription& type_;
  std::uint64_t count_;
  std::uint64_t seconds_ = 0;
  bool is_negative_;
};

void append_float_count(std::string& out, double count, int precision) {
  if (precision >= 0) {
    fmt::format_to(std::back_inserter(out), "{:.{}f}", count, precision);
  } else {
    fmt::format_to(std::back_inserter(out), "{:g}", count);
  }
}

class FloatCount {
 public:
  FloatCount(const TypeDescription& type, std::uint64_t bits)
      : type_(type), count_(std::bit_cast<double>(bits)), is_negative_(count_ < 0) {
    if (is_negative_) count_ = 0 - count_;
    seconds_ = count_ * static_cast<double>(type.numerator) / static_cast<double>(type.denominator);
  }

  [[nodiscard]] bool is_special(std::string& out) const {
    if (std::isfinite(count_)) return false;
    out.append(std::isnan(count_) ? "nan" : "inf");
    return true;
  }
  [[nodiscard]] unsigned hour() const { return whole(std::fmod(seconds_ / 3600, 24)); }
  [[nodiscard]] unsigned hour12() const {
    const double hour = std::fmod(seconds_ / 3600, 12);
    return hour <= 0 ? 12 : whole(hour);
  }
  [[nodiscard]] unsigned minute() const { return whole(std::fmod(seconds_ / 60, 60)); }
  [[nodiscard]] unsigned second() const { return whole(std::fmod(seconds_, 60)); }

  void append_second(std::string& out) {
    // Its sign is written again by a second %S: so does libfmt.
    const std::string digits = fmt::format("{:.{}f}", std::fmod(seconds_, 60.0), fraction_digits(type_));
    if (is_negative_) out.push_back('-');
    if (digits.size() < 2 || digits[1] == '.') out.push_back('0');
    out += digits;
  }
  void append_value(std::string& out, int precision) {
    append_sign(out);
    append_float_count(out, count_, precision);
  }
  void append_sign(std::string& out) {
    if (is_negative_) out.push_back('-');
    is_negative_ = false;
  }

 private:
  static unsigned whole(double value) { return static_cast<unsigned>(value); }

  const TypeDescription& type_;
  double count_;
  double seconds_;
  bool is_negative_;
};

template <class Count> class Writer {
 public:
  Writer(std::string& out, Count count, const TypeDescription& type, int precision)
      : out_(out), count_(count), type_(type), precision_(precision) {}

  /// `chrono` was checked when it was parsed.
  void run(std::string_view chrono) {
    for (std::size_t i = 0; i < chrono.size(); ++i) {
      if (chrono[i] != '%') {
        out_.push_back(chrono[i]);
        continue;
      }
      if (chrono[++i] == 'O') {
        alternative(chrono[++i]);
      } else {
        conversion(chrono[i]);
      }
    }
  }

 private:
  void two(unsigned value) { fmt::format_to(std::back_inserter(out_), "{:02}", value); }
  void signed_two(unsigned value) {
    count_.append_sign(out_);
    two(value);
  }

  /// The forms of another numeric system: in the classic locale the same digits, without a sign.
  void alternative(char letter) {
    if (count_.is_special(out_)) return;
    two(letter == 'H'   ? count_.hour()
        : letter == 'I' ? on_the_dial(count_.hour12())
        : letter == 'M' ? count_.minute()
                        : count_.second());
  }

  static unsigned on_the_dial(unsigned hour) { return hour % 12 == 0 ? 12 : hour % 12; }

  void conversion(char letter) {
    switch (letter) {
      case '%':
        return out_.push_back('%');
      case 'n':
        return out_.push_back('\n');
      case 't':
        return out_.push_back('\t');
      case 'q':
        return append_unit(out_, type_);
      case 'R':
        return hours_and_minutes();
      case 'T':
        hours_and_minutes();
        out_.push_back(':');
        return conversion('S');
      default:
        break;
    }
    if (count_.is_special(out_)) return;
    switch (letter) {
      case 'H':
        return signed_two(count_.hour());
      case 'I':
        return signed_two(count_.hour12());
      case 'M':
        return signed_two(count_.minute());
      case 'S':
        return count_.append_second(out_);
      case 'Q':
        return count_.append_value(out_, precision_);
      case 'r':
        two(on_the_dial(count_.hour()));
        out_.push_back(':');
        two(count_.minute());
        out_.push_back(':');
        two(count_.second());
        out_.push_back(' ');
        [[fallthrough]];
      default:  // p
        out_.append(count_.hour() < 12 ? "AM" : "PM");
    }
  }

  void hours_and_minutes() {
    if (count_.is_special(out_)) {
      out_.push_back(':');
      (void)count_.is_special(out_);
      return;
    }
    signed_two(count_.hour());
    out_.push_back(':');
    signed_two(count_.minute());
  }

  std::string& out_;
  Count count_;
  const TypeDescription& type_;
  int precision_;
};

void append_count_and_unit(std::string& out, const TypeDescription& type, std::uint64_t bits, int precision) {
  if (type.scalar == ArgType::f64) {
    append_float_count(out, std::bit_cast<double>(bits), precision);
  } else {
    append_scalar(out, type.scalar, bits);
  }
  append_unit(out, type);
}

}  // namespace

void append_unit(std::string& out, const TypeDescription& type) {
  struct Unit {
    std::uint64_t numerator;
    std::uint64_t denominator;
    std::string_view name;
  };
  constexpr std::uint64_t kKilo = 1000;
  constexpr std::uint64_t kGiga = 1'000'000'000;
  static constexpr Unit kUnits[] = {{1, kGiga * kGiga, "as"},
                                    {1, kGiga * kGiga / kKilo, "fs"},
                                    {1, kGiga * kKilo, "ps"},
                                    {1, kGiga, "ns"},
                                    {1, kKilo * kKilo, "µs"},
                                    {1, kKilo, "ms"},
                                    {1, 100, "cs"},
                                    {1, 10, "ds"},
                                    {1, 1, "s"},
                                    {10, 1, "das"},
                                    {100, 1, "hs"},
                                    {kKilo, 1, "ks"},
                                    {kKilo * kKilo, 1, "Ms"},
                                    {kGiga, 1, "Gs"},
                                    {kGiga * kKilo, 1, "Ts"},
                                    {kGiga * kGiga / kKilo, 1, "Ps"},
                                    {kGiga * kGiga, 1, "Es"},
                                    {60, 1, "m"},
                                    {3600, 1, "h"}};
  for (const Unit& unit : kUnits) {
    if (unit.numerator != type.numerator || unit.denominator != type.denominator) continue;
    out.append(unit.name);
    return;
  }
  fmt::format_to(std::back_inserter(out), "[{}", type.numerator);
  if (type.denominator != 1) fmt::format_to(std::back_inserter(out), "/{}", type.denominator);
  out.append("]s");
}

void append_duration(std::string& out, const TypeDescription& type, std::uint64_t bits) {
  append_count_and_unit(out, type, bits, -1);
}

std::optional<DurationFormat> DurationFormat::parse(std::string_view spec, ArgType count) {
  DurationFormat out;
  const auto is_align = [&spec](std::size_t at) {
    return at < spec.size() && (spec[at] == '<' || spec[at] == '>' || spec[at] == '^');
  };
  // A fill is one character of UTF-8: as many bytes as its first one says.
  const auto first = spec.empty() ? 0u : static_cast<unsigned char>(spec[0]);
  const std::size_t fill = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const std::size_t aligned = is_align(fill) ? fill + 1 : is_align(0) ? 1 : 0;
  const std::string align(spec.substr(0, aligned));
  spec.remove_prefix(aligned);
  const auto number = [&spec] {
    std::string digits;
    for (; !spec.empty() && is_digit(spec[0]); spec.remove_prefix(1))
      if (!digits.empty() || spec[0] != '0') digits.push_back(spec[0]);
    return digits;
  };
  const std::string width = number();
  if (!width.empty()) out.padding_ = "{:" + align + width + "}";
  if (!spec.empty() && spec[0] == '.') {
    spec.remove_prefix(1);
    if (count != ArgType::f64 || spec.empty() || !is_digit(spec[0])) return std::nullopt;
    const std::string digits = number();
    if (digits.size() > 4) return std::nullopt;
    out.precision_ = digits.empty() ? 0 : std::stoi(digits);
  }
  if (!spec.empty() && spec[0] == 'L') spec.remove_prefix(1);
  for (std::size_t i = 0; i < spec.size(); ++i) {
    if (spec[i] != '%') continue;
    const bool is_alternative = ++i < spec.size() && spec[i] == 'O';
    if (is_alternative) ++i;
    if (i >= spec.size() || !is_allowed(spec[i], is_alternative)) return std::nullopt;
  }
  out.chrono_ = spec;
  return out;
}

void DurationFormat::append(std::string& out, const TypeDescription& type, std::uint64_t bits) const {
  const auto write = [&](std::string& to) {
    if (chrono_.empty()) {
      append_count_and_unit(to, type, bits, precision_);
    } else if (type.scalar == ArgType::f64) {
      Writer(to, FloatCount(type, bits), type, precision_).run(chrono_);
    } else {
      Writer(to, WholeCount(type, bits), type, precision_).run(chrono_);
    }
  };
  if (padding_.empty()) return write(out);
  std::string text;
  write(text);
  append_text_formatted(out, text, padding_);
}

}  // namespace lmlog::decoder
