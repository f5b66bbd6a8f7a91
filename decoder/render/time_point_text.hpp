// SPDX-License-Identifier: Apache-2.0
// Points in time that are values of a record: as libfmt prints those of the system clock, in UTC, and as RFC 3339.
#pragma once

#include <cstdint>
#include <string>

#include "lmlog/formats/type_description.hpp"

namespace lmlog::decoder {

/// Appends `2026-11-22 21:44:15`, or what `format` ("{:%H:%M}") says. One that no calendar of libfmt's holds is shown
/// as the duration since the epoch. Throws fmt::format_error when libfmt refuses the format.
void append_time_point(std::string& out, const formats::TypeDescription& type, std::uint64_t bits,
                       const std::string& format = {});

/// Appends `2026-11-22T21:44:15.123456789Z`, rounded down to nanoseconds. Years outside 0 … 9999 have a sign. One too
/// far away for a calendar is the duration since the epoch.
void append_rfc3339_time_point(std::string& out, const formats::TypeDescription& type, std::uint64_t bits);

}  // namespace lmlog::decoder
