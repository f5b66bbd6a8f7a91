// SPDX-License-Identifier: Apache-2.0
// The kinds of arguments that are one number or one text: numbers and strings themselves, durations, points in time,
// paths, and what stands for a value that shall not be in a record.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <lmlog/codec.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/scalar.hpp>
#include <lmlog/type_description.hpp>

namespace lmlog::detail {

/// What lmlog::secret() leaves of a value.
struct Redacted {};

/// What lmlog::hashed() makes of a value.
struct Hashed {
  std::uint64_t hash;
};

[[nodiscard]] constexpr std::string_view scalar_description(ArgType type) noexcept {
  constexpr std::string_view names[] = {"",   "b",  "c",  "i1", "u1", "i2", "u2", "i4",
                                        "u4", "i8", "u8", "f4", "f8", "p",  "s"};
  return names[static_cast<std::size_t>(type)];
}

template <class T> struct Codec<T, Kind::scalar> {
  static constexpr TypeVerdict kVerdict = TypeVerdict::good;
  static constexpr ArgType kTag = wire_type<T>();
  static constexpr std::size_t kBytes = formats::is_variable(kTag) ? kVaries : formats::fixed_size(kTag);
  static constexpr std::size_t kDepth = 1;
  static constexpr bool kDescribed = false;  // its tag says all
  static constexpr void describe(DescriptionWriter& out) noexcept { out.text(scalar_description(kTag)); }
  [[nodiscard, gnu::always_inline]] static auto wire(const T& value) noexcept { return wire_value(value); }
};

template <> struct Codec<Redacted, Kind::secret> {
  static constexpr TypeVerdict kVerdict = TypeVerdict::good;
  static constexpr ArgType kTag = ArgType::string;
  static constexpr std::size_t kBytes = kVaries;
  static constexpr std::size_t kDepth = 1;
  static constexpr bool kDescribed = false;
  static constexpr void describe(DescriptionWriter& out) noexcept { out.text("s"); }
  [[nodiscard]] static std::string_view wire(Redacted /*value*/) noexcept { return "***"; }
};

template <> struct Codec<Hashed, Kind::hashed> {
  static constexpr TypeVerdict kVerdict = TypeVerdict::good;
  static constexpr ArgType kTag = ArgType::u64;
  static constexpr std::size_t kBytes = 8;
  static constexpr std::size_t kDepth = 1;
  static constexpr bool kDescribed = true;
  static constexpr void describe(DescriptionWriter& out) noexcept { out.text("h"); }
  [[nodiscard]] static std::uint64_t wire(Hashed value) noexcept { return value.hash; }
};

/// A count of N/D seconds, as 8 bytes whatever its type was.
template <class Duration> struct TickCount {
  using Period = typename Duration::period;
  static constexpr bool kIsFloat = std::is_floating_point_v<typename Duration::rep>;
  using Count = std::conditional_t<kIsFloat, double, std::int64_t>;
  static constexpr bool kGood = std::is_arithmetic_v<typename Duration::rep>;
  static constexpr ArgType kTag = kIsFloat ? ArgType::f64 : ArgType::i64;

  static constexpr void describe(DescriptionWriter& out, std::string_view letter) noexcept {
    out.text(letter);
    out.decimal(static_cast<std::uintmax_t>(Period::type::num));
    out.text("/");
    out.decimal(static_cast<std::uintmax_t>(Period::type::den));
    out.text(kIsFloat ? ":f8" : ":i8");
  }
};

template <class T> struct Codec<T, Kind::duration> {
  using Ticks = TickCount<T>;
  static constexpr TypeVerdict kVerdict = Ticks::kGood ? TypeVerdict::good : TypeVerdict::unsupported;
  static constexpr ArgType kTag = Ticks::kTag;
  static constexpr std::size_t kBytes = 8;
  static constexpr std::size_t kDepth = 1;
  static constexpr bool kDescribed = true;
  static constexpr void describe(DescriptionWriter& out) noexcept { Ticks::describe(out, "d"); }
  [[nodiscard]] static auto wire(const T& value) noexcept { return static_cast<typename Ticks::Count>(value.count()); }
};

template <class T> struct Codec<T, Kind::time_point> {
  using Ticks = TickCount<typename T::duration>;
  static constexpr TypeVerdict kVerdict = !std::is_same_v<typename T::clock, std::chrono::system_clock>
                                              ? TypeVerdict::other_clock
                                          : Ticks::kGood ? TypeVerdict::good
                                                         : TypeVerdict::unsupported;
  static constexpr ArgType kTag = Ticks::kTag;
  static constexpr std::size_t kBytes = 8;
  static constexpr std::size_t kDepth = 1;
  static constexpr bool kDescribed = true;
  static constexpr void describe(DescriptionWriter& out) noexcept { Ticks::describe(out, "t"); }
  [[nodiscard]] static auto wire(const T& value) noexcept {
    return static_cast<typename Ticks::Count>(value.time_since_epoch().count());
  }
};

template <class T> struct Codec<T, Kind::path> {
  static constexpr TypeVerdict kVerdict = TypeVerdict::good;
  static constexpr ArgType kTag = ArgType::string;
  static constexpr std::size_t kBytes = kVaries;
  static constexpr std::size_t kDepth = 1;
  static constexpr bool kDescribed = true;
  static constexpr void describe(DescriptionWriter& out) noexcept { out.text("P"); }
  [[nodiscard]] static std::string_view wire(const T& value) noexcept { return value.native(); }
};

}  // namespace lmlog::detail
