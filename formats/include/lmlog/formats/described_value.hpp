// SPDX-License-Identifier: Apache-2.0
// The bytes of a described argument: read part by part as its type says, also where the producer cut them off.
// Implements "Type descriptions" of formats/spec/registry.md.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/type_description.hpp"

namespace lmlog::formats {

/// Of the bytes of a truncated value, what begins at their end or ends behind it is *gone*, but for strings, which end
/// with them; so is all that follows. Bytes that do not fit their type make the reader bad.
class ValueReader {
 public:
  ValueReader(std::span<const std::byte> bytes, bool is_truncated) noexcept : in_(bytes), is_truncated_(is_truncated) {}

  [[nodiscard]] bool ok() const noexcept { return in_.ok(); }
  [[nodiscard]] std::size_t left() const noexcept { return in_.left(); }

  /// Nothing more is there of a value that was cut.
  [[nodiscard]] bool is_gone() const noexcept { return is_truncated_ && in_.left() == 0; }

  /// Nothing when it is gone, or the bytes do not fit.
  template <class T> [[nodiscard]] std::optional<T> take() noexcept {
    if (in_.left() < sizeof(T)) {
      end();
      return std::nullopt;
    }
    return in_.take<T>();
  }

  /// As registry.md keeps values: signed types sign-extended, others zero-extended, floats as bit patterns.
  [[nodiscard]] std::optional<std::uint64_t> bits(ArgType type) noexcept {
    switch (type) {
      case ArgType::boolean:
      case ArgType::character:
      case ArgType::u8:
        return extended<std::uint8_t>();
      case ArgType::i8:
        return extended<std::int8_t>();
      case ArgType::i16:
        return extended<std::int16_t>();
      case ArgType::u16:
        return extended<std::uint16_t>();
      case ArgType::i32:
        return extended<std::int32_t>();
      case ArgType::u32:
      case ArgType::f32:
        return extended<std::uint32_t>();
      default:
        return take<std::uint64_t>();
    }
  }

  [[nodiscard]] std::optional<std::string_view> string() noexcept {
    const auto length = take<std::uint32_t>();
    if (!length) return std::nullopt;
    if (*length > in_.left() && !is_truncated_) {
      end();
      return std::nullopt;
    }
    return in_.text(std::min<std::size_t>(*length, in_.left()));
  }

  /// How many parts a sequence, set or map has: more than there are bytes for only if it was cut.
  [[nodiscard]] std::optional<std::uint32_t> count(std::size_t min_bytes) noexcept {
    const auto out = take<std::uint32_t>();
    if (out && !is_truncated_ && *out > in_.left() / min_bytes) {
      end();
      return std::nullopt;
    }
    return out;
  }

  /// 0 or 1.
  [[nodiscard]] std::optional<bool> flag() noexcept {
    const auto out = take<std::uint8_t>();
    if (!out || *out > 1) {
      if (out) in_.fail();
      return std::nullopt;
    }
    return *out != 0;
  }

  /// Which of so many alternatives, or kValueless.
  [[nodiscard]] std::optional<std::uint8_t> alternative(std::size_t alternatives) noexcept {
    const auto out = take<std::uint8_t>();
    if (out && *out >= alternatives && *out != kValueless) {
      in_.fail();
      return std::nullopt;
    }
    return out;
  }

 private:
  template <class T> std::optional<std::uint64_t> extended() noexcept {
    const auto value = take<T>();
    if (!value) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
  }

  void end() noexcept {
    if (!is_truncated_) in_.fail();
    (void)in_.bytes(in_.left());
  }

  ByteReader in_;
  bool is_truncated_;
};

/// True when there is a value of this type at the reader: then, and only then, it was stepped over. False: it is gone,
/// or the reader is bad.
[[nodiscard]] inline bool skip_value(const TypeDescription& type, ValueReader& in) {
  if (in.is_gone()) return false;
  if (type.min_bytes == 0) return true;  // takes none: however many parts it has
  const auto skip_each = [&in](const TypeDescription& of) {
    for (const TypeDescription& part : of.parts)
      if (!skip_value(part, in)) break;
    return in.ok();
  };
  switch (type.kind) {
    case TypeKind::scalar:
    case TypeKind::hash:
    case TypeKind::duration:
    case TypeKind::time_point:
      return in.bits(type.scalar).has_value();
    case TypeKind::string:
    case TypeKind::path:
      return in.string().has_value();
    case TypeKind::error_code:
      return in.take<std::int32_t>() && in.string();
    case TypeKind::optional: {
      const auto has_value = in.flag();
      return has_value && (!*has_value || skip_value(type.parts[0], in));
    }
    case TypeKind::variant: {
      const auto index = in.alternative(type.parts.size());
      return index && (*index == kValueless || skip_value(type.parts[*index], in));
    }
    case TypeKind::tuple:
    case TypeKind::structure:
      return skip_each(type);
    default: {
      const auto count = in.count(type.parts[0].min_bytes);
      if (!count) return false;
      for (std::uint32_t i = 0; i < *count && in.ok() && !in.is_gone(); ++i) (void)skip_each(type);
      return in.ok();
    }
  }
}

/// True when the bytes are a value of this type, or the beginning of one, of which there is something to show.
[[nodiscard]] inline bool value_fits(const TypeDescription& type, std::span<const std::byte> bytes, bool is_truncated) {
  ValueReader in(bytes, is_truncated);
  return skip_value(type, in) && in.ok() && in.left() == 0;
}

}  // namespace lmlog::formats
