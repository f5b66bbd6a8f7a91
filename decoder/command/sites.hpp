// SPDX-License-Identifier: Apache-2.0
// `lmlog-decode sites`: the log statements as a table or as JSON.
#pragma once

#include "decoder/command/arguments.hpp"

namespace lmlog::decoder {

[[nodiscard]] ExitCode run_sites(const SitesArguments& arguments);

}  // namespace lmlog::decoder
