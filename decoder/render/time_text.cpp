// SPDX-License-Identifier: Apache-2.0
// Dates by arithmetic over 400-year eras that begin on March 1st, so that leap days come last.
#include "decoder/render/time_text.hpp"

#include <fmt/format.h>

#include <cstring>

namespace lmlog::decoder {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kDaysPerEra = 146'097;
constexpr std::int64_t kDaysToEpoch = 719'468;  // from 0000-03-01 to 1970-01-01

constexpr auto kTwoDigits = [] {
  struct {
    char text[200];
  } table{};
  for (int i = 0; i < 100; ++i) {
    table.text[2 * i] = static_cast<char>('0' + i / 10);
    table.text[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

void put_two(char* out, std::uint64_t value) { std::memcpy(out, kTwoDigits.text + 2 * value, 2); }

}  // namespace

CivilDate civil_from_days(std::int64_t days) noexcept {
  days += kDaysToEpoch;
  const std::int64_t era = (days >= 0 ? days : days - (kDaysPerEra - 1)) / kDaysPerEra;
  const auto day_of_era = static_cast<std::uint64_t>(days - era * kDaysPerEra);
  // Leap days come after 4 years less one day (1460), 100 years (36524) and 400 years (146096).
  const std::uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t month_from_march = (5 * day_of_year + 2) / 153;  // months of 31 and 30 days in fives of 153
  CivilDate date{};
  date.day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  date.month = static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  date.year = static_cast<std::int64_t>(year_of_era) + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

std::int64_t days_from_civil(const CivilDate& date) noexcept {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  return era * kDaysPerEra + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - kDaysToEpoch;
}

void TimeText::set(std::uint64_t ns) {
  if (ns == ns_ && second_ != kNoSecond) return;
  ns_ = ns;
  const std::uint64_t second = ns / kNanosPerSecond;
  std::uint64_t nanos = ns % kNanosPerSecond;
  if (second != second_) {
    second_ = second;
    const CivilDate date = civil_from_days(static_cast<std::int64_t>(second / 86400));
    const std::uint64_t of_day = second % 86400;
    put_two(date_, static_cast<std::uint64_t>(date.year) / 100);
    put_two(date_ + 2, static_cast<std::uint64_t>(date.year) % 100);
    put_two(date_ + 5, date.month);
    put_two(date_ + 8, date.day);
    put_two(date_ + 11, of_day / 3600);
    put_two(date_ + 14, of_day / 60 % 60);
    put_two(date_ + 17, of_day % 60);
    date_[4] = date_[7] = '-';
    date_[10] = 'T';
    date_[13] = date_[16] = ':';
    date_[19] = '.';
    const fmt::format_int digits(second);
    seconds_length_ = digits.size();
    std::memcpy(seconds_, digits.data(), digits.size());
  }
  for (int at = 7; at > 0; at -= 2) {
    put_two(fraction_ + at, nanos % 100);
    nanos /= 100;
  }
  fraction_[0] = static_cast<char>('0' + nanos);
  fraction_[9] = 'Z';
}

void TimeText::append_rfc3339(std::string& out, std::uint64_t ns) {
  set(ns);
  out.append(date_, sizeof(date_));
  out.append(fraction_, sizeof(fraction_));
}

void TimeText::append_nanoseconds(std::string& out, std::uint64_t ns) {
  if (ns < kNanosPerSecond) {  // a short number: no leading zeros
    const fmt::format_int digits(ns);
    out.append(digits.data(), digits.size());
    return;
  }
  set(ns);
  out.append(seconds_, seconds_length_);
  out.append(fraction_, 9);
}

}  // namespace lmlog::decoder
