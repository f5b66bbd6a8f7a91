// SPDX-License-Identifier: Apache-2.0
// Writes a JSON line from prepared parts with a handful of copies; the indented form goes member by member.
#include "decoder/render/json.hpp"

#include <fmt/format.h>

#include "decoder/render/described_json.hpp"
#include "decoder/render/escape.hpp"
#include "decoder/render/message.hpp"
#include "decoder/render/scalar_text.hpp"
#include "decoder/render/statement_text.hpp"

namespace lmlog::decoder {

using formats::ArgType;

namespace {

template <class T> void append_number(std::string& out, T value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.size());
}

void append_cursor(std::string& out, const Record& record) {
  out.push_back('"');
  out.append(record.ring().hex);
  out.push_back(':');
  append_number(out, record.row->position);
  out.push_back('"');
}

/// Appends the names of the arguments of which the producer wrote the beginning only.
void append_truncated(std::string& out, const StatementText& statement, const Values& values) {
  char separator = '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_truncated) continue;
    out.push_back(separator);
    separator = ',';
    out.append(statement.field_keys[i], 0, statement.field_keys[i].size() - 1);  // without its colon
  }
  out.push_back(']');
}

}  // namespace

void append_json_value(std::string& out, Values& values, std::size_t index, bool int64_as_string) {
  const Value& value = values[index];
  if (value.described != nullptr && append_json_described(out, value, int64_as_string)) return;
  switch (value.type) {
    case ArgType::f32:
    case ArgType::f64:
      return append_json_float(out, values.float_text(index));
    case ArgType::string:
      return append_json_string(out, value.text);
    case ArgType::i64:
    case ArgType::u64:
      if (int64_as_string) break;
      [[fallthrough]];
    case ArgType::i8:
    case ArgType::u8:
    case ArgType::i16:
    case ArgType::u16:
    case ArgType::i32:
    case ArgType::u32:
      return append_integer(out, value.type, value.bits);
    default:
      break;
  }
  if (value.type < ArgType::string) return append_json_scalar(out, value.type, value.bits, int64_as_string);
  out.push_back('"');
  append_plain(out, values, index);  // digits, letters and <>: nothing to escape
  out.push_back('"');
}

void JsonRenderer::append(std::string& out, const Record& record, Values& values, std::string_view message) {
  if (options_.pretty) return append_pretty(out, record, values, message);
  append_line(out, record, values, message);
}

void JsonRenderer::append_line(std::string& out, const Record& record, Values& values, std::string_view message) {
  const Row& row = *record.row;
  const StatementText& statement = text_of(*row.statement);
  const ThreadText& thread = text_of(*row.thread);
  out.append("{\"time\":\"");
  time_.append_rfc3339(out, row.time);
  out.append("\",\"time_unix_nano\":\"");
  time_.append_nanoseconds(out, row.time);
  out.push_back('"');
  out.append(statement.source);
  out.append(thread.thread);
  out.append(statement.logger);
  if (!message.empty()) {
    out.append(",\"message\":\"");
    append_json_text(out, message);
    out.push_back('"');
  }
  out.append(statement.statement);
  bool any = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_unreadable) continue;
    out.append(any ? "," : ",\"fields\":{");
    any = true;
    out.append(statement.field_keys[i]);
    append_json_value(out, values, i, options_.int64_as_string);
  }
  if (any) out.push_back('}');
  if (values.any_truncated()) {
    out.append(",\"truncated\":");
    append_truncated(out, statement, values);
  }
  out.append(thread.context);
  if (row.weight != 1) fmt::format_to(std::back_inserter(out), ",\"weight\":{}", row.weight);
  out.append(statement.session);
  if (row.position != kUnknownPosition) {
    out.append(",\"cursor\":");
    append_cursor(out, record);
  }
  out.append("}\n");
}

void JsonRenderer::append_pretty(std::string& out, const Record& record, Values& values, std::string_view message) {
  const Row& row = *record.row;
  const StatementText& statement = text_of(*row.statement);
  const ThreadText& thread = text_of(*row.thread);
  const auto key = [&out](std::string_view name) {
    out.append(out.back() == '{' ? "\n  \"" : ",\n  \"");
    out.append(name);
    out.append("\": ");
  };
  const auto members = [&](const std::vector<JsonMember>& list) {
    for (const auto& member : list) {
      key(member.key);
      out.append(member.value);
    }
  };
  out.push_back('{');
  key("time");
  out.push_back('"');
  time_.append_rfc3339(out, row.time);
  out.push_back('"');
  key("time_unix_nano");
  out.push_back('"');
  time_.append_nanoseconds(out, row.time);
  out.push_back('"');
  members(statement.source_members);
  members(thread.thread_members);
  members(statement.logger_members);
  if (!message.empty()) {
    key("message");
    append_json_string(out, message);
  }
  members(statement.statement_members);
  bool any = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_unreadable) continue;
    if (!any) key("fields");
    out.append(any ? ",\n    " : "{\n    ");
    any = true;
    out.append(statement.field_keys[i]);
    out.push_back(' ');
    append_json_value(out, values, i, options_.int64_as_string);
  }
  if (any) out.append("\n  }");
  if (values.any_truncated()) {
    key("truncated");
    append_truncated(out, statement, values);
  }
  members(thread.context_members);
  if (row.weight != 1) {
    key("weight");
    fmt::format_to(std::back_inserter(out), "{}", row.weight);
  }
  key("session");
  append_json_string(out, record.session().id().hex());
  if (row.position != kUnknownPosition) {
    key("cursor");
    append_cursor(out, record);
  }
  out.append("\n}\n");
}

}  // namespace lmlog::decoder
