// SPDX-License-Identifier: Apache-2.0
// The text form: `2026-11-22T21:44:15.123456789Z INFO   [thread] message name=value`.
#include "decoder/render/text.hpp"

#include "decoder/render/escape.hpp"
#include "decoder/render/message.hpp"
#include "decoder/render/statement_text.hpp"

namespace lmlog::decoder {
namespace {

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";

std::string_view color_of(formats::Level level) {
  switch (level) {
    case formats::Level::trace:
    case formats::Level::debug:
      return "\x1b[2m";
    case formats::Level::info:
      return "\x1b[32m";
    case formats::Level::notice:
      return "\x1b[1;36m";
    case formats::Level::warn:
      return "\x1b[1;33m";
    case formats::Level::error:
      return "\x1b[1;31m";
    case formats::Level::fatal:
      return "\x1b[1;37;41m";
  }
  return {};
}

/// A value that blanks, quotes or an equals sign would tear apart is put in quotes.
void append_field_value(std::string& out, std::string_view value) {
  if (!value.empty() && value.find_first_of(" \"=") == std::string_view::npos) return append_terminal_text(out, value);
  out.push_back('"');
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t quote = std::min(value.find('"', at), value.size());
    append_terminal_text(out, value.substr(at, quote - at));
    if (quote < value.size()) out.append("\\\"");
    at = quote + 1;
  }
  out.push_back('"');
}

}  // namespace

void TextRenderer::append(std::string& out, const Record& record, Values& values, std::string_view message) {
  const Row& row = *record.row;
  const StatementText& statement = text_of(*row.statement);
  const ThreadText& thread = text_of(*row.thread);
  if (color_) out.append(kDim);
  time_.append_rfc3339(out, row.time);
  if (color_) out.append(kReset);
  out.push_back(' ');
  if (color_) {
    // The padding stays plain: FATAL's background ends with the word.
    const std::size_t word = statement.severity.find(' ');
    out.append(color_of(statement.level));
    out.append(statement.severity, 0, word);
    out.append(kReset);
    out.append(statement.severity, word, std::string::npos);
    out.append(kDim);
  } else {
    out.append(statement.severity);
  }
  out.append(thread.label);
  if (!statement.logger_label.empty()) {
    out.pop_back();
    out.append(statement.logger_label);
  }
  if (color_) out.append(kReset);
  out.push_back(' ');
  append_terminal_text(out, message);
  for (const auto& [argument, name] : statement.unshown) {
    if (argument >= values.size()) break;
    if (color_) out.append(kDim);
    out.append(name);
    if (color_) out.append(kReset);
    value_.clear();
    append_plain(value_, values, argument);
    append_field_value(out, value_);
  }
  if (values.any_truncated()) append_truncated(out, statement, values);
  out.push_back('\n');
}

void TextRenderer::append_truncated(std::string& out, const StatementText& statement, const Values& values) const {
  if (color_) out.append(kDim);
  out.append(" truncated=");
  if (color_) out.append(kReset);
  bool is_first = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_truncated) continue;
    if (!is_first) out.push_back(',');
    is_first = false;
    out.append(statement.names[i]);
  }
}

}  // namespace lmlog::decoder
