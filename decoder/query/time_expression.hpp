// SPDX-License-Identifier: Apache-2.0
// Points in time as people write them in --since and --until.
#pragma once

#include <cstdint>
#include <string_view>

#include "lmlog/formats/result.hpp"

namespace lmlog::decoder {

/// Understands RFC 3339 (`2026-11-22T21:44:15.123Z`, `…+01:00`), `2026-11-22 21:44[:15[.123]]` and `2026-11-22` (UTC),
/// `21:44[:15]` (of today), `-10m`, `+1h30m` (from now on), `now`, `today`, `yesterday`, `tomorrow` (their first
/// instant) and `@1795390455[.5]`. Gives nanoseconds since the epoch; of times
/// that no record can have, the nearest that one can. Errors: invalid.
[[nodiscard]] formats::Result<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_ns);

}  // namespace lmlog::decoder
