// SPDX-License-Identifier: Apache-2.0
// The options of lmlog-collector.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lmlog::collector {

struct CommandLine {
  std::string config;
  std::vector<std::string> rings;
  std::string archive;
  bool drain = false;
  bool check_config = false;
  bool status = false;
  bool json = false;
};

/// nullopt: help, version or a mistake was printed, and `exit_code` says with what the program ends.
[[nodiscard]] std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_code);

}  // namespace lmlog::collector
