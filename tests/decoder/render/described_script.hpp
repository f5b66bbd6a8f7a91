// SPDX-License-Identifier: Apache-2.0
// Writes C++ values as described arguments, from the table of registry.md: a second writer, for tests of readers.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/registry.hpp"

namespace lmlog::decoder::script {

using formats::ByteWriter;

/// `type()` is the description, `put` writes the bytes.
template <class T> struct Wire {
  static_assert(std::is_arithmetic_v<T> || std::is_same_v<T, const void*>);
  static std::string type() {
    if constexpr (std::is_same_v<T, bool>) return "b";
    if constexpr (std::is_same_v<T, char>) return "c";
    if constexpr (std::is_same_v<T, const void*>) return "p";
    return (std::is_floating_point_v<T> ? "f" : std::is_signed_v<T> ? "i" : "u") + std::to_string(sizeof(T));
  }
  static void put(ByteWriter& out, T value) { out.put(value); }
};

inline void put_text(ByteWriter& out, std::string_view value) {
  out.put(static_cast<std::uint32_t>(value.size()));
  out.text(value);
}

template <> struct Wire<std::string> {
  static std::string type() { return "s"; }
  static void put(ByteWriter& out, std::string_view value) { put_text(out, value); }
};

template <> struct Wire<std::filesystem::path> {
  static std::string type() { return "P"; }
  static void put(ByteWriter& out, const std::filesystem::path& value) { put_text(out, value.native()); }
};

template <class Rep, class Period> struct Wire<std::chrono::duration<Rep, Period>> {
  using Count = std::conditional_t<std::is_floating_point_v<Rep>, double, std::int64_t>;
  static std::string type() {
    return "d" + std::to_string(Period::num) + "/" + std::to_string(Period::den) + ":" + Wire<Count>::type();
  }
  static void put(ByteWriter& out, std::chrono::duration<Rep, Period> value) {
    out.put(static_cast<Count>(value.count()));
  }
};

template <class Duration> struct Wire<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  static std::string type() { return "t" + Wire<Duration>::type().substr(1); }
  static void put(ByteWriter& out, std::chrono::time_point<std::chrono::system_clock, Duration> value) {
    Wire<Duration>::put(out, value.time_since_epoch());
  }
};

template <> struct Wire<std::error_code> {
  static std::string type() { return "E"; }
  static void put(ByteWriter& out, const std::error_code& value) {
    out.put(static_cast<std::int32_t>(value.value()));
    put_text(out, value.category().name());
  }
};

template <> struct Wire<std::monostate> {
  static std::string type() { return "."; }
  static void put(ByteWriter&, std::monostate) {}
};

template <class T> struct Wire<std::optional<T>> {
  static std::string type() { return "?" + Wire<T>::type(); }
  static void put(ByteWriter& out, const std::optional<T>& value) {
    out.put(static_cast<std::uint8_t>(value ? 1 : 0));
    if (value) Wire<T>::put(out, *value);
  }
};

template <class Range, class T> void put_range(ByteWriter& out, const Range& range) {
  out.put(static_cast<std::uint32_t>(range.size()));
  for (const T& value : range) Wire<T>::put(out, value);
}

template <class T> struct Wire<std::vector<T>> {
  static std::string type() { return "[" + Wire<T>::type() + "]"; }
  static void put(ByteWriter& out, const std::vector<T>& value) { put_range<std::vector<T>, T>(out, value); }
};

template <class T, std::size_t kSize> struct Wire<std::array<T, kSize>> {
  static std::string type() { return "[" + Wire<T>::type() + "]"; }
  static void put(ByteWriter& out, const std::array<T, kSize>& value) {
    put_range<std::array<T, kSize>, T>(out, value);
  }
};

template <class T> struct Wire<std::set<T>> {
  static std::string type() { return "{" + Wire<T>::type() + "}"; }
  static void put(ByteWriter& out, const std::set<T>& value) { put_range<std::set<T>, T>(out, value); }
};

template <class K, class V> struct Wire<std::map<K, V>> {
  static std::string type() { return "{" + Wire<K>::type() + ":" + Wire<V>::type() + "}"; }
  static void put(ByteWriter& out, const std::map<K, V>& value) {
    out.put(static_cast<std::uint32_t>(value.size()));
    for (const auto& [k, v] : value) {
      Wire<K>::put(out, k);
      Wire<V>::put(out, v);
    }
  }
};

template <class K, class V> struct Wire<std::multimap<K, V>> {
  static std::string type() { return "{" + Wire<K>::type() + "*" + Wire<V>::type() + "}"; }
  static void put(ByteWriter& out, const std::multimap<K, V>& value) {
    out.put(static_cast<std::uint32_t>(value.size()));
    for (const auto& [k, v] : value) {
      Wire<K>::put(out, k);
      Wire<V>::put(out, v);
    }
  }
};

template <class... T> struct Wire<std::tuple<T...>> {
  static std::string type() { return "(" + (std::string() + ... + Wire<T>::type()) + ")"; }
  static void put(ByteWriter& out, const std::tuple<T...>& value) {
    std::apply([&](const T&... parts) { (Wire<T>::put(out, parts), ...); }, value);
  }
};

template <class A, class B> struct Wire<std::pair<A, B>> : Wire<std::tuple<A, B>> {};

template <class... T> struct Wire<std::variant<T...>> {
  static std::string type() { return "<" + (std::string() + ... + Wire<T>::type()) + ">"; }
  static void put(ByteWriter& out, const std::variant<T...>& value) {
    out.put(static_cast<std::uint8_t>(value.index()));
    std::visit([&out](const auto& part) { Wire<std::decay_t<decltype(part)>>::put(out, part); }, value);
  }
};

/// The bytes of a value as a part.
template <class T> std::string payload(const T& value) {
  ByteWriter out;
  Wire<T>::put(out, value);
  return std::string(out.str_ref());
}

}  // namespace lmlog::decoder::script
