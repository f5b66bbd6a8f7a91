// SPDX-License-Identifier: Apache-2.0
// Values that shall not be in a log: secret() leaves "***" of one, hashed() a number that says only which are equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <lmlog/argument.hpp>
#include <lmlog/export.hpp>

namespace lmlog {

namespace detail {

/// SipHash-2-4 of these bytes under the process's key. Never throws, takes no lock.
[[nodiscard]] LMLOG_API std::uint64_t keyed_hash(std::string_view bytes) noexcept;

/// An argument that lmlog::not_secret() vouches for; it lives no longer than the log call.
template <class T> struct Vouched { const T& value; };

template <class T> struct ArgumentTraits<Vouched<T>> {
  static consteval ArgumentShape shape() noexcept { return ArgumentTraits<T>::shape(); }
  [[gnu::always_inline]] static auto wire(const Vouched<T>& argument) noexcept {
    return ArgumentTraits<T>::wire(argument.value);
  }
};

template <class T>
concept Hashable = std::is_integral_v<T> || std::is_enum_v<T> || wire_type<T>()
== ArgType::string || kind_of<T>() == Kind::path;

}  // namespace detail

/// In a log call: the record says "***" here. The value is not even read.
template <class T> [[nodiscard]] constexpr detail::Redacted secret(const T& /*value*/) noexcept { return {}; }

/// In a log call: the record has SipHash-2-4 of the value here, 64 bits under a key that is in no record, ring or
/// archive: equal values have equal hashes. Of a string (or path) its bytes are hashed; of an integer or enum its value
/// as 8 bytes, little-endian, whatever its type.
/// The key is made of LMLOG_HASH_KEY (processes, also on several hosts, that have the same one give equal hashes), else
/// it is random, the process's own and that of its forked children.
template <detail::Hashable T> [[nodiscard]] detail::Hashed hashed(const T& value) noexcept {
  if constexpr (std::is_enum_v<T>) {
    return hashed(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_integral_v<T>) {
    const auto wide = static_cast<std::uint64_t>(value);  // a signed one with its sign
    char bytes[sizeof(wide)];
    for (std::size_t i = 0; i < sizeof(wide); ++i) bytes[i] = static_cast<char>(wide >> 8 * i);
    return {detail::keyed_hash({bytes, sizeof(bytes)})};
  } else {
    return {detail::keyed_hash(detail::ArgumentTraits<T>::wire(value))};
  }
}

/// In a log call: the value as it is. Says that an argument with a name like "token" is none, so that the compiler does
/// not warn.
template <class T> [[nodiscard]] constexpr detail::Vouched<T> not_secret(const T& value) noexcept { return {value}; }

/// From now on hashed() takes a key made of this text, as of LMLOG_HASH_KEY: any text; what is hard to guess is hard to
/// undo. Thread-safe.
LMLOG_API void set_hash_key(std::string_view text) noexcept;

}  // namespace lmlog
