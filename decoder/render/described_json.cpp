// SPDX-License-Identifier: Apache-2.0
// What is gone of a value that was cut is left out; arrays and objects end before it.
#include "decoder/render/described_json.hpp"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>
#include <system_error>

#include "decoder/render/described_text.hpp"
#include "decoder/render/duration_text.hpp"
#include "decoder/render/escape.hpp"
#include "decoder/render/scalar_text.hpp"
#include "decoder/render/time_point_text.hpp"

namespace lmlog::decoder {

using formats::ArgType;
using formats::TypeDescription;
using formats::TypeKind;
using formats::ValueReader;

namespace {

class JsonPrinter {
 public:
  JsonPrinter(std::string& out, std::size_t limit, bool int64_as_string)
      : out_(out), begin_(out.size()), limit_(limit), int64_as_string_(int64_as_string) {}

  /// False, and nothing appended, when it is gone.
  bool part(const TypeDescription& type, ValueReader& in) {
    if (in.is_gone()) return false;
    const std::size_t used = out_.size() - begin_;
    if (used > limit_) throw std::length_error("the text of a value is too long");
    switch (type.kind) {
      case TypeKind::string:
      case TypeKind::path: {
        const auto value = in.string();
        if (value) append_json_string(out_, *value);
        return value.has_value();
      }
      case TypeKind::error_code:
        return error_code(in);
      case TypeKind::monostate:
        out_.append("null");
        return true;
      case TypeKind::optional: {
        const auto has_value = in.flag();
        if (has_value && *has_value) return part(type.parts[0], in);
        if (has_value) out_.append("null");
        return has_value.has_value();
      }
      case TypeKind::variant: {
        const auto index = in.alternative(type.parts.size());
        if (index && *index != formats::kValueless) return part(type.parts[*index], in);
        if (index) out_.append("null");
        return index.has_value();
      }
      case TypeKind::tuple:
      case TypeKind::structure:
        return members(type, in);
      case TypeKind::sequence:
      case TypeKind::set:
      case TypeKind::map:
      case TypeKind::multimap:
        return range(type, in);
      default: {
        const auto bits = in.bits(type.scalar);
        if (bits) number(type, *bits);
        return bits.has_value();
      }
    }
  }

  /// A value in one word.
  void number(const TypeDescription& type, std::uint64_t bits) {
    if (type.kind == TypeKind::scalar) return append_json_scalar(out_, type.scalar, bits, int64_as_string_);
    out_.push_back('"');
    if (type.kind == TypeKind::hash) {
      fmt::format_to(std::back_inserter(out_), "{:016x}", bits);
    } else if (type.kind == TypeKind::duration) {
      append_duration(out_, type, bits);
    } else {
      append_rfc3339_time_point(out_, type, bits);
    }
    out_.push_back('"');
  }

 private:
  bool gone(std::size_t mark) {
    out_.resize(mark);
    return false;
  }

  bool error_code(ValueReader& in) {
    const auto value = in.take<std::int32_t>();
    const auto category = value ? in.string() : std::nullopt;
    if (!category) return false;
    out_.append("{\"category\":");
    append_json_string(out_, *category);
    fmt::format_to(std::back_inserter(out_), ",\"value\":{}", *value);
    if (*category == "generic" || *category == "system") {  // on Linux both are errno
      out_.append(",\"message\":");
      append_json_string(out_, std::generic_category().message(*value));
    }
    out_.push_back('}');
    return true;
  }

  /// Calls `append` so often; ends before the first that is gone.
  template <class Append> void list(char open, char close, std::uint32_t count, Append append) {
    out_.push_back(open);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t mark = out_.size();
      if (i != 0) out_.push_back(',');
      if (append(i)) continue;
      out_.resize(mark);
      break;
    }
    out_.push_back(close);
  }

  bool members(const TypeDescription& type, ValueReader& in) {
    const bool is_object = type.kind == TypeKind::structure;
    list(is_object ? '{' : '[', is_object ? '}' : ']', static_cast<std::uint32_t>(type.parts.size()), [&](auto i) {
      if (is_object) {
        out_.push_back('"');
        out_.append(type.names[i]);
        out_.append("\":");
      }
      return part(type.parts[i], in);
    });
    return true;
  }

  bool range(const TypeDescription& type, ValueReader& in) {
    const auto count = in.count(type.parts[0].min_bytes);
    if (!count) return false;
    if (type.kind == TypeKind::map) {
      list('{', '}', *count, [&](auto) { return key(type.parts[0], in) && part(type.parts[1], in); });
    } else if (type.kind == TypeKind::multimap) {
      list('[', ']', *count, [&](auto) {
        const std::size_t mark = out_.size();
        out_.push_back('[');
        if (!part(type.parts[0], in)) return gone(mark);
        out_.push_back(',');
        if (!part(type.parts[1], in)) return gone(mark);
        out_.push_back(']');
        return true;
      });
    } else {
      list('[', ']', *count, [&](auto) { return part(type.parts[0], in); });
    }
    return true;
  }

  bool key(const TypeDescription& type, ValueReader& in) {
    key_.clear();
    if (type.kind == TypeKind::path || type.kind == TypeKind::string) {
      const auto value = in.string();
      if (!value) return false;
      key_ = *value;
    } else if (!append_part(key_, type, in, limit_)) {
      return false;
    }
    append_json_string(out_, key_);
    out_.push_back(':');
    return true;
  }

  std::string& out_;
  std::size_t begin_;
  std::size_t limit_;
  bool int64_as_string_;
  std::string key_;
};

}  // namespace

void append_json_float(std::string& out, std::string_view text) {
  // libfmt writes nan, -nan, inf and -inf; of finite values it leaves out a point that says nothing.
  const char last = text.back();
  if (last == 'n') {
    out.append("\"NaN\"");
  } else if (last == 'f') {
    out.append(text.front() == '-' ? "\"-Infinity\"" : "\"Infinity\"");
  } else {
    out.append(text);
    if (text.find_first_of(".e") == std::string_view::npos) out.append(".0");
  }
}

void append_json_scalar(std::string& out, ArgType type, std::uint64_t bits, bool int64_as_string) {
  switch (type) {
    case ArgType::character: {
      const char c = static_cast<char>(bits);
      return append_json_string(out, {&c, 1});
    }
    case ArgType::f32:
    case ArgType::f64: {
      std::string text;
      append_scalar(text, type, bits);
      return append_json_float(out, text);
    }
    case ArgType::i64:
    case ArgType::u64:
      if (!int64_as_string) return append_scalar(out, type, bits);
      [[fallthrough]];
    case ArgType::pointer:
      out.push_back('"');
      append_scalar(out, type, bits);
      out.push_back('"');
      return;
    default:
      return append_scalar(out, type, bits);
  }
}

bool append_json_described(std::string& out, const Value& value, bool int64_as_string) {
  const std::size_t before = out.size();
  const TypeDescription& type = *value.described;
  try {
    JsonPrinter printer(out, output_limit(value.text.size()), int64_as_string);
    if (type.kind == TypeKind::path) {
      append_json_string(out, value.text);
    } else if (!formats::is_variable(value.type)) {
      printer.number(type, value.bits);
    } else {
      ValueReader in(std::as_bytes(std::span(value.text.data(), value.text.size())), value.is_truncated);
      if (!printer.part(type, in)) {
        out.resize(before);
        return false;
      }
    }
    return true;
  } catch (const std::exception&) {
    out.resize(before);
    return false;
  }
}

}  // namespace lmlog::decoder
