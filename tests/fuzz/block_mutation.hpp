// SPDX-License-Identifier: Apache-2.0
// Changes of one block that keep its directory and its frames a block: fields, items, columns, counts.
#pragma once

#include <string>

#include "tests/fuzz/chance.hpp"

namespace lmlog::fuzz {

/// Changes one thing; false when the bytes are no directory that parses with frames that inflate.
[[nodiscard]] bool change_block(std::string& directory_body, std::string& frames, Chance& chance);

}  // namespace lmlog::fuzz
