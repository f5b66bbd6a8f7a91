// SPDX-License-Identifier: Apache-2.0
// libfmt 9.1 quotes strings by where they stand, not always: see Style.
#include "decoder/render/described_text.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "decoder/render/scalar_text.hpp"
#include "decoder/render/time_point_text.hpp"

namespace lmlog::decoder {

using formats::ArgType;
using formats::TypeDescription;
using formats::TypeKind;
using formats::ValueReader;

namespace {

/// How a value without a spec of its own prints.
enum class Style {
  plain,    // as {} does: strings as they are, and those in a sequence quoted
  bare,     // in a sequence in a sequence, tuple or variant: strings as they are, at any depth
  entry,    // in a tuple, map or variant: strings quoted, sequences bare
  element,  // the same in a sequence, where libfmt quotes paths again
  member,   // in an optional or a structure: strings quoted, sequences plain
};

bool is_quoted(Style style) { return style != Style::plain && style != Style::bare; }

Style style_of_elements(Style style) {
  return style == Style::plain || style == Style::member ? Style::element : Style::bare;
}

class Printer {
 public:
  Printer(std::string& out, std::size_t limit) : out_(out), limit_(out.size() + limit) {}

  /// False, and nothing appended, when it is gone.
  bool part(const TypeDescription& type, ValueReader& in, Style style, const DescribedFormat* format) {
    if (in.is_gone()) return false;
    if (out_.size() > limit_) throw std::length_error("the text of a value is too long");
    switch (type.kind) {
      case TypeKind::string:
      case TypeKind::path: {
        const auto value = in.string();
        if (value) text(type, *value, style, format);
        return value.has_value();
      }
      case TypeKind::error_code:
        return error_code(in);
      case TypeKind::monostate:
        out_.append("monostate");
        return true;
      case TypeKind::optional:
        return optional(type, in, format);
      case TypeKind::sequence:
      case TypeKind::set:
      case TypeKind::map:
      case TypeKind::multimap:
        return range(type, in, style, format);
      case TypeKind::tuple:
        return tuple(type, in);
      case TypeKind::variant:
        return variant(type, in);
      case TypeKind::structure:
        return structure(type, in);
      default: {
        const auto bits = in.bits(type.scalar);
        if (bits) number(type, *bits, style, format);
        return bits.has_value();
      }
    }
  }

  /// A value in one word.
  void number(const TypeDescription& type, std::uint64_t bits, Style style, const DescribedFormat* format) {
    switch (type.kind) {
      case TypeKind::hash: {
        char digits[16];
        fmt::format_to(digits, "{:016x}", bits);
        return text(type, {digits, sizeof(digits)}, style, format);
      }
      case TypeKind::duration:
        if (format != nullptr && format->duration) return format->duration->append(out_, type, bits);
        return append_duration(out_, type, bits);
      case TypeKind::time_point:
        return append_time_point(out_, type, bits, format != nullptr ? format->leaf : std::string());
      default:
        break;
    }
    if (format != nullptr && !format->leaf.empty())
      return append_scalar_formatted(out_, type.scalar, bits, format->leaf);
    if (type.scalar == ArgType::character && is_quoted(style)) {
      static const std::string kDebug = "{:?}";
      return append_scalar_formatted(out_, type.scalar, bits, kDebug);
    }
    append_scalar(out_, type.scalar, bits);
  }

  void text(const TypeDescription& type, std::string_view value, Style style, const DescribedFormat* format) {
    const bool has_format = format != nullptr && !format->leaf.empty();
    if (type.kind == TypeKind::path) {
      if (!has_format && style != Style::element) return append_quoted(out_, value);
      std::string quoted;
      append_quoted(quoted, value);
      return has_format ? append_text_formatted(out_, quoted, format->leaf) : append_quoted(out_, quoted);
    }
    if (has_format) return append_text_formatted(out_, value, format->leaf);
    if (is_quoted(style)) return append_quoted(out_, value);
    out_.append(value);
  }

 private:
  /// What was appended since is taken back.
  bool gone(std::size_t mark) {
    out_.resize(mark);
    return false;
  }

  bool error_code(ValueReader& in) {
    const auto value = in.take<std::int32_t>();
    const auto category = value ? in.string() : std::nullopt;
    if (!category) return false;
    out_.append(*category);
    out_.push_back(':');
    append_scalar(out_, ArgType::i32, static_cast<std::uint64_t>(std::int64_t{*value}));
    return true;
  }

  bool optional(const TypeDescription& type, ValueReader& in, const DescribedFormat* format) {
    const auto has_value = in.flag();
    if (!has_value) return false;
    const std::size_t mark = out_.size();
    out_.append(*has_value ? "optional(" : "none");
    if (!*has_value) return true;
    if (!part(type.parts[0], in, Style::member, format != nullptr ? format->element.get() : nullptr)) return gone(mark);
    out_.push_back(')');
    return true;
  }

