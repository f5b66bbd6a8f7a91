// SPDX-License-Identifier: Apache-2.0
// Single values as libfmt prints them: numbers, chars, pointers and strings, with and without a format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "lmlog/formats/registry.hpp"

namespace lmlog::decoder {

/// Appends an integer of any width. Inline, as most values are some.
inline void append_integer(std::string& out, formats::ArgType type, std::uint64_t bits) {
  if (formats::is_signed_integer(type)) {
    const fmt::format_int digits(static_cast<std::int64_t>(bits));
    out.append(digits.data(), digits.size());
  } else {
    const fmt::format_int digits(bits);
    out.append(digits.data(), digits.size());
  }
}

/// Appends a value of a fixed type as `{}` does. `bits` as in Value.
void append_scalar(std::string& out, formats::ArgType type, std::uint64_t bits);

/// Appends it with a format of the form "{:spec}". Throws fmt::format_error when libfmt refuses that.
void append_scalar_formatted(std::string& out, formats::ArgType type, std::uint64_t bits, const std::string& format);
void append_text_formatted(std::string& out, std::string_view text, const std::string& format);

/// Appends text in quotes, with escapes, as libfmt prints strings in ranges.
void append_quoted(std::string& out, std::string_view text);

}  // namespace lmlog::decoder
