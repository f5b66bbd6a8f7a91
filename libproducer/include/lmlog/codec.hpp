// SPDX-License-Identifier: Apache-2.0
// Which kind of argument a C++ type is, and what all kinds have in common: how large a value is, how it is written, and
// how its type is described. The kinds themselves are in codec_plain.hpp, codec_parts.hpp and codec_range.hpp.
//
// A plain kind has a wire value, a scalar or a text: Codec<T>::wire(value). The others are written part by part:
// Codec<T>::size(value), Codec<T>::write(writer, value). Nothing allocates.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <variant>

#include <lmlog/bounded_writer.hpp>
#include <lmlog/formats/record.hpp>
#include <lmlog/scalar.hpp>
#include <lmlog/type_description.hpp>

namespace lmlog::detail {

enum class Kind : unsigned char {
  unsupported,
  scalar,  // and text
  secret,
  hashed,
  duration,
  time_point,
  path,
  error_code,
  monostate,
  optional,
  variant,
  range,
  tuple,
  structure,
};

/// Whether a type can be logged.
enum class TypeVerdict : unsigned char {
  good,
  unsupported,
  other_clock,     // a point in time of a clock that is not the system's
  empty_elements,  // a container of elements without bytes
  too_complex,
};

struct Redacted;
struct Hashed;

template <class T> inline constexpr bool kIsDuration = false;
template <class Rep, class Period> inline constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = true;
template <class T> inline constexpr bool kIsTimePoint = false;
template <class Clock, class Duration>
inline constexpr bool kIsTimePoint<std::chrono::time_point<Clock, Duration>> = true;
template <class T> inline constexpr bool kIsOptional = false;
template <class T> inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T> inline constexpr bool kIsVariant = false;
template <class... Ts> inline constexpr bool kIsVariant<std::variant<Ts...>> = true;

/// std::filesystem::path, by what it can do: its header is a large one.
template <class T>
concept PathLike = std::is_class_v<T> && requires(const T& path) {
  { path.native() } -> std::same_as<const std::string&>;
  path.lexically_normal();
};

/// LMLOG_ADAPT(T, …) was said of T itself, not of a base class.
template <class T>
concept AdaptedType = std::is_class_v<T> && requires(const T* value) {
  requires std::is_same_v<typename decltype(lmlog_adapted(value))::Type, T>;
};

namespace range_access {
using std::begin;
using std::end;
using std::size;
template <class T> [[nodiscard]] auto begin_of(const T& range) -> decltype(begin(range)) { return begin(range); }
template <class T> [[nodiscard]] auto end_of(const T& range) -> decltype(end(range)) { return end(range); }
template <class T> [[nodiscard]] auto size_of(const T& range) -> decltype(size(range)) { return size(range); }
}  // namespace range_access

template <class T>
using RangeElement = std::remove_cvref_t<decltype(*range_access::begin_of(std::declval<const T&>()))>;

/// What can be walked through as a constant, and is not made of itself, as a path is.
template <class T>
concept RangeLike = requires(const T& range) {
  static_cast<bool>(range_access::begin_of(range) != range_access::end_of(range));
  requires !std::is_same_v<RangeElement<T>, T>;
};

template <class T>
concept TupleLike = std::is_class_v<T> && requires {
  std::tuple_size<T>::value;
};

/// The kind of a type without reference and cv. The order matters: many types are several of these.
template <class T> [[nodiscard]] consteval Kind kind_of() noexcept {
  if constexpr (AdaptedType<T>)
    return Kind::structure;
  else if constexpr (wire_type<T>() != ArgType{})
    return Kind::scalar;
  else if constexpr (std::is_same_v<T, Redacted>)
    return Kind::secret;
  else if constexpr (std::is_same_v<T, Hashed>)
    return Kind::hashed;
  else if constexpr (kIsDuration<T>)
    return Kind::duration;
  else if constexpr (kIsTimePoint<T>)
    return Kind::time_point;
  else if constexpr (PathLike<T>)
    return Kind::path;
  else if constexpr (std::is_same_v<T, std::error_code>)
    return Kind::error_code;
  else if constexpr (std::is_same_v<T, std::monostate>)
    return Kind::monostate;
  else if constexpr (kIsOptional<T>)
    return Kind::optional;
  else if constexpr (kIsVariant<T>)
    return Kind::variant;
  else if constexpr (RangeLike<T>)
    return Kind::range;
  else if constexpr (TupleLike<T>)
    return Kind::tuple;
  else
    return Kind::unsupported;
}

inline constexpr std::size_t kVaries = ~std::size_t{0};

template <class T, Kind = kind_of<T>()> struct Codec {
  static constexpr TypeVerdict kVerdict = TypeVerdict::unsupported;
  static constexpr std::size_t kBytes = 1;
  static constexpr std::size_t kDepth = 1;
  static constexpr void describe(DescriptionWriter& /*out*/) noexcept {}
};

template <class T>
concept PlainCodec = requires(const T& value) {
  Codec<T>::wire(value);
};

/// What the codecs of several parts need to know of all their parts.
template <class... Ts> struct Parts {
  static constexpr TypeVerdict kVerdict = [] {
    TypeVerdict verdict = sizeof...(Ts) > kMaxDescriptionParts ? TypeVerdict::too_complex : TypeVerdict::good;
    ((verdict = verdict == TypeVerdict::good ? Codec<Ts>::kVerdict : verdict), ...);
    return verdict;
  }();
  static constexpr std::size_t kDepth = std::max({std::size_t{0}, Codec<Ts>::kDepth...}) + 1;
  /// Bytes of all of them one behind the other.
  static constexpr std::size_t kBytes =
      ((Codec<Ts>::kBytes == kVaries) || ...) ? kVaries : (std::size_t{0} + ... + Codec<Ts>::kBytes);
};

/// More than any record takes of one value: measuring ends there, however long a container is.
inline constexpr std::uint64_t kMeasuredBytes = formats::kMaxRecordBytes;

template <class T> [[nodiscard]] std::uint64_t encoded_size(const T& value) noexcept {
  if constexpr (Codec<T>::kBytes != kVaries)
    return Codec<T>::kBytes;
  else if constexpr (PlainCodec<T>)
    return sizeof(std::uint32_t) + Codec<T>::wire(value).size();
  else
    return Codec<T>::size(value);
}

template <class T> void encode(BoundedWriter& out, const T& value) noexcept {
  if constexpr (!PlainCodec<T>)
    Codec<T>::write(out, value);
  else if constexpr (Codec<T>::kBytes == kVaries)
    out.text(Codec<T>::wire(value));
  else
    out.number(Codec<T>::wire(value));
}

}  // namespace lmlog::detail
