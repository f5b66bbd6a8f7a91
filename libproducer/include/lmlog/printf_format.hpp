// SPDX-License-Identifier: Apache-2.0
// Reads printf's format strings, and writes them as ours, at compile time: "x=%d %-8s" becomes "x={} {:<8}".
#pragma once

#include <cstddef>
#include <string_view>

namespace lmlog::detail {

enum class PrintfVerdict : unsigned char {
  good,
  unfinished,
  writes_back,
  star,
  positional,
  hexadecimal_float,
  wide_text,
  integer_precision,
  alternate_general,
  unknown_flag,
  unknown_length,
  unknown_type,
};

enum class PrintfLength : unsigned char { none, hh, h, l, ll, j, z, t, L };

/// One conversion: what stands between '%' and its letter.
struct PrintfConversion {
  bool left = false;
  bool zero = false;
  bool plus = false;
  bool space = false;
  bool alternate = false;
  bool has_precision = false;
  PrintfLength length = PrintfLength::none;
  char type = '\0';
  std::size_t width = 0;
  std::size_t precision = 0;

  [[nodiscard]] constexpr bool is(std::string_view types) const noexcept {
    return types.find(type) != std::string_view::npos;
  }
  [[nodiscard]] constexpr bool is_signed() const noexcept { return is("di"); }
  [[nodiscard]] constexpr bool is_integer() const noexcept { return is("diuxXo"); }
  [[nodiscard]] constexpr bool is_floating() const noexcept { return is("fFeEgG"); }
};

/// Reads a printf format string from left to right.
class PrintfScanner {
 public:
  constexpr explicit PrintfScanner(std::string_view format) noexcept : rest_(format) {}

  [[nodiscard]] constexpr bool done() const noexcept { return rest_.empty(); }

  /// The next character of plain text, or '\0' where a conversion begins ("%%" is plain text).
  [[nodiscard]] constexpr char take_plain() noexcept {
    if (rest_.starts_with("%%"))
      rest_.remove_prefix(1);
    else if (rest_[0] == '%')
      return '\0';
    return take();
  }

  [[nodiscard]] constexpr PrintfVerdict take_conversion(PrintfConversion& out) noexcept {
    rest_.remove_prefix(1);
    if (is_position()) return PrintfVerdict::positional;
    take_flags(out);
    if (!rest_.empty() && (rest_[0] == '\'' || rest_[0] == 'I')) return PrintfVerdict::unknown_flag;
    if (starts_with('*')) return PrintfVerdict::star;
    out.width = take_number();
    if (starts_with('.')) {
      take();
      if (starts_with('*')) return PrintfVerdict::star;
      out.has_precision = true;
      out.precision = take_number();
    }
    out.length = take_length();
    if (rest_.empty()) return PrintfVerdict::unfinished;
    out.type = take();
    return verdict_on(out);
  }

 private:
  [[nodiscard]] constexpr bool starts_with(char c) const noexcept { return !rest_.empty() && rest_[0] == c; }

  constexpr char take() noexcept {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }

  [[nodiscard]] constexpr bool is_position() const noexcept {
    const std::size_t end = rest_.find_first_not_of("0123456789");
    return end != 0 && end != std::string_view::npos && rest_[end] == '$';
  }

  constexpr void take_flags(PrintfConversion& out) noexcept {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      switch (rest_[0]) {
        case '-':
          out.left = true;
          break;
        case '0':
          out.zero = true;
          break;
        case '+':
          out.plus = true;
          break;
        case ' ':
          out.space = true;
          break;
        case '#':
          out.alternate = true;
          break;
        default:
          return;
      }
    }
  }

