// SPDX-License-Identifier: Apache-2.0
// See json_line.hpp. Reads RFC 8259 as far as the renderer goes: it puts no white space between the parts.
#include "tools/testing/src/json_line.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lmlog/formats/registry.hpp>

namespace lmlog::testing {

namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw std::runtime_error("lmlog::testing: this is not the JSON of a record: " + std::string(text));
}

/// Bytes of the value that `text` begins with.
std::size_t value_length(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
      continue;
    }
    if (depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']')) return at;
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  if (depth != 0 || in_string) refuse(text);
  return text.size();
}

std::string_view take_value(std::string_view& text) {
  const std::size_t length = value_length(text);
  if (length == 0) refuse(text);
  const std::string_view value = text.substr(0, length);
  text.remove_prefix(length);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

template <class T> T number_of(std::string_view text, int base = 10) {
  T number{};
  const auto [end, error] = [&] {
    if constexpr (std::is_floating_point_v<T>)
      return std::from_chars(text.data(), text.data() + text.size(), number);
    else
      return std::from_chars(text.data(), text.data() + text.size(), number, base);
  }();
  if (error != std::errc{} || end != text.data() + text.size()) refuse(text);
  return number;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {  // the renderer escapes nothing beyond the first plane
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

std::string text_of(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') refuse(json);
  std::string out;
  for (std::string_view rest = json.substr(1, json.size() - 2); !rest.empty();) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (rest.empty()) refuse(json);
    const char escape = rest.front();
    rest.remove_prefix(1);
    constexpr std::string_view kShort = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    if (escape == 'u') {
      if (rest.size() < 4) refuse(json);
      append_utf8(out, number_of<std::uint32_t>(rest.substr(0, 4), 16));
      rest.remove_prefix(4);
    } else if (const std::size_t at = kShort.find(escape); at != std::string_view::npos) {
      out.push_back(kMeant[at]);
    } else {
      out.push_back(escape);
    }
  }
  return out;
}

Value value_of(std::string_view json) {
  switch (json.front()) {
    case 't':
    case 'f':
      return Value(json == "true");
    case '"':
      return Value(text_of(json));
    case '{':
    case '[':
    case 'n':
      return Value(Json{std::string(json)});
    default:
      break;
  }
  if (json.find_first_of(".eE") != std::string_view::npos) return Value(number_of<double>(json));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error == std::errc{} && end == json.data() + json.size()) return Value(number);
  return Value(number_of<std::uint64_t>(json));
}

/// Calls `use(key, value)` for each member of an object; the value is still JSON.
template <class Use> void for_each_member(std::string_view object, Use use) {
  std::string_view rest = object;
  if (!take_char(rest, '{')) refuse(object);
  while (!take_char(rest, '}')) {
    const std::string key = text_of(take_value(rest));
    if (!take_char(rest, ':')) refuse(object);
    use(key, take_value(rest));
    if (!take_char(rest, ',') && !rest.starts_with('}')) refuse(object);
  }
  if (!rest.empty()) refuse(object);
}

Level level_of_number(std::string_view json) {
  const int number = number_of<int>(json);
  for (std::uint8_t level = 0; level < formats::kLevelCount; ++level)
    if (formats::severity_number(static_cast<Level>(level)) == number) return static_cast<Level>(level);
  refuse(json);
}

}  // namespace

Record record_of_line(std::string line, bool is_loss) {
  Record record;
  record.is_loss = is_loss;
  for_each_member(line, [&record](const std::string& key, std::string_view value) {
    if (key == "time_unix_nano") {
      const std::chrono::nanoseconds since_epoch(number_of<std::int64_t>(text_of(value)));
      record.time = std::chrono::sys_time<std::chrono::nanoseconds>(since_epoch);
    } else if (key == "severity_number") {
      record.level = level_of_number(value);
    } else if (key == "tid") {
      record.tid = number_of<std::uint32_t>(value);
    } else if (key == "line") {
      record.line = number_of<std::uint32_t>(value);
    } else if (key == "message") {
      record.message = text_of(value);
    } else if (key == "template") {
      record.template_text = text_of(value);
    } else if (key == "logger") {
      record.logger = text_of(value);
    } else if (key == "thread") {
      record.thread = text_of(value);
    } else if (key == "file") {
      record.file = text_of(value);
    } else if (key == "function") {
      record.function = text_of(value);
    } else if (key == "fields") {
      for_each_member(value, [&record](const std::string& name, std::string_view field) {
        record.fields.insert_or_assign(name, value_of(field));
      });
    }
  });
  record.json = std::move(line);
  return record;
}

}  // namespace lmlog::testing
