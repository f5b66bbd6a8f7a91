// SPDX-License-Identifier: Apache-2.0
// Any count of any period goes to seconds and nanoseconds in 128-bit integers; floats through long doubles.
#include "decoder/render/time_point_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <ctime>
#include <iterator>
#include <optional>

#include "decoder/render/duration_text.hpp"
#include "decoder/render/time_text.hpp"

namespace lmlog::decoder {

using formats::ArgType;
using formats::TypeDescription;

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kSecondsPerDay = 86400;
/// Some 31 million years: so far calendars go, and their arithmetic does not overflow.
constexpr std::int64_t kFarthest = 1'000'000'000'000'000;

struct Instant {
  std::int64_t seconds = 0;  // since the epoch, rounded down
  std::uint32_t nanos = 0;
  bool has_fraction = false;  // of a second, however small
};

std::optional<Instant> instant_of(const TypeDescription& type, std::uint64_t bits) {
  constexpr std::int64_t kGiga = 1'000'000'000;
  Instant out;
  if (type.scalar == ArgType::f64) {
    const long double seconds = static_cast<long double>(std::bit_cast<double>(bits)) *
                                static_cast<long double>(type.numerator) / static_cast<long double>(type.denominator);
    if (!(std::fabs(seconds) < kFarthest)) return std::nullopt;
    const long double whole = std::floor(seconds);
    out.seconds = static_cast<std::int64_t>(whole);
    out.nanos = static_cast<std::uint32_t>((seconds - whole) * kGiga);
    out.has_fraction = seconds != whole;
    return out;
  }
  const Wide total = static_cast<Wide>(static_cast<std::int64_t>(bits)) * static_cast<Wide>(type.numerator);
  const auto denominator = static_cast<Wide>(type.denominator);
  Wide seconds = total / denominator;
  Wide rest = total % denominator;
  if (rest < 0) {
    --seconds;
    rest += denominator;
  }
  if (seconds >= kFarthest || seconds <= -kFarthest) return std::nullopt;
  out.seconds = static_cast<std::int64_t>(seconds);
  out.nanos = static_cast<std::uint32_t>(rest * kGiga / denominator);
  out.has_fraction = rest != 0;
  return out;
}

}  // namespace

void append_time_point(std::string& out, const TypeDescription& type, std::uint64_t bits, const std::string& format) {
  const auto instant = instant_of(type, bits);
  // libfmt prints whole seconds, and goes to them towards the epoch.
  const std::time_t seconds =
      instant ? instant->seconds + (instant->seconds < 0 && instant->has_fraction ? 1 : 0) : std::time_t{0};
  std::tm fields{};
  if (!instant || gmtime_r(&seconds, &fields) == nullptr) return append_duration(out, type, bits);
  fields.tm_zone = "UTC";
  fmt::vformat_to(std::back_inserter(out), format.empty() ? fmt::string_view("{:%F %T}") : fmt::string_view(format),
                  fmt::make_format_args(fields));
}

void append_rfc3339_time_point(std::string& out, const TypeDescription& type, std::uint64_t bits) {
  const auto instant = instant_of(type, bits);
  if (!instant) return append_duration(out, type, bits);
  std::int64_t days = instant->seconds / kSecondsPerDay;
  std::int64_t of_day = instant->seconds % kSecondsPerDay;
  if (of_day < 0) {
    --days;
    of_day += kSecondsPerDay;
  }
  const CivilDate date = civil_from_days(days);
  const bool is_usual = date.year >= 0 && date.year <= 9999;
  if (!is_usual) out.push_back(date.year < 0 ? '-' : '+');
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", std::abs(date.year), date.month,
                 date.day, of_day / 3600, of_day / 60 % 60, of_day % 60, instant->nanos);
}

}  // namespace lmlog::decoder