  [[nodiscard]] constexpr std::size_t take_number() noexcept {
    constexpr std::size_t kLargest = 2147483647;  // libfmt's and printf's
    std::size_t value = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = value * 10 + static_cast<std::size_t>(take() - '0');
      if (value > kLargest) value = kLargest;
    }
    return value;
  }

  [[nodiscard]] constexpr PrintfLength take_length() noexcept {
    using enum PrintfLength;
    if (rest_.empty()) return none;
    const bool twice = rest_.size() > 1 && rest_[1] == rest_[0];
    PrintfLength length = none;
    switch (rest_[0]) {
      case 'h':
        length = twice ? hh : h;
        break;
      case 'l':
        length = twice ? ll : l;
        break;
      case 'j':
        length = j;
        break;
      case 'z':
        length = z;
        break;
      case 't':
        length = t;
        break;
      case 'L':
        length = L;
        break;
      default:
        return none;
    }
    rest_.remove_prefix(length == hh || length == ll ? 2 : 1);
    return length;
  }

  [[nodiscard]] static constexpr PrintfVerdict verdict_on(const PrintfConversion& conversion) noexcept {
    const bool plain = conversion.length == PrintfLength::none;
    if (conversion.is("n")) return PrintfVerdict::writes_back;
    if (conversion.is("aA")) return PrintfVerdict::hexadecimal_float;
    if (conversion.is("CS") || (conversion.is("cs") && conversion.length == PrintfLength::l))
      return PrintfVerdict::wide_text;
    if (conversion.is("csp")) return plain ? PrintfVerdict::good : PrintfVerdict::unknown_length;
    if (conversion.is("gG") && conversion.alternate) return PrintfVerdict::alternate_general;  // libfmt adds a zero
    if (conversion.is_floating()) {
      const bool fits = plain || conversion.length == PrintfLength::l || conversion.length == PrintfLength::L;
      return fits ? PrintfVerdict::good : PrintfVerdict::unknown_length;
    }
    if (!conversion.is_integer()) return PrintfVerdict::unknown_type;
    if (conversion.length == PrintfLength::L) return PrintfVerdict::unknown_length;
    if (!conversion.has_precision || conversion.precision == 1) return PrintfVerdict::good;
    // Digits filled up with zeros are a width with '0', if nothing else takes part in the width.
    const bool sign = conversion.is_signed() && (conversion.plus || conversion.space);
    const bool fixed = (!conversion.is_signed() || sign) && !conversion.alternate && conversion.precision != 0 &&
                       conversion.width <= conversion.precision + (sign ? 1 : 0);
    return fixed ? PrintfVerdict::good : PrintfVerdict::integer_precision;
  }

  std::string_view rest_;
};

/// Writes our format string, or counts its bytes alone. (Whether there is a buffer is no question to the pointer: under
/// -fsanitize=undefined g++ compares none at compile time.)
class PrintfTranslation {
 public:
  constexpr PrintfTranslation() noexcept = default;
  constexpr explicit PrintfTranslation(char* out) noexcept : out_(out), writes_(true) {}

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

  constexpr void plain(char c) noexcept {
    if (c == '{' || c == '}') put(c);
    put(c);
  }

  constexpr void placeholder(const PrintfConversion& conversion) noexcept {
    put('{');
    const std::size_t before = size_;
    put(':');
    spec(conversion);
    if (size_ == before + 1) size_ = before;
    put('}');
  }

 private:
  constexpr void put(char c) noexcept {
    if (writes_) out_[size_] = c;
    ++size_;
  }

  constexpr void number(std::size_t value) noexcept {
    std::size_t power = 1;
    while (value / power >= 10) power *= 10;
    for (; power != 0; power /= 10) put(static_cast<char>('0' + value / power % 10));
  }

  constexpr void spec(const PrintfConversion& conversion) noexcept {
    const bool number_type = conversion.is_integer() || conversion.is_floating();
    const bool sign = (conversion.plus || conversion.space) && (conversion.is_signed() || conversion.is_floating());
    const bool digits = conversion.is_integer() && conversion.has_precision && conversion.precision > 1;
    const bool zero = digits || (conversion.zero && number_type && !conversion.left &&
                                 !(conversion.is_integer() && conversion.has_precision));
    const std::size_t width = digits ? conversion.precision + (sign ? 1 : 0) : conversion.width;
    // To the right is libfmt's own way for integers alone: an infinity would go to the left.
    if (width != 0 && !zero && (conversion.left || !conversion.is_integer())) put(conversion.left ? '<' : '>');
    if (sign) put(conversion.plus ? '+' : ' ');
    if (conversion.alternate && number_type && !conversion.is("diu")) put('#');
    if (width != 0) {
      if (zero) put('0');
      number(width);
    }
    if (conversion.has_precision && conversion.is_floating()) {
      put('.');
      number(conversion.precision);
    }
    if (number_type && !conversion.is("diu")) put(conversion.type);
  }

  char* out_ = nullptr;
  bool writes_ = false;
  std::size_t size_ = 0;
};

struct PrintfSummary {
  PrintfVerdict verdict = PrintfVerdict::good;
  std::size_t conversions = 0;
  std::size_t bytes = 0;
};

/// Translates as far as the format string is good; `keep` gets each conversion and its index.
template <class Keep>
[[nodiscard]] constexpr PrintfSummary translate_printf(std::string_view format, PrintfTranslation translation,
                                                       Keep keep) noexcept {
  PrintfSummary summary;
  PrintfScanner scanner(format);
  while (!scanner.done() && summary.verdict == PrintfVerdict::good) {
    if (const char c = scanner.take_plain(); c != '\0') {
      translation.plain(c);
      continue;
    }
    PrintfConversion conversion;
    summary.verdict = scanner.take_conversion(conversion);
    if (summary.verdict != PrintfVerdict::good) break;
    keep(summary.conversions++, conversion);
    translation.placeholder(conversion);
  }
  summary.bytes = translation.size();
  return summary;
}

/// What a translation would be.
[[nodiscard]] constexpr PrintfSummary measure_printf(std::string_view format) noexcept {
  return translate_printf(format, PrintfTranslation(), [](std::size_t, const PrintfConversion&) {});
}

}  // namespace lmlog::detail
