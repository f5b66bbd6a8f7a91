// SPDX-License-Identifier: Apache-2.0
// Which C++ types a log call takes, and what each becomes in a record: wire type, description and wire value.
// Implements "Arguments" of formats/spec/registry.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <lmlog/bounded_writer.hpp>
#include <lmlog/codec.hpp>
#include <lmlog/codec_parts.hpp>
#include <lmlog/codec_plain.hpp>
#include <lmlog/codec_range.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/literals.hpp>
#include <lmlog/thread_line.hpp>
#include <lmlog/type_description.hpp>

namespace lmlog::detail {

/// A value of several parts on its way into a record: it is encoded where the record is written.
template <class T> struct StructuredValue {
  const T* value;
  std::uint64_t bytes;  // of its encoding, before it is cut
  [[nodiscard]] std::uint64_t size() const noexcept { return bytes; }
};

template <class T> inline constexpr bool kIsStructured = false;
template <class T> inline constexpr bool kIsStructured<StructuredValue<T>> = true;

/// What takes a place of its own in the variable part of a record.
template <class T> inline constexpr bool kIsVariable = std::is_same_v<T, std::string_view> || kIsStructured<T>;

/// Writes the first `bytes` of a value. Code of the service may run meanwhile (iterators, member functions), and may
/// log: the line has no room for that, or it would write over this record.
template <class T>
[[gnu::noinline, gnu::visibility("hidden")]] void write_structured(std::byte* at, std::size_t bytes,
                                                                   const T& value) noexcept {
  ThreadLine& line = *this_line;
  const std::uint64_t position = line.position;
  line.position = kBusyPosition;
  BoundedWriter out(at, bytes);
  encode(out, value);
  out.finish();
  line.position = position;
}

/// Writes the first `bytes` of a wire value. That of an empty view may be null: no byte of it is read.
__attribute__((always_inline, no_sanitize("nonnull-attribute"))) inline void write_variable_bytes(
    std::byte* at, std::size_t bytes, std::string_view value) noexcept {
  std::memcpy(at, value.data(), bytes);
}
template <class T>
[[gnu::always_inline]] inline void write_variable_bytes(std::byte* at, std::size_t bytes,
                                                        const StructuredValue<T>& value) noexcept {
  write_structured(at, bytes, *value.value);
}

/// One argument of a log call as the catalog knows it; `name` is empty without a name of its own.
struct ArgumentShape {
  ArgType type{};
  bool is_field = false;  // "name"_k = value: not shown by the message
  std::string_view name{};
  std::string_view description{};  // empty where the type says all
  TypeVerdict verdict = TypeVerdict::good;
};

[[nodiscard]] constexpr std::uint8_t argument_flags(const ArgumentShape& shape) noexcept {
  return static_cast<std::uint8_t>((shape.is_field ? 0 : formats::kArgInMessage) |
                                   (shape.name.empty() ? 0 : formats::kArgNamed) |
                                   (shape.description.empty() ? 0 : formats::kArgDescribed));
}

template <class T> struct ArgumentTraits {
  using Value = std::remove_volatile_t<T>;
  using ValueCodec = Codec<Value>;

  static consteval ArgumentShape shape() noexcept {
    if constexpr (ValueCodec::kVerdict != TypeVerdict::good) {
      return {{}, false, {}, {}, ValueCodec::kVerdict};
    } else if constexpr (PlainCodec<Value>) {
      if constexpr (ValueCodec::kDescribed)
        return {ValueCodec::kTag, false, {}, Description<ValueCodec>::view()};
      else
        return {ValueCodec::kTag};
    } else if constexpr (ValueCodec::kDepth > kMaxDescriptionDepth ||
                         Description<ValueCodec>::kBytes > kMaxDescription) {
      return {{}, false, {}, {}, TypeVerdict::too_complex};
    } else {
      return {ArgType::structured, false, {}, Description<ValueCodec>::view()};
    }
  }

  [[gnu::always_inline]] static auto wire(const T& value) noexcept {
    if constexpr (std::is_volatile_v<T> && std::is_scalar_v<T>) {
      const Value read_once = value;
      return ValueCodec::wire(read_once);
    } else if constexpr (PlainCodec<Value>) {
      return ValueCodec::wire(value);
    } else {
      return StructuredValue<T>{&value, encoded_size(value)};
    }
  }
};

template <Name kName, class T> struct [[gnu::visibility("hidden")]] ArgumentTraits<Field<kName, T>> {
  // A key's text as a static object: views of it outlive every call.
  static constexpr Name kStored = kName;
  static consteval ArgumentShape shape() noexcept {
    ArgumentShape shape = ArgumentTraits<T>::shape();
    shape.is_field = true;
    shape.name = kStored.view();
    return shape;
  }
  [[gnu::always_inline]] static auto wire(const Field<kName, T>& field) noexcept {
    return ArgumentTraits<T>::wire(field.value);
  }
};

}  // namespace lmlog::detail
