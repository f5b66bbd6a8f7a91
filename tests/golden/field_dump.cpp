// SPDX-License-Identifier: Apache-2.0
// Lines of a dump: offset, at most twelve bytes, and the field on the first of them.
#include "tests/golden/field_dump.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace lmlog::golden {
namespace {

constexpr std::size_t kRow = 12;
constexpr std::size_t kHexColumn = kRow * 3 + 1;

std::string hex_row(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char text[4];
    std::snprintf(text, sizeof(text), "%02x ", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += text;
  }
  return out;
}

}  // namespace

void FieldDump::heading(std::string_view text) { lines_ += indent_ + "# " + std::string(text) + "\n"; }

std::uint64_t FieldDump::fixed(std::size_t count, std::string_view what) {
  const std::size_t at = position_;
  const std::string_view taken = take(count);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
  const bool check = what.find("xxh3") != what.npos || what.find("magic") != what.npos;
  rows(taken, at, check ? std::string(what) : std::string(what) + ": " + std::to_string(value));
  return value;
}

std::uint64_t FieldDump::uv(std::string_view what) {
  const std::size_t at = position_;
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) break;
  }
  rows(bytes_.substr(at, position_ - at), at, std::string(what) + ": " + std::to_string(value));
  return value;
}

void FieldDump::str(std::string_view what) {
  const std::size_t at = position_;
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(take(1)[0]));
  if (length >= 0x80) std::abort();
  const std::string_view value = take(length);
  rows(bytes_.substr(at, length + 1), at, std::string(what) + ": \"" + std::string(value) + "\"");
}

std::string_view FieldDump::text(std::size_t count, std::string_view what) {
  const std::size_t at = position_;
  const std::string_view value = take(count);
  rows(value, at, std::string(what) + ": \"" + std::string(value.substr(0, value.find('\0'))) + "\"");
  return value;
}

std::string_view FieldDump::bytes(std::size_t count, std::string_view what) {
  const std::size_t at = position_;
  const std::string_view value = take(count);
  const bool zeros = std::all_of(value.begin(), value.end(), [](char c) { return c == 0; });
  if (zeros && count > kRow) {
    line(at, "00 × " + std::to_string(count), what);
  } else {
    rows(value, at, what);
  }
  return value;
}

std::string_view FieldDump::elsewhere(std::size_t count, std::string_view what) {
  const std::size_t at = position_;
  const std::string_view value = take(count);
  rows(value, at, what);
  return value;
}

std::string_view FieldDump::take(std::size_t count) {
  if (count > left()) std::abort();
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

void FieldDump::rows(std::string_view bytes, std::size_t offset, std::string_view what) {
  if (bytes.empty()) return;
  for (std::size_t i = 0; i < bytes.size(); i += kRow)
    line(offset + i, hex_row(bytes.substr(i, kRow)), i == 0 ? what : std::string_view());
}

void FieldDump::line(std::size_t offset, std::string_view hex, std::string_view what) {
  char text[16];
  std::snprintf(text, sizeof(text), "%04zx  ", offset);
  std::string out = indent_ + text + std::string(hex);
  const std::size_t wide = hex.find("×") == hex.npos ? hex.size() : hex.size() - 1;  // × has two bytes
  if (!what.empty()) out += std::string(kHexColumn > wide ? kHexColumn - wide : 1, ' ') + std::string(what);
  while (out.back() == ' ') out.pop_back();
  lines_ += out + "\n";
}

}  // namespace lmlog::golden
