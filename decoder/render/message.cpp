// SPDX-License-Identifier: Apache-2.0
// Format strings as registry.md describes them. A spec is taken apart or put in braces once for all records.
#include "decoder/render/message.hpp"

#include <exception>

#include "decoder/render/scalar_text.hpp"

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

/// With a format of the form "{:spec}"; false, and nothing appended, when libfmt refuses it.
bool append_formatted(std::string& out, const Values& values, std::size_t index, const std::string& format) {
  const std::size_t before = out.size();
  const Value& value = values[index];
  if (value.type > ArgType::string || value.is_unreadable) return false;
  try {
    if (value.type == ArgType::string) {
      append_text_formatted(out, value.text, format);
    } else {
      append_scalar_formatted(out, value.type, value.bits, format);
    }
    return true;
  } catch (const std::exception&) {
    out.resize(before);
    return false;
  }
}

/// Not of a value that does not fit its description.
bool append_as_described(std::string& out, const Value& value, const DescribedFormat& format) {
  return value.described != nullptr && !value.is_unreadable && append_described(out, value, &format);
}

}  // namespace

void append_plain(std::string& out, Values& values, std::size_t index) {
  const Value& value = values[index];
  if (value.is_unreadable) {
    out.append("<unreadable>");
    return;
  }
  if (value.described != nullptr && append_described(out, value, nullptr)) return;
  switch (value.type) {
    case ArgType::f32:
    case ArgType::f64:
      out.append(values.float_text(index));
      return;
    case ArgType::string:
      out.append(value.text);
      return;
    case ArgType::i8:
    case ArgType::u8:
    case ArgType::i16:
    case ArgType::u16:
    case ArgType::i32:
    case ArgType::u32:
    case ArgType::i64:
    case ArgType::u64:
      return append_integer(out, value.type, value.bits);
    default:
      break;
  }
  if (value.type < ArgType::string) return append_scalar(out, value.type, value.bits);
  // A type of a later version, or a value that does not fit its description: what it means is not known, its size is.
  out.append("<");
  append_scalar(out, ArgType::u64, value.text.size());
  out.append(" bytes>");
}

MessageTemplate::MessageTemplate(const formats::Statement& statement) {
  if (parse(statement)) return;
  is_malformed_ = true;
  pieces_.clear();
  pieces_.push_back({statement.format, -1, {}, nullptr});
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
    const formats::Argument& argument = statement.arguments[next_argument];
    Piece piece{std::move(literal), static_cast<int>(next_argument++), {}, nullptr};
    if (!spec.empty() && is_bounded(spec)) {
      if (const auto type = formats::described_type(argument.type(), argument.description)) {
        piece.described = parse_format(*type, spec);
      } else {
        piece.format = "{:" + std::string(spec) + "}";
      }
    }
    pieces_.push_back(std::move(piece));
    literal.clear();
    i = close;
  }
  if (!literal.empty()) pieces_.push_back({std::move(literal), -1, {}, nullptr});
  return true;
}

void MessageTemplate::append(std::string& out, Values& values) const {
  for (const Piece& piece : pieces_) {
    out.append(piece.literal);
    if (piece.argument < 0) continue;
    const auto index = static_cast<std::size_t>(piece.argument);
    const bool is_done = piece.described != nullptr
                             ? append_as_described(out, values[index], *piece.described)
                             : !piece.format.empty() && append_formatted(out, values, index, piece.format);
    if (!is_done) append_plain(out, values, index);
  }
}

}  // namespace lmlog::decoder
