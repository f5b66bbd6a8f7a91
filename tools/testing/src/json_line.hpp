// SPDX-License-Identifier: Apache-2.0
// From the JSON line of a record, which is documented and stable, to its values.
#pragma once

#include <string>

#include <lmlog/testing/record.hpp>

namespace lmlog::testing {

/// `line` is what the decoder's renderer made, without its end. Throws std::runtime_error if it is anything else.
[[nodiscard]] Record record_of_line(std::string line, bool is_loss);

}  // namespace lmlog::testing
