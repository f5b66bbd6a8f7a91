// SPDX-License-Identifier: Apache-2.0
// Strings from shared memory as JSON strings: valid UTF-8 whatever the bytes, and no control character gets through,
// so that the same text is safe on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lmlog::formats {

/// Length of the valid UTF-8 sequence at the start of `text`, or 0. Overlong forms, surrogates and values past
/// U+10FFFF are invalid, as Unicode 15 table 3-7 lists them.
[[nodiscard]] constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0u; };
  const auto follows = [&byte](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (text.empty()) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// `text` between the quotes of a JSON string; bytes that are not UTF-8 become U+FFFD, one for each byte.
[[nodiscard]] inline std::string json_escaped(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto c = static_cast<std::uint8_t>(text.front());
    // C1 control characters (U+0080 to U+009F) also steer terminals.
    const bool c1 = length == 2 && c == 0xC2 && static_cast<std::uint8_t>(text[1]) < 0xA0;
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else if (c < 0x20 || c == 0x7F || c1) {
      const std::uint8_t code = c1 ? static_cast<std::uint8_t>(text[1]) : c;
      out += {'\\', 'u', '0', '0', digits[code >> 4], digits[code & 15]};
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace lmlog::formats
