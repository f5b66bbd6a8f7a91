// SPDX-License-Identifier: Apache-2.0
// printf's format strings for code that migrates, translated at compile time into ours: the record has typed arguments,
// and its message is what snprintf would have given. Two values differ: "%#x" of 0 shows "0x0", "%p" of a null pointer
// shows "0x0"; the width of "%s" counts characters, not bytes. What cannot be translated does not compile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lmlog/log_call.hpp>
#include <lmlog/printf_format.hpp>

namespace lmlog::detail {

/// What the macro's format string becomes.
template <class Site> struct [[gnu::visibility("hidden")]] PrintfFormat {
  static constexpr PrintfSummary kSummary = measure_printf(Site::printf_format());
  struct Translated {
    std::array<char, kSummary.bytes + 1> text{};
    std::array<PrintfConversion, kSummary.conversions + 1> conversions{};
    constexpr Translated() noexcept {
      (void)translate_printf(
          Site::printf_format(), PrintfTranslation(text.data()),
          [this](std::size_t i, const PrintfConversion& conversion) { conversions[i] = conversion; });
    }
  };
  static constexpr Translated kTranslated{};

  [[nodiscard]] static constexpr std::string_view view() noexcept { return {kTranslated.text.data(), kSummary.bytes}; }
};

template <PrintfLength kLength> [[nodiscard]] constexpr auto printf_signed() noexcept {
  using enum PrintfLength;
  if constexpr (kLength == hh)
    return static_cast<signed char>(0);
  else if constexpr (kLength == h)
    return static_cast<short>(0);
  else if constexpr (kLength == l)
    return 0L;
  else if constexpr (kLength == ll)
    return 0LL;
  else if constexpr (kLength == j)
    return std::intmax_t{0};
  else if constexpr (kLength == z)
    return std::make_signed_t<std::size_t>{0};
  else if constexpr (kLength == t)
    return std::ptrdiff_t{0};
  else
    return 0;
}

/// Text as printf reads it: up to its terminator, or to the precision.
[[nodiscard, gnu::always_inline]] inline std::string_view printf_text(const char* text, bool is_cut,
                                                                      std::size_t precision) noexcept {
  constexpr std::string_view kNull = "(null)";
  if (text == nullptr) return is_cut && precision < kNull.size() ? std::string_view{} : kNull;
  return {text, is_cut ? ::strnlen(text, precision) : std::strlen(text)};
}

/// The value that printf would show, in the type that its conversion names.
template <class Site, std::size_t kIndex, class T>
[[nodiscard, gnu::always_inline]] inline auto printf_value(const T& value) noexcept {
  constexpr PrintfConversion kConversion = PrintfFormat<Site>::kTranslated.conversions[kIndex];
  using Value = std::decay_t<const T&>;
  if constexpr (kConversion.is_integer()) {
    constexpr bool kFits = std::is_integral_v<Value> || std::is_enum_v<Value>;
    static_assert(kFits, "lmlog: %d, %u, %x and their like take an integer");
    using Signed = decltype(printf_signed<kConversion.length>());
    using Wire = std::conditional_t<kConversion.is_signed(), Signed, std::make_unsigned_t<Signed>>;
    if constexpr (kFits)
      return static_cast<Wire>(value);
    else
      return 0;
  } else if constexpr (kConversion.is_floating()) {
    constexpr bool kFits = std::is_floating_point_v<Value>;
    static_assert(kFits, "lmlog: %f, %e and %g take a floating-point number");
    if constexpr (kFits)
      return static_cast<double>(value);
    else
      return 0.0;
  } else if constexpr (kConversion.is("c")) {
    constexpr bool kFits = std::is_integral_v<Value>;
    static_assert(kFits, "lmlog: %c takes a character");
    if constexpr (kFits)
      return static_cast<char>(value);
    else
      return '?';
  } else if constexpr (kConversion.is("s")) {
    constexpr bool kFits = std::is_pointer_v<Value> && std::is_integral_v<std::remove_pointer_t<Value>> &&
                           sizeof(std::remove_pointer_t<Value>) == 1;
    static_assert(kFits, "lmlog: %s takes a char*: write text.c_str() for a std::string");
    if constexpr (kFits)
      return printf_text(reinterpret_cast<const char*>(static_cast<Value>(value)), kConversion.has_precision,
                         kConversion.precision);
    else
      return std::string_view{};
  } else {
    constexpr bool kFits = std::is_pointer_v<Value> || std::is_null_pointer_v<Value>;
    static_assert(kFits, "lmlog: %p takes a pointer");
    if constexpr (std::is_null_pointer_v<Value>)
      return static_cast<const void*>(nullptr);
    else if constexpr (kFits)
      return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(value));
    else
      return static_cast<const void*>(nullptr);
  }
}

template <class Site, class Format, class... Args>
[[gnu::always_inline]] inline void log_printf(const Format& format, const Args&... args) noexcept {
  constexpr PrintfSummary kSummary = PrintfFormat<Site>::kSummary;
  constexpr PrintfVerdict kVerdict = kSummary.verdict;
  static_assert(kVerdict != PrintfVerdict::unfinished, "lmlog: the format string ends within a conversion");
  static_assert(kVerdict != PrintfVerdict::writes_back, "lmlog: %n is not supported: a log call writes nothing back");
  static_assert(kVerdict != PrintfVerdict::star,
                "lmlog: a width or precision cannot be an argument: write the number in place of '*'");
  static_assert(kVerdict != PrintfVerdict::positional,
                "lmlog: conversions take their arguments in order: '%1$d' is not supported");
  static_assert(kVerdict != PrintfVerdict::hexadecimal_float, "lmlog: %a is not supported: use %g");
  static_assert(kVerdict != PrintfVerdict::wide_text, "lmlog: wide characters are not supported");
  static_assert(kVerdict != PrintfVerdict::integer_precision,
                "lmlog: this precision of an integer is not supported: write '%05d' for '%.5d'");
  static_assert(kVerdict != PrintfVerdict::alternate_general, "lmlog: '#' of %g is not supported: use %g or %f");
  static_assert(kVerdict != PrintfVerdict::unknown_flag,
                "lmlog: a flag is not supported: only '-', '0', '+', ' ', '#'");
  static_assert(kVerdict != PrintfVerdict::unknown_length, "lmlog: a length does not fit its conversion");
  static_assert(kVerdict != PrintfVerdict::unknown_type,
                "lmlog: a conversion is unknown: only d i u x X o c s p f F e E g G and %%");
  constexpr bool kGood = kVerdict == PrintfVerdict::good;
  static_assert(!kGood || kSummary.conversions <= sizeof...(Args),
                "lmlog: the format string has more conversions than there are arguments");
  static_assert(!kGood || kSummary.conversions >= sizeof...(Args), "lmlog: there are more arguments than conversions");
  if constexpr (kGood && kSummary.conversions == sizeof...(Args)) {
    [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) __attribute__((always_inline)) {
      log<Site>(format, printf_value<Site, kIndex>(args)...);
    }
    (std::index_sequence_for<Args...>{});
  }
}

}  // namespace lmlog::detail
