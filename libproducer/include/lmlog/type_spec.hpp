// SPDX-License-Identifier: Apache-2.0
// Checks a format spec against any argument, with the help of its type description: libfmt's rules for ranges, chrono
// types and the rest. Runs at compile time; statements made at run time go through the same rules.
#pragma once

#include <cstddef>
#include <string_view>

#include <lmlog/format_spec.hpp>
#include <lmlog/formats/registry.hpp>

namespace lmlog::detail {

enum class SpecVerdict : unsigned char { fits, malformed, does_not_fit };

/// Walks a type description of this library's own making.
class DescribedType {
 public:
  constexpr explicit DescribedType(std::string_view description) noexcept : text_(description) {}

  /// Whether `spec`, what stands behind ':' in a placeholder, fits the type.
  [[nodiscard]] constexpr SpecVerdict check(std::string_view spec) const noexcept {
    switch (first()) {
      case '[':
        return check_range(DescribedType(text_.substr(1)), false, spec);
      case '{': {
        const DescribedType key(text_.substr(1));
        return check_range(key, key.rest().substr(0, 1) != "}", spec);
      }
      case '?':
        return DescribedType(text_.substr(1)).check(spec);
      case 'd':
        return check_duration(spec);
      case 't':
        return check_time_point(spec);
      case 'P':
      case 's':
      case 'h':
        return check_plain(formats::ArgType::string, spec);
      case '(':
      case '<':
      case '@':
      case 'E':
      case '.':
        return spec.empty() ? SpecVerdict::fits : SpecVerdict::does_not_fit;
      default:
        return check_plain(plain_type(), spec);
    }
  }

  [[nodiscard]] static constexpr SpecVerdict check_plain(formats::ArgType type, std::string_view text) noexcept {
    const FormatSpec spec(text);
    if (!spec.ok()) return SpecVerdict::malformed;
    return spec.fits(type) ? SpecVerdict::fits : SpecVerdict::does_not_fit;
  }

 private:
  [[nodiscard]] constexpr char first() const noexcept { return text_.empty() ? '\0' : text_[0]; }

  [[nodiscard]] constexpr formats::ArgType plain_type() const noexcept {
    using formats::ArgType;
    const char size = text_.size() > 1 ? text_[1] : '\0';
    switch (first()) {
      case 'b':
        return ArgType::boolean;
      case 'c':
        return ArgType::character;
      case 'i':
        return ArgType::i64;
      case 'f':
        return size == '4' ? ArgType::f32 : ArgType::f64;
      case 'p':
        return ArgType::pointer;
      default:
        return ArgType::u64;
    }
  }

  /// What stands behind this type.
  [[nodiscard]] constexpr std::string_view rest() const noexcept {
    switch (first()) {
      case '[':
        return DescribedType(text_.substr(1)).rest().substr(1);
      case '{': {
        const std::string_view behind = DescribedType(text_.substr(1)).rest();
        return behind[0] == '}' ? behind.substr(1) : DescribedType(behind.substr(1)).rest().substr(1);
      }
      case '?':
        return DescribedType(text_.substr(1)).rest();
      case '(':
      case '<': {
        std::string_view at = text_.substr(1);
        while (at[0] != ')' && at[0] != '>') at = DescribedType(at).rest();
        return at.substr(1);
      }
      case '@': {
        std::string_view at = text_.substr(position_of(text_, '{') + 1);
        while (at[0] != '}') at = DescribedType(at.substr(position_of(at, '=') + 1)).rest().substr(1);
        return at.substr(1);
      }
      case 'd':
      case 't':
        return text_.substr(position_of(text_, ':') + 3);
      case 'i':
      case 'u':
      case 'f':
        return text_.substr(2);
      default:
        return text_.substr(1);
    }
  }

  /// [n][:spec of the elements]; those of a map are pairs, which take none.
  [[nodiscard]] static constexpr SpecVerdict check_range(DescribedType element, bool is_map,
                                                         std::string_view spec) noexcept {
    if (spec.substr(0, 1) == "n") spec.remove_prefix(1);
    if (spec.empty()) return SpecVerdict::fits;
    if (spec[0] != ':') return SpecVerdict::does_not_fit;
    spec.remove_prefix(1);
    if (is_map) return spec.empty() ? SpecVerdict::fits : SpecVerdict::does_not_fit;
    return element.check(spec);
  }

  /// [[fill]align][width][.precision][L][text with % conversions]
  [[nodiscard]] constexpr SpecVerdict check_duration(std::string_view spec) const noexcept {
    take_align(spec);
    if (take_number(spec) == NumberVerdict::too_large) return SpecVerdict::malformed;
    if (take_one_of(spec, ".")) {
      if (take_number(spec) != NumberVerdict::good) return SpecVerdict::malformed;
      if (text_.substr(position_of(text_, ':') + 1, 1) != "f") return SpecVerdict::does_not_fit;
    }
    take_one_of(spec, "L");
    return check_conversions(spec, "HIMSrRTpQq", "", "HIMS");
  }

  [[nodiscard]] static constexpr SpecVerdict check_time_point(std::string_view spec) noexcept {
    if (spec.substr(0, 1) == ":") spec.remove_prefix(1);
    return check_conversions(spec, "YyCGgaAwubhBmUWVjdeHIMScxXDFrRTpzZ", "YyCcxX", "ymUWVdewuHIMS");
  }

  /// Texts, and conversions of which `%E` and `%O` have some.
  [[nodiscard]] static constexpr SpecVerdict check_conversions(std::string_view spec, std::string_view plain,
                                                               std::string_view with_e,
                                                               std::string_view with_o) noexcept {
    constexpr std::string_view kEvery = "YyCGgaAwubhBmUWVjdeHIMScxXDFrRTpQqzZ";
    for (std::size_t i = 0; i < spec.size(); ++i) {
      if (spec[i] != '%') continue;
      if (++i == spec.size()) return SpecVerdict::malformed;
      if (std::string_view("%nt").find(spec[i]) != std::string_view::npos) continue;
      std::string_view allowed = plain;
      std::string_view known = kEvery;
      if (spec[i] == 'E' || spec[i] == 'O') {
        allowed = spec[i] == 'E' ? with_e : with_o;
        known = spec[i] == 'E' ? "YyCcxX" : "ymUWVdewuHIMS";
        if (++i == spec.size()) return SpecVerdict::malformed;
      }
      if (known.find(spec[i]) == std::string_view::npos) return SpecVerdict::malformed;
      if (allowed.find(spec[i]) == std::string_view::npos) return SpecVerdict::does_not_fit;
    }
    return SpecVerdict::fits;
  }

  std::string_view text_;
};

/// Whether a spec fits an argument of this type, and with this description where it has one.
[[nodiscard]] constexpr SpecVerdict check_spec(formats::ArgType type, std::string_view description,
                                               std::string_view spec) noexcept {
  return description.empty() ? DescribedType::check_plain(type, spec) : DescribedType(description).check(spec);
}

}  // namespace lmlog::detail
