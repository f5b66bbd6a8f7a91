// SPDX-License-Identifier: Apache-2.0
// Type descriptions: what the bytes of an argument of several parts mean, parsed into a tree of types.
// Implements "Type descriptions" of formats/spec/registry.md. The text may be anybody's: everything is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lmlog/formats/registry.hpp"

namespace lmlog::formats {

inline constexpr std::size_t kMaxDescriptionBytes = 4096;
inline constexpr std::size_t kMaxTypeDepth = 32;
inline constexpr std::size_t kMaxTypeParts = 255;
inline constexpr std::uint8_t kValueless = 255;  // index of a variant without a value

enum class TypeKind : std::uint8_t {
  scalar,  // a fixed ArgType
  string,
  path,
  hash,        // of a value that is not in the record
  duration,    // a count of numerator / denominator seconds
  time_point,  // the same, since the epoch
  error_code,
  monostate,
  optional,
  sequence,
  set,
  map,
  multimap,  // a map with equal keys
  tuple,
  variant,
  structure,
};

struct TypeDescription {
  TypeKind kind{};
  ArgType scalar{};             // scalar, hash, duration, time_point: how it is encoded
  std::uint64_t numerator = 1;  // of a second
  std::uint64_t denominator = 1;
  std::size_t min_bytes = 0;           // no value takes fewer; 0: every value takes none
  std::string name;                    // of the structure
  std::vector<TypeDescription> parts;  // element; key and value; members; alternatives
  std::vector<std::string> names;      // of a structure's members

  [[nodiscard]] bool is_text() const noexcept { return kind == TypeKind::string || kind == TypeKind::hash; }
  [[nodiscard]] bool is_range() const noexcept { return kind >= TypeKind::sequence && kind <= TypeKind::multimap; }
  [[nodiscard]] bool is_map() const noexcept { return kind == TypeKind::map || kind == TypeKind::multimap; }
};

namespace detail {

class DescriptionParser {
 public:
  explicit DescriptionParser(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] std::optional<TypeDescription> whole() {
    TypeDescription out;
    if (!type(out, 1) || !rest_.empty()) return std::nullopt;
    return out;
  }

 private:
  bool take(char c) noexcept {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool type(TypeDescription& out, std::size_t depth) {
    if (rest_.empty() || depth > kMaxTypeDepth) return false;
    const char c = rest_[0];
    if (scalar(out)) return true;
    rest_.remove_prefix(1);
    switch (c) {
      case 's':
        return leaf(out, TypeKind::string, ArgType::string, sizeof(std::uint32_t));
      case 'P':
        return leaf(out, TypeKind::path, ArgType::string, sizeof(std::uint32_t));
      case 'h':
        return leaf(out, TypeKind::hash, ArgType::u64, sizeof(std::uint64_t));
      case 'E':
        return leaf(out, TypeKind::error_code, {}, 2 * sizeof(std::uint32_t));
      case '.':
        return leaf(out, TypeKind::monostate, {}, 0);
      case 'd':
      case 't':
        return of_time(out, c == 'd' ? TypeKind::duration : TypeKind::time_point);
      case '?':
        out.kind = TypeKind::optional;
        out.min_bytes = 1;
        return part(out, depth);
      case '[':
        return range(out, depth);
      case '{':
        return set_or_map(out, depth);
      case '(':
        return tuple(out, depth);
      case '<':
        return variant(out, depth);
      case '@':
        return structure(out, depth);
      default:
        return false;
    }
  }

  static bool leaf(TypeDescription& out, TypeKind kind, ArgType scalar, std::size_t bytes) noexcept {
    out.kind = kind;
    out.scalar = scalar;
    out.min_bytes = bytes;
    return true;
  }

  bool scalar(TypeDescription& out) noexcept {
    struct Code {
      std::string_view text;
      ArgType type;
    };
    static constexpr Code kCodes[] = {{"b", ArgType::boolean}, {"c", ArgType::character}, {"i1", ArgType::i8},
                                      {"u1", ArgType::u8},     {"i2", ArgType::i16},      {"u2", ArgType::u16},
                                      {"i4", ArgType::i32},    {"u4", ArgType::u32},      {"i8", ArgType::i64},
                                      {"u8", ArgType::u64},    {"f4", ArgType::f32},      {"f8", ArgType::f64},
                                      {"p", ArgType::pointer}};
    for (const Code& code : kCodes) {
      if (!rest_.starts_with(code.text)) continue;
      rest_.remove_prefix(code.text.size());
      return leaf(out, TypeKind::scalar, code.type, fixed_size(code.type));
    }
    return false;
  }

  /// Decimal, 1 … 2^63 − 1.
  bool number(std::uint64_t& out) noexcept {
    constexpr std::uint64_t kMax = ~std::uint64_t{0} >> 1;
    out = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      const auto digit = static_cast<std::uint64_t>(rest_[digits] - '0');
      if (out > (kMax - digit) / 10) return false;
      out = out * 10 + digit;
    }
    rest_.remove_prefix(digits);
    return out != 0;
  }

