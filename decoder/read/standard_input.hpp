// SPDX-License-Identifier: Apache-2.0
// The path `-`: a segment or journal that comes through a pipe, copied so that it can be read at any place.
#pragma once

#include <memory>
#include <string_view>

#include "decoder/read/file_source.hpp"

namespace lmlog::decoder {

inline constexpr std::string_view kStandardInput = "-";

/// All of standard input, read to its end on the first call: a file as it is, a pipe as a copy in a temporary file
/// without a name. Not thread-safe. Errors: io.
[[nodiscard]] formats::Result<std::shared_ptr<FileSource>> standard_input();

}  // namespace lmlog::decoder
