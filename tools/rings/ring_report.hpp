// SPDX-License-Identifier: Apache-2.0
// The two faces of lmlog-rings: JSON for programs, a table for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/rings/ring_summary.hpp"

namespace lmlog::tools {

/// An array of sessions with the keys of the interface, ending in a line feed.
[[nodiscard]] std::string rings_as_json(const std::vector<SessionSummary>& sessions);

/// One line for each session, and one for each of its rings. `now_ns` is for the rates since the start.
[[nodiscard]] std::string rings_as_table(const std::vector<SessionSummary>& sessions, std::int64_t now_ns);

}  // namespace lmlog::tools
