// SPDX-License-Identifier: Apache-2.0
// The command line: subcommands, options and their help.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "decoder/output/record_printer.hpp"
#include "decoder/query/record_filter.hpp"
#include "decoder/read/report.hpp"

namespace lmlog::decoder {

struct CatArguments {
  std::vector<std::string> paths;
  RecordFilter filter;
  PrinterOptions printer;
  std::optional<std::uint64_t> lines;  // only the last so many
  bool quiet = false;
};

struct VerifyArguments {
  std::vector<std::string> paths;
  bool quiet = false;
};

struct SitesArguments {
  std::vector<std::string> paths;
  RecordFilter filter;
  bool json = false;
  bool quiet = false;
};

/// Nothing is to be done: help, version or an error was printed.
struct Stop {
  ExitCode code = ExitCode::done;
};

using Arguments = std::variant<CatArguments, VerifyArguments, SitesArguments, Stop>;

/// Help and version go to stdout, errors to stderr.
[[nodiscard]] Arguments parse_arguments(int argc, const char* const* argv);

}  // namespace lmlog::decoder
