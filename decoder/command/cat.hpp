// SPDX-License-Identifier: Apache-2.0
// `lmlog-decode [cat]`: records to standard output.
#pragma once

#include "decoder/command/arguments.hpp"

namespace lmlog::decoder {

[[nodiscard]] ExitCode run_cat(const CatArguments& arguments);

}  // namespace lmlog::decoder
