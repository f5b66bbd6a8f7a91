// SPDX-License-Identifier: Apache-2.0
// Levels as people write them in --level.
#pragma once

#include <cstdint>
#include <string_view>

#include "lmlog/formats/result.hpp"

namespace lmlog::decoder {

/// `warn`: warn and worse; `info..warn`, `..warn`, `warn..`: from and to, both included. Names in any case. Gives a
/// mask with a bit for each level. Errors: invalid.
[[nodiscard]] formats::Result<std::uint8_t> parse_levels(std::string_view text);

}  // namespace lmlog::decoder
