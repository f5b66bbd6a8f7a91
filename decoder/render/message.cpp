// SPDX-License-Identifier: Apache-2.0
// Format strings as registry.md describes them; values through libfmt, integers and doubles by its fast entry points.
#include "decoder/render/message.hpp"

#include <fmt/format.h>

#include <bit>
#include <iterator>

namespace lmlog::decoder {

using formats::ArgType;

namespace {

/// Digits of a width or precision: more would only fill memory, and come from a catalog that means harm.
constexpr std::size_t kMaxSpecDigits = 4;

/// False for specs with a width or precision that is not bounded by their own text.
bool is_bounded(std::string_view spec) {
  std::size_t digits = 0;
  for (const char c : spec) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > kMaxSpecDigits) return false;
  }
  return true;
}

template <class T> void append_integer(std::string& out, T value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.size());
}

template <class T> void format_as(std::string& out, const std::string& format, const T& value) {
  fmt::vformat_to(std::back_inserter(out), fmt::string_view(format), fmt::make_format_args(value));
}

void append_or_throw(std::string& out, const Value& value, const std::string& format) {
  switch (value.type) {
    case ArgType::boolean:
      return format_as(out, format, value.bits != 0);
    case ArgType::character:
      return format_as(out, format, static_cast<char>(value.bits));
    case ArgType::i8:
      return format_as(out, format, static_cast<std::int8_t>(value.bits));
    case ArgType::u8:
      return format_as(out, format, static_cast<std::uint8_t>(value.bits));
    case ArgType::i16:
      return format_as(out, format, static_cast<std::int16_t>(value.bits));
    case ArgType::u16:
      return format_as(out, format, static_cast<std::uint16_t>(value.bits));
    case ArgType::i32:
      return format_as(out, format, static_cast<std::int32_t>(value.bits));
    case ArgType::u32:
      return format_as(out, format, static_cast<std::uint32_t>(value.bits));
    case ArgType::i64:
      return format_as(out, format, static_cast<std::int64_t>(value.bits));
    case ArgType::u64:
      return format_as(out, format, value.bits);
    case ArgType::f32:
      return format_as(out, format, std::bit_cast<float>(static_cast<std::uint32_t>(value.bits)));
    case ArgType::f64:
      return format_as(out, format, std::bit_cast<double>(value.bits));
    case ArgType::pointer:
      return format_as(out, format, reinterpret_cast<const void*>(static_cast<std::uintptr_t>(value.bits)));
    default:
      return format_as(out, format, fmt::string_view(value.text.data(), value.text.size()));
  }
}

}  // namespace

void append_plain(std::string& out, Values& values, std::size_t index) {
  const Value& value = values[index];
  if (value.is_unreadable) {
    out.append("<unreadable>");
    return;
  }
  switch (value.type) {
    case ArgType::boolean:
      out.append(value.bits != 0 ? "true" : "false");
      return;
    case ArgType::character:
      out.push_back(static_cast<char>(value.bits));
      return;
    case ArgType::i8:
    case ArgType::i16:
    case ArgType::i32:
    case ArgType::i64:
      return append_integer(out, static_cast<std::int64_t>(value.bits));
    case ArgType::u8:
    case ArgType::u16:
    case ArgType::u32:
    case ArgType::u64:
      return append_integer(out, value.bits);
    case ArgType::f32:
    case ArgType::f64:
      out.append(values.float_text(index));
      return;
    case ArgType::pointer: {
      char text[18] = {'0', 'x'};
      char* const end = fmt::format_to(text + 2, "{:x}", value.bits);
      out.append(text, static_cast<std::size_t>(end - text));
      return;
    }
    case ArgType::string:
      out.append(value.text);
      return;
    case ArgType::structured:
      break;
  }
  // A type of a later version: its meaning is not known, its size is.
  out.append("<");
  append_integer(out, value.text.size());
  out.append(" bytes>");
}

bool append_formatted(std::string& out, Values& values, std::size_t index, const std::string& format) {
  const std::size_t before = out.size();
  const auto type = static_cast<std::uint8_t>(values[index].type);
  if (type > static_cast<std::uint8_t>(ArgType::string) || values[index].is_unreadable) {
    append_plain(out, values, index);
    return true;
  }
  try {
    append_or_throw(out, values[index], format);
    return true;
  } catch (const std::exception&) {
    out.resize(before);
    return false;
  }
}

MessageTemplate::MessageTemplate(const formats::Statement& statement) {
  if (parse(statement)) return;
  is_malformed_ = true;
  pieces_.clear();
  pieces_.push_back({statement.format, -1, {}});
}

bool MessageTemplate::parse(const formats::Statement& statement) {
  const std::string_view format = statement.format;
  std::size_t next_argument = 0;
  std::string literal;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c != '{' && c != '}') {
      literal.push_back(c);
      continue;
    }
    if (i + 1 < format.size() && format[i + 1] == c) {
      literal.push_back(c);
      ++i;
      continue;
    }
    if (c == '}') return false;
    const std::size_t close = format.find('}', i);
    if (close == std::string_view::npos) return false;
    const std::string_view field = format.substr(i + 1, close - i - 1);
    const std::size_t colon = field.find(':');
    const std::string_view spec = colon == std::string_view::npos ? std::string_view{} : field.substr(colon + 1);
    if (field.find('{') != std::string_view::npos) return false;  // nested fields do not exist
    while (next_argument < statement.arguments.size() && !statement.arguments[next_argument].in_message())
      ++next_argument;
    if (next_argument == statement.arguments.size()) return false;
    Piece piece{std::move(literal), static_cast<int>(next_argument++), {}};
    if (!spec.empty() && is_bounded(spec)) piece.format = "{:" + std::string(spec) + "}";
    pieces_.push_back(std::move(piece));
    literal.clear();
    i = close;
  }
  if (!literal.empty()) pieces_.push_back({std::move(literal), -1, {}});
  return true;
}

void MessageTemplate::append(std::string& out, Values& values) const {
  for (const Piece& piece : pieces_) {
    out.append(piece.literal);
    if (piece.argument < 0) continue;
    const auto index = static_cast<std::size_t>(piece.argument);
    if (piece.format.empty() || !append_formatted(out, values, index, piece.format)) append_plain(out, values, index);
  }
}

}  // namespace lmlog::decoder
