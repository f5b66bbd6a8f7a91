// SPDX-License-Identifier: Apache-2.0
// `lmlog-replay ticks`: one thread for each symbol, one record for each row, as the data's README says.
#pragma once

#include <string>
#include <vector>

#include "lmlog/formats/result.hpp"

#include "tools/replay/replay_run.hpp"

namespace lmlog::tools {

/// Reads everything into memory first, so that nothing but logging happens while calls are timed.
[[nodiscard]] formats::Result<std::vector<ReplayThread>> tick_threads(const std::vector<std::string>& paths,
                                                                      const ReplayOptions& options);

}  // namespace lmlog::tools
