// SPDX-License-Identifier: Apache-2.0
// Durations as libfmt 9.1 prints those of std::chrono, for any period: libfmt knows periods when it is compiled, a
// reader learns them from type descriptions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lmlog/formats/type_description.hpp"

namespace lmlog::decoder {

/// A spec, taken apart: `[[fill]align][width][.precision][L][chrono format]`.
class DurationFormat {
 public:
  /// Nothing when libfmt refuses the spec for such a duration.
  [[nodiscard]] static std::optional<DurationFormat> parse(std::string_view spec, formats::ArgType count);

  /// Throws fmt::format_error where libfmt does: for counts that it cannot convert to seconds.
  void append(std::string& out, const formats::TypeDescription& type, std::uint64_t bits) const;

 private:
  std::string padding_;  // "{:>12}"; empty: none
  int precision_ = -1;
  std::string chrono_;  // %H:%M; empty: count and unit
};

/// Appends count and unit: `42ms`, `1.5s`.
void append_duration(std::string& out, const formats::TypeDescription& type, std::uint64_t bits);

/// Appends what libfmt writes behind the count: `ms`, `h`, `[7/3]s`.
void append_unit(std::string& out, const formats::TypeDescription& type);

}  // namespace lmlog::decoder
