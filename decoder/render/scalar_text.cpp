// SPDX-License-Identifier: Apache-2.0
// Integers and floats without a format go by libfmt's fast entry points.
#include "decoder/render/scalar_text.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <bit>
#include <iterator>

namespace lmlog::decoder {

using formats::ArgType;

namespace {

template <class T> void format_as(std::string& out, const std::string& format, const T& value) {
  fmt::vformat_to(std::back_inserter(out), fmt::string_view(format), fmt::make_format_args(value));
}

}  // namespace

void append_scalar(std::string& out, ArgType type, std::uint64_t bits) {
  switch (type) {
    case ArgType::boolean:
      out.append(bits != 0 ? "true" : "false");
      return;
    case ArgType::character:
      out.push_back(static_cast<char>(bits));
      return;
    case ArgType::f32:
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"),
                     std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      return;
    case ArgType::f64:
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), std::bit_cast<double>(bits));
      return;
    case ArgType::pointer: {
      char text[18] = {'0', 'x'};
      char* const end = fmt::format_to(text + 2, "{:x}", bits);
      out.append(text, static_cast<std::size_t>(end - text));
      return;
    }
    default:
      return append_integer(out, type, bits);
  }
}

void append_scalar_formatted(std::string& out, ArgType type, std::uint64_t bits, const std::string& format) {
  switch (type) {
    case ArgType::boolean:
      return format_as(out, format, bits != 0);
    case ArgType::character:
      return format_as(out, format, static_cast<char>(bits));
    case ArgType::i8:
      return format_as(out, format, static_cast<std::int8_t>(bits));
    case ArgType::u8:
      return format_as(out, format, static_cast<std::uint8_t>(bits));
    case ArgType::i16:
      return format_as(out, format, static_cast<std::int16_t>(bits));
    case ArgType::u16:
      return format_as(out, format, static_cast<std::uint16_t>(bits));
    case ArgType::i32:
      return format_as(out, format, static_cast<std::int32_t>(bits));
    case ArgType::u32:
      return format_as(out, format, static_cast<std::uint32_t>(bits));
    case ArgType::i64:
      return format_as(out, format, static_cast<std::int64_t>(bits));
    case ArgType::f32:
      return format_as(out, format, std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case ArgType::f64:
      return format_as(out, format, std::bit_cast<double>(bits));
    case ArgType::pointer:
      return format_as(out, format, reinterpret_cast<const void*>(static_cast<std::uintptr_t>(bits)));
    default:
      return format_as(out, format, bits);
  }
}

void append_text_formatted(std::string& out, std::string_view text, const std::string& format) {
  format_as(out, format, fmt::string_view(text.data(), text.size()));
}

void append_quoted(std::string& out, std::string_view text) {
  static const std::string kDebug = "{:?}";
  append_text_formatted(out, text, kDebug);
}

}  // namespace lmlog::decoder
