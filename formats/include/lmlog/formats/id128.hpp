// SPDX-License-Identifier: Apache-2.0
// 128-bit random ids of sessions, rings and segments, and their 32-digit hexadecimal form.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lmlog::formats {

struct Id128 {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const Id128&, const Id128&) = default;

  /// 32 lower-case digits, first byte first.
  [[nodiscard]] std::string hex() const {
    constexpr char digits[] = "0123456789abcdef";
    std::string out(32, '0');
    for (std::size_t i = 0; i < 16; ++i) {
      out[2 * i] = digits[bytes[i] >> 4];
      out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return out;
  }

  /// Accepts exactly 32 lower-case hexadecimal digits.
  [[nodiscard]] static std::optional<Id128> parse(std::string_view text) {
    if (text.size() != 32) return std::nullopt;
    Id128 id;
    for (std::size_t i = 0; i < 32; ++i) {
      const char c = text[i];
      int digit = -1;
      if (c >= '0' && c <= '9') digit = c - '0';
      if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
      if (digit < 0) return std::nullopt;
      id.bytes[i / 2] = static_cast<std::uint8_t>(id.bytes[i / 2] << 4 | digit);
    }
    return id;
  }
};

static_assert(sizeof(Id128) == 16);

}  // namespace lmlog::formats

template <> struct std::hash<lmlog::formats::Id128> {
  std::size_t operator()(const lmlog::formats::Id128& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.bytes.data(), sizeof(halves));
    return halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15ULL);  // the ids are random: mixing the halves is enough
  }
};
