// SPDX-License-Identifier: Apache-2.0
// The one text file inside a zip archive, line by line and with bounded memory. Uses libzip.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lmlog/formats/result.hpp"

namespace lmlog::tools {

/// Calls `take` for each line, without its line feed; the last line needs none. Stops when `take` returns false.
/// Errors: io (cannot be opened), damaged (no zip archive with exactly one file, or its checksum is wrong: some lines
/// may have been taken by then), too_large (a line longer than 1 MiB).
formats::Status for_each_line_of_zip(const std::string& path, const std::function<bool(std::string_view)>& take);

}  // namespace lmlog::tools
