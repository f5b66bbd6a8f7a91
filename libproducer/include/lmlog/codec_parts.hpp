// SPDX-License-Identifier: Apache-2.0
// The kinds of arguments with a known number of parts: error codes, optional values, variants, pairs and tuples, own
// structures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <lmlog/adapt.hpp>
#include <lmlog/codec.hpp>
#include <lmlog/type_description.hpp>

namespace lmlog::detail {

template <class T> struct Codec<T, Kind::error_code> {
  static constexpr TypeVerdict kVerdict = TypeVerdict::good;
  static constexpr std::size_t kBytes = kVaries;
  static constexpr std::size_t kDepth = 1;
  static constexpr void describe(DescriptionWriter& out) noexcept { out.text("E"); }
  [[nodiscard]] static std::uint64_t size(const T& value) noexcept {
    return sizeof(std::int32_t) + sizeof(std::uint32_t) + std::string_view(value.category().name()).size();
  }
  static void write(BoundedWriter& out, const T& value) noexcept {
    out.number(static_cast<std::int32_t>(value.value()));
    out.text(value.category().name());
  }
};

template <class T> struct Codec<T, Kind::monostate> {
  static constexpr TypeVerdict kVerdict = TypeVerdict::good;
  static constexpr std::size_t kBytes = 0;
  static constexpr std::size_t kDepth = 1;
  static constexpr void describe(DescriptionWriter& out) noexcept { out.text("."); }
  static void write(BoundedWriter& /*out*/, const T& /*value*/) noexcept {}
};

template <class T> struct Codec<std::optional<T>, Kind::optional> {
  using Value = std::remove_cv_t<T>;
  static constexpr TypeVerdict kVerdict = Codec<Value>::kVerdict;
  static constexpr std::size_t kBytes = kVaries;
  static constexpr std::size_t kDepth = Codec<Value>::kDepth + 1;
  static constexpr void describe(DescriptionWriter& out) noexcept {
    out.text("?");
    Codec<Value>::describe(out);
  }
  [[nodiscard]] static std::uint64_t size(const std::optional<T>& value) noexcept {
    return 1 + (value ? encoded_size<Value>(*value) : 0);
  }
  static void write(BoundedWriter& out, const std::optional<T>& value) noexcept {
    out.number(static_cast<std::uint8_t>(value ? 1 : 0));
    if (value) encode<Value>(out, *value);
  }
};

template <class... Ts> struct Codec<std::variant<Ts...>, Kind::variant> {
  using Value = std::variant<Ts...>;
  static constexpr TypeVerdict kVerdict = Parts<std::remove_cv_t<Ts>...>::kVerdict;
  static constexpr std::size_t kBytes = kVaries;
  static constexpr std::size_t kDepth = Parts<std::remove_cv_t<Ts>...>::kDepth;
  static constexpr std::uint8_t kNoValue = 255;

  static constexpr void describe(DescriptionWriter& out) noexcept {
    out.text("<");
    (Codec<std::remove_cv_t<Ts>>::describe(out), ...);
    out.text(">");
  }
  [[nodiscard]] static std::uint64_t size(const Value& value) noexcept {
    std::uint64_t bytes = 1;
    with_alternative(value, [&bytes](const auto& part) { bytes += encoded_size(part); });
    return bytes;
  }
  static void write(BoundedWriter& out, const Value& value) noexcept {
    const std::size_t index = value.index();
    out.number(index < sizeof...(Ts) ? static_cast<std::uint8_t>(index) : kNoValue);
    with_alternative(value, [&out](const auto& part) { encode(out, part); });
  }

 private:
  /// As std::visit, but a variant without a value is none of its alternatives, and nothing is thrown.
  template <class Visitor> static void with_alternative(const Value& value, Visitor visitor) noexcept {
    [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      (void)((value.index() == kIndex ? (visitor(*std::get_if<kIndex>(&value)), true) : false) || ...);
    }
    (std::index_sequence_for<Ts...>{});
  }
};

/// Parts that are written one behind the other: `part<I>(value)` of each of Codec's.
template <class T, class Access, class... Ts> struct Sequential {
  static constexpr TypeVerdict kVerdict = Parts<Ts...>::kVerdict;
  static constexpr std::size_t kBytes = Parts<Ts...>::kBytes;
  static constexpr std::size_t kDepth = Parts<Ts...>::kDepth;
  [[nodiscard]] static std::uint64_t size(const T& value) noexcept {
    return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      return (std::uint64_t{0} + ... + encoded_size<Ts>(Access::template part<kIndex>(value)));
    }
    (std::index_sequence_for<Ts...>{});
  }
  static void write(BoundedWriter& out, const T& value) noexcept {
    [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      (encode<Ts>(out, Access::template part<kIndex>(value)), ...);
    }
    (std::index_sequence_for<Ts...>{});
  }
};

struct TupleAccess {
  template <std::size_t kIndex, class T> [[nodiscard]] static decltype(auto) part(const T& value) noexcept {
    using std::get;
    return get<kIndex>(value);
  }
};

template <class T, class Indexes> struct TupleParts;
template <class T, std::size_t... kIndex> struct TupleParts<T, std::index_sequence<kIndex...>> {
  using Codecs = Sequential<T, TupleAccess, std::remove_cvref_t<std::tuple_element_t<kIndex, T>>...>;
  static constexpr void describe(DescriptionWriter& out) noexcept {
    out.text("(");
    (Codec<std::remove_cvref_t<std::tuple_element_t<kIndex, T>>>::describe(out), ...);
    out.text(")");
  }
};

template <class T>
struct Codec<T, Kind::tuple> : TupleParts<T, std::make_index_sequence<std::tuple_size_v<T>>>::Codecs {
  static constexpr void describe(DescriptionWriter& out) noexcept {
    TupleParts<T, std::make_index_sequence<std::tuple_size_v<T>>>::describe(out);
  }
};

template <class T, class Of> struct StructureParts;
template <class T, Name kName, class... Members> struct StructureParts<T, Adapted<kName, T, Members...>> {
  struct Access {
    template <std::size_t kIndex> [[nodiscard]] static decltype(auto) part(const T& value) noexcept {
      return std::tuple_element_t<kIndex, std::tuple<Members...>>::of(value);
    }
  };
  using Codecs = Sequential<T, Access, typename Members::template Value<T>...>;
  static constexpr void describe(DescriptionWriter& out) noexcept {
    out.text("@");
    out.text(kName.view());
    out.text("{");
    (describe_member<Members>(out), ...);
    out.text("}");
  }
  template <class Member> static constexpr void describe_member(DescriptionWriter& out) noexcept {
    out.text(Member::name());
    out.text("=");
    Codec<typename Member::template Value<T>>::describe(out);
    out.text(";");
  }
};

template <class T>
struct Codec<T, Kind::structure> : StructureParts<T, decltype(lmlog_adapted(static_cast<const T*>(nullptr)))>::Codecs {
  static constexpr void describe(DescriptionWriter& out) noexcept {
    StructureParts<T, decltype(lmlog_adapted(static_cast<const T*>(nullptr)))>::describe(out);
  }
};

}  // namespace lmlog::detail
