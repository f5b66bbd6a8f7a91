// SPDX-License-Identifier: Apache-2.0
// Makes text from logs safe: inside JSON strings, and on a terminal, where no control sequence may get through.
// Bytes that are not UTF-8 become U+FFFD in both.
#pragma once

#include <string>
#include <string_view>

namespace lmlog::decoder {

/// Appends `text` as the inside of a JSON string (no quotes around it). Besides what JSON demands, DEL and the C1
/// controls are escaped: JSON is looked at on terminals, too.
void append_json_text(std::string& out, std::string_view text);

/// Appends `text` as a whole JSON string, with its quotes.
inline void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  append_json_text(out, text);
  out.push_back('"');
}

[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// Appends `text` on one line: controls, DEL, C1 controls, line separators and the marks that reorder text
/// become escapes such as \n, \x1b and \u202e.
void append_terminal_text(std::string& out, std::string_view text);

/// True when `text` can stand in JSON and on a terminal as it is: printable ASCII without quote and backslash.
[[nodiscard]] bool is_plain(std::string_view text) noexcept;

}  // namespace lmlog::decoder
