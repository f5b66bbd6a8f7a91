// SPDX-License-Identifier: Apache-2.0
// Nanoseconds since the epoch as RFC 3339 in UTC with 9 digits, and as a decimal number. The text of the last second
// is kept: records come in order, and most share theirs with the one before.
#pragma once

#include <cstdint>
#include <string>

namespace lmlog::decoder {

/// Not thread-safe.
class TimeText {
 public:
  /// Appends `2026-11-22T21:44:15.123456789Z`.
  void append_rfc3339(std::string& out, std::uint64_t ns);
  /// Appends the number in decimal digits.
  void append_nanoseconds(std::string& out, std::uint64_t ns);

 private:
  void set(std::uint64_t ns);

  static constexpr std::uint64_t kNoSecond = ~std::uint64_t{0};  // more than 64 bits of nanoseconds hold

  std::uint64_t ns_ = 0;
  std::uint64_t second_ = kNoSecond;
  char date_[20] = {};     // 2026-11-22T21:44:15.
  char seconds_[20] = {};  // the second as a number, without leading zeros
  std::size_t seconds_length_ = 0;
  char fraction_[10] = {};  // nine digits and Z
};

struct CivilDate {
  std::int64_t year;
  unsigned month;  // 1–12
  unsigned day;    // 1–31
};

/// Proleptic Gregorian calendar, for any number of days before or after 1970-01-01.
[[nodiscard]] CivilDate civil_from_days(std::int64_t days) noexcept;
[[nodiscard]] std::int64_t days_from_civil(const CivilDate& date) noexcept;

}  // namespace lmlog::decoder
