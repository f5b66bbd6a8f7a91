// SPDX-License-Identifier: Apache-2.0
// Whether a block directory agrees with itself, before anything is believed that it says.
#pragma once

#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// Null, or what is wrong. Afterwards every index in the directory is in range, every sum is right, no sum overflows,
/// and each record of a site has a value in every column of it.
[[nodiscard]] const char* problem_of_directory(const BlockDirectory& directory);

}  // namespace lmlog::formats