  bool of_time(TypeDescription& out, TypeKind kind) noexcept {
    if (!number(out.numerator) || !take('/') || !number(out.denominator) || !take(':') || !scalar(out)) return false;
    out.kind = kind;
    return out.scalar == ArgType::i64 || out.scalar == ArgType::f64;
  }

  bool part(TypeDescription& out, std::size_t depth) {
    if (out.parts.size() == kMaxTypeParts) return false;
    return type(out.parts.emplace_back(), depth + 1);
  }

  /// Behind '['. What is repeated takes bytes: a few must not stand for billions.
  bool range(TypeDescription& out, std::size_t depth) {
    out.kind = TypeKind::sequence;
    out.min_bytes = sizeof(std::uint32_t);
    return part(out, depth) && out.parts[0].min_bytes != 0 && take(']');
  }

  bool set_or_map(TypeDescription& out, std::size_t depth) {
    out.kind = TypeKind::set;
    out.min_bytes = sizeof(std::uint32_t);
    if (!part(out, depth) || out.parts[0].min_bytes == 0) return false;
    if (take('}')) return true;
    out.kind = take(':') ? TypeKind::map : TypeKind::multimap;
    if (out.kind == TypeKind::multimap && !take('*')) return false;
    return part(out, depth) && take('}');
  }

  bool tuple(TypeDescription& out, std::size_t depth) {
    out.kind = TypeKind::tuple;
    while (!take(')')) {
      if (!part(out, depth)) return false;
      out.min_bytes += out.parts.back().min_bytes;
    }
    return true;
  }

  bool variant(TypeDescription& out, std::size_t depth) {
    out.kind = TypeKind::variant;
    out.min_bytes = 1;
    while (!take('>'))
      if (!part(out, depth)) return false;
    return !out.parts.empty();
  }

  bool structure(TypeDescription& out, std::size_t depth) {
    out.kind = TypeKind::structure;
    out.name = identifier();
    while (!out.name.empty() && rest_.starts_with("::")) {
      rest_.remove_prefix(2);
      const std::string_view inner = identifier();
      if (inner.empty()) return false;
      out.name += "::";
      out.name += inner;
    }
    if (out.name.empty() || !take('{')) return false;
    while (!take('}')) {
      out.names.emplace_back(identifier());
      if (out.names.back().empty() || !take('=') || !part(out, depth) || !take(';')) return false;
      out.min_bytes += out.parts.back().min_bytes;
    }
    return true;
  }

  std::string_view identifier() noexcept {
    const auto fits = [](char c, bool first) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
    };
    std::size_t length = 0;
    while (length < rest_.size() && fits(rest_[length], length == 0)) ++length;
    const std::string_view out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return out;
  }

  std::string_view rest_;
};

}  // namespace detail

/// Nothing when the text is no description that this version knows.
[[nodiscard]] inline std::optional<TypeDescription> parse_type_description(std::string_view text) {
  if (text.size() > kMaxDescriptionBytes) return std::nullopt;
  return detail::DescriptionParser(text).whole();
}

/// The type of an argument of this tag by its description. Nothing when it has none that fits its tag: the argument
/// then means what its tag says.
[[nodiscard]] inline std::optional<TypeDescription> described_type(ArgType tag, std::string_view description) {
  auto out = description.empty() ? std::nullopt : parse_type_description(description);
  if (!out) return std::nullopt;
  bool fits = false;
  switch (out->kind) {
    case TypeKind::scalar:
    case TypeKind::string:
      break;
    case TypeKind::path:
      fits = tag == ArgType::string;
      break;
    case TypeKind::hash:
    case TypeKind::duration:
    case TypeKind::time_point:
      fits = tag == out->scalar;
      break;
    default:
      fits = tag == ArgType::structured;
  }
  if (!fits) return std::nullopt;
  return out;
}

}  // namespace lmlog::formats
