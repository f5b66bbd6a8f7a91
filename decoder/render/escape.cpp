// SPDX-License-Identifier: Apache-2.0
// Escaping: eight plain bytes are found and copied at a time, everything else goes character by character.
#include "decoder/render/escape.hpp"

#include <cstdint>
#include <cstring>

namespace lmlog::decoder {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

constexpr std::uint64_t repeated(std::uint8_t byte) { return 0x0101010101010101ULL * byte; }

/// High bit of some byte set when the eight bytes hold a control, DEL, a byte above ASCII, a quote or a backslash.
std::uint64_t has_special(std::uint64_t word) {
  const auto has_zero = [](std::uint64_t x) { return (x - repeated(0x01)) & ~x & repeated(0x80); };
  return (word & repeated(0x80)) | ((word - repeated(0x20)) & ~word & repeated(0x80)) | has_zero(word ^ repeated('"')) |
         has_zero(word ^ repeated('\\')) | has_zero(word ^ repeated(0x7F));
}

bool is_special(unsigned char c) { return c < 0x20 || c >= 0x7F || c == '"' || c == '\\'; }

/// Length of the run of bytes at the start of `text` that need no care.
std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if (has_special(word) != 0) break;
  }
  while (i < text.size() && !is_special(static_cast<unsigned char>(text[i]))) ++i;
  return i;
}

struct Decoded {
  std::uint32_t character = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

/// One character by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const std::uint32_t first = at(0);
  if (first < 0x80) return {first, 1};
  if (first >= 0xC2 && first <= 0xDF && follows(1)) return {(first & 0x1F) << 6 | (at(1) & 0x3F), 2};
  if ((first & 0xF0) == 0xE0 && follows(1) && follows(2)) {
    const std::uint32_t c = (first & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F);
    if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) return {c, 3};
  }
  if (first >= 0xF0 && first <= 0xF4 && follows(1) && follows(2) && follows(3)) {
    const std::uint32_t c = (first & 0x07) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F);
    if (c >= 0x10000 && c <= 0x10FFFF) return {c, 4};
  }
  return {};
}

void append_u16_escape(std::string& out, std::uint32_t c) {
  const char escape[] = {'\\', 'u', kHex[c >> 12 & 15], kHex[c >> 8 & 15], kHex[c >> 4 & 15], kHex[c & 15]};
  out.append(escape, sizeof(escape));
}

/// The letter of a short escape that JSON and people share, or 0.
char short_escape(std::uint32_t c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    default:
      return 0;
  }
}

/// Marks that make a terminal show text in another order than it is written, and the two separators that break lines.
bool reorders(std::uint32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C ||
         c == 0x2028 || c == 0x2029;
}

void append_json_character(std::string& out, std::uint32_t c, std::string_view as_written) {
  if (c == '"' || c == '\\') {
    out.push_back('\\');
    out.push_back(static_cast<char>(c));
  } else if (const char letter = short_escape(c); letter != 0) {
    out.push_back('\\');
    out.push_back(letter);
  } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
    append_u16_escape(out, c);
  } else {
    out.append(as_written);
  }
}

void append_terminal_character(std::string& out, std::uint32_t c, std::string_view as_written) {
  if (const char letter = short_escape(c); letter != 0) {
    out.push_back('\\');
    out.push_back(letter);
  } else if (c < 0x20 || c == 0x7F) {
    const char escape[] = {'\\', 'x', kHex[c >> 4], kHex[c & 15]};
    out.append(escape, sizeof(escape));
  } else if ((c >= 0x80 && c < 0xA0) || reorders(c)) {
    append_u16_escape(out, c);
  } else {
    out.append(as_written);
  }
}

template <class AppendCharacter>
void append_escaped(std::string& out, std::string_view text, AppendCharacter append_character) {
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const Decoded next = decode(text);
    if (next.bytes == 0) {
      out.append(kReplacement);
      text.remove_prefix(1);
    } else {
      append_character(out, next.character, text.substr(0, next.bytes));
      text.remove_prefix(next.bytes);
    }
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) { append_escaped(out, text, append_json_character); }

void append_terminal_text(std::string& out, std::string_view text) {
  append_escaped(out, text, append_terminal_character);
}

bool is_plain(std::string_view text) noexcept { return plain_prefix(text) == text.size(); }

}  // namespace lmlog::decoder
