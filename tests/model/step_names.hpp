// SPDX-License-Identifier: Apache-2.0
// Names of the protocol's steps, as the specification has them.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

#include <lmlog/formats/memory_steps.hpp>

namespace lmlog::model {

using formats::Step;

inline constexpr std::string_view kStepNames[] = {
    "publish_head",   "load_not_tail", "load_tail",       "tail_before_data", "floor_before_data",
    "head_read",      "tail_read",     "tail_read_again", "floor_read",       "floor_read_again",
    "release_tail",   "open_line",     "revoke_lines",    "aim_info",         "load_info",
    "change_current", "load_users",    "use_session",     "load_current",     "leave_session",
};
static_assert(std::size(kStepNames) == static_cast<std::size_t>(Step::count));

[[nodiscard]] constexpr std::string_view name_of(Step step) { return kStepNames[static_cast<std::size_t>(step)]; }

[[nodiscard]] constexpr std::optional<Step> step_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kStepNames); ++i)
    if (kStepNames[i] == name) return static_cast<Step>(i);
  return std::nullopt;
}

}  // namespace lmlog::model
