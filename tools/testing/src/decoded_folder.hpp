// SPDX-License-Identifier: Apache-2.0
// Reads a folder of sessions and rings with the decoder's own code.
#pragma once

#include <string>
#include <vector>

#include <lmlog/testing/record.hpp>

namespace lmlog::testing {

/// All records of the folder, in the order in which lmlog-decode prints them. Throws std::runtime_error if some cannot
/// be read.
[[nodiscard]] std::vector<Record> decode_folder(const std::string& folder);

}  // namespace lmlog::testing