  bool range(const TypeDescription& type, ValueReader& in, Style style, const DescribedFormat* format) {
    const auto count = in.count(type.parts[0].min_bytes);
    if (!count) return false;
    const bool is_bare = format != nullptr && format->is_bare;
    const bool is_sequence = type.kind == TypeKind::sequence;
    const DescribedFormat* const element = format != nullptr ? format->element.get() : nullptr;
    // With a spec for its elements a sequence does not quote them by itself.
    const Style inner = element != nullptr ? Style::plain : style_of_elements(style);
    if (!is_bare) out_.push_back(is_sequence ? '[' : '{');
    for (std::uint32_t i = 0; i < *count; ++i) {
      const std::size_t mark = out_.size();
      if (i != 0) out_.append(", ");
      if (type.is_map() ? !pair(type, in) : !part(type.parts[0], in, inner, element)) {
        out_.resize(mark);
        break;
      }
    }
    if (!is_bare) out_.push_back(is_sequence ? ']' : '}');
    return true;
  }

  bool pair(const TypeDescription& type, ValueReader& in) {
    if (!part(type.parts[0], in, Style::entry, nullptr)) return false;
    out_.append(": ");
    return part(type.parts[1], in, Style::entry, nullptr);
  }

  bool tuple(const TypeDescription& type, ValueReader& in) {
    out_.push_back('(');
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
      const std::size_t mark = out_.size();
      if (i != 0) out_.append(", ");
      if (part(type.parts[i], in, Style::entry, nullptr)) continue;
      out_.resize(mark);
      break;
    }
    out_.push_back(')');
    return true;
  }

  bool variant(const TypeDescription& type, ValueReader& in) {
    const auto index = in.alternative(type.parts.size());
    if (!index) return false;
    const std::size_t mark = out_.size();
    out_.append("variant(");
    if (*index == formats::kValueless) {
      out_.append("valueless by exception");
    } else if (!part(type.parts[*index], in, Style::entry, nullptr)) {
      return gone(mark);
    }
    out_.push_back(')');
    return true;
  }

  bool structure(const TypeDescription& type, ValueReader& in) {
    out_.push_back('{');
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
      const std::size_t mark = out_.size();
      if (i != 0) out_.append(", ");
      out_.append(type.names[i]);
      out_.append(": ");
      if (part(type.parts[i], in, Style::member, nullptr)) continue;
      out_.resize(mark);
      break;
    }
    out_.push_back('}');
    return true;
  }

  std::string& out_;
  std::size_t limit_;
};

std::string in_braces(std::string_view spec) { return "{:" + std::string(spec) + "}"; }

/// libfmt of later versions quotes what an optional holds, unless the spec names a presentation.
std::string spec_in_optional(const TypeDescription& held, std::string_view spec) {
  const bool is_text = held.is_text() || (held.kind == TypeKind::scalar && held.scalar == ArgType::character);
  std::string out(spec);
  if (!is_text || spec.empty()) return out;
  const char last = spec.back();
  const bool has_presentation =
      last == '?' || (last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z' && last != 'L');
  return has_presentation ? out : out + "?";
}

}  // namespace

std::unique_ptr<const DescribedFormat> parse_format(const TypeDescription& type, std::string_view spec) {
  auto out = std::make_unique<DescribedFormat>();
  if (spec.empty()) return out;
  switch (type.kind) {
    case TypeKind::scalar:
    case TypeKind::string:
    case TypeKind::path:
    case TypeKind::hash:
      out->leaf = in_braces(spec);
      return out;
    case TypeKind::time_point:
      if (spec != ":") out->leaf = in_braces(spec);  // libfmt steps over a colon
      return out;
    case TypeKind::duration:
      out->duration = DurationFormat::parse(spec, type.scalar);
      if (!out->duration) return nullptr;
      return out;
    case TypeKind::optional:
      out->element = parse_format(type.parts[0], spec_in_optional(type.parts[0], spec));
      if (out->element == nullptr) return nullptr;
      return out;
    case TypeKind::sequence:
    case TypeKind::set:
    case TypeKind::map:
    case TypeKind::multimap:
      break;
    default:
      return nullptr;  // libfmt 9.1 has no specs for these
  }
  if (spec[0] == 'n') {
    out->is_bare = true;
    spec.remove_prefix(1);
    if (spec.empty()) return out;
  }
  if (spec[0] != ':') return nullptr;
  spec.remove_prefix(1);
  if (type.is_map()) {  // its elements are pairs
    if (!spec.empty()) return nullptr;
    return out;
  }
  out->element = parse_format(type.parts[0], spec);
  if (out->element == nullptr) return nullptr;
  return out;
}

bool append_described(std::string& out, const Value& value, const DescribedFormat* format) {
  const std::size_t before = out.size();
  const TypeDescription& type = *value.described;
  try {
    Printer printer(out, output_limit(value.text.size()));
    if (type.kind == TypeKind::path) {
      printer.text(type, value.text, Style::plain, format);
    } else if (!formats::is_variable(value.type)) {
      printer.number(type, value.bits, Style::plain, format);
    } else {
      ValueReader in(std::as_bytes(std::span(value.text.data(), value.text.size())), value.is_truncated);
      if (printer.part(type, in, Style::plain, format)) return true;
      out.resize(before);
      return false;
    }
    return true;
  } catch (const std::exception&) {
    out.resize(before);
    return false;
  }
}

bool append_part(std::string& out, const TypeDescription& type, ValueReader& in, std::size_t limit) {
  return Printer(out, limit).part(type, in, Style::plain, nullptr);
}

}  // namespace lmlog::decoder
