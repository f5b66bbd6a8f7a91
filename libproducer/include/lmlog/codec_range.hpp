// SPDX-License-Identifier: Apache-2.0
// The kind of arguments with any number of parts: everything that has a begin and an end. A set has a key_type, a map
// also a mapped_type, as libfmt decides it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <type_traits>

#include <lmlog/codec.hpp>
#include <lmlog/type_description.hpp>

namespace lmlog::detail {

template <class T>
concept MapLike = requires {
  typename T::mapped_type;
};
template <class T>
concept SetLike = requires {
  typename T::key_type;
}
&&!MapLike<T>;

/// Maps that may hold a key twice have nothing that gives the value of a key.
template <class T>
concept UniqueKeys = requires(const T& map, const typename T::key_type& key) {
  map.at(key);
};

/// Elements that lie in memory one behind the other, just as they are encoded.
template <class T, class Element>
concept EncodedInMemory = Codec<Element>::kBytes == sizeof(Element) &&
                          PlainCodec<Element>&& std::is_scalar_v<Element>&& requires(const T& range) {
  { range_access::size_of(range) } -> std::convertible_to<std::size_t>;
  { std::data(range) } -> std::same_as<const Element*>;
};

template <class T> struct Codec<T, Kind::range> {
  using Element = RangeElement<T>;
  static constexpr TypeVerdict kVerdict = Codec<Element>::kVerdict != TypeVerdict::good ? Codec<Element>::kVerdict
                                          : Codec<Element>::kBytes == 0                 ? TypeVerdict::empty_elements
                                                                                        : TypeVerdict::good;
  static constexpr std::size_t kBytes = kVaries;
  static constexpr std::size_t kDepth = Codec<Element>::kDepth + 1;

  static constexpr void describe(DescriptionWriter& out) noexcept {
    if constexpr (MapLike<T>) {
      out.text("{");
      Codec<std::remove_cvref_t<decltype(std::declval<const Element&>().first)>>::describe(out);
      out.text(UniqueKeys<T> ? ":" : "*");
      Codec<std::remove_cvref_t<decltype(std::declval<const Element&>().second)>>::describe(out);
      out.text("}");
    } else {
      out.text(SetLike<T> ? "{" : "[");
      Codec<Element>::describe(out);
      out.text(SetLike<T> ? "}" : "]");
    }
  }

  [[nodiscard]] static std::uint64_t size(const T& value) noexcept {
    std::uint64_t bytes = sizeof(std::uint32_t);
    if constexpr (Codec<Element>::kBytes != kVaries) {
      bytes += count(value) * Codec<Element>::kBytes;
    } else {
      const auto end = range_access::end_of(value);
      for (auto at = range_access::begin_of(value); at != end && bytes <= kMeasuredBytes; ++at)
        bytes += encoded_size<Element>(*at);
    }
    return bytes;
  }

  static void write(BoundedWriter& out, const T& value) noexcept {
    const std::uint64_t parts = count(value);
    out.count(parts);
    if constexpr (EncodedInMemory<T, Element>) {
      out.bytes(std::data(value), static_cast<std::size_t>(parts) * sizeof(Element));
    } else {
      const auto end = range_access::end_of(value);
      for (auto at = range_access::begin_of(value); at != end && !out.full(); ++at) encode<Element>(out, *at);
    }
  }

 private:
  [[nodiscard]] static std::uint64_t count(const T& value) noexcept {
    if constexpr (requires { range_access::size_of(value); })
      return static_cast<std::uint64_t>(range_access::size_of(value));
    else
      return static_cast<std::uint64_t>(std::distance(range_access::begin_of(value), range_access::end_of(value)));
  }
};

}  // namespace lmlog::detail
