// SPDX-License-Identifier: Apache-2.0
// What the paths of a command line are: folders that may hold rings, journals or segments, and single files of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoder/read/report.hpp"
#include "decoder/read/ring_snapshot.hpp"

namespace lmlog::decoder {

struct Inputs {
  std::vector<std::string> folders;
  std::vector<std::string> sessions;
  std::vector<std::string> rings;
  std::vector<std::string> journals;
  std::vector<std::string> segments;
};

/// Sorts paths by what they are: folders, and files by their first bytes. What is none of ours, or is not there, is
/// reported.
[[nodiscard]] Inputs classify(const std::vector<std::string>& paths, Report& report);

// The listings are separate, because their order matters (rings, then journals, then hot, warm and cold segments): what
// moves on between two of them is met again in the later one.

/// Sessions to copy, each with its rings: of all folders, and the named files. Each session comes once.
[[nodiscard]] std::vector<SessionRequest> list_sessions(const Inputs& inputs, Report& report);
/// Journal files, in order of their names.
[[nodiscard]] std::vector<std::string> list_journals(const Inputs& inputs, Report& report);

enum class TierFolder : std::uint8_t { hot, warm, cold, other };
/// Segment files of a tier; `other`: of the folders themselves, and those that were named.
[[nodiscard]] std::vector<std::string> list_segments(const Inputs& inputs, TierFolder tier, Report& report);

}  // namespace lmlog::decoder
