// SPDX-License-Identifier: Apache-2.0
// lmlog-decode: reads records back, checks archives, lists statements.
#include <cstdio>
#include <exception>

#include "decoder/command/arguments.hpp"
#include "decoder/command/cat.hpp"
#include "decoder/command/signals.hpp"
#include "decoder/command/sites.hpp"
#include "decoder/command/verify.hpp"

namespace {

using namespace lmlog::decoder;

struct Run {
  ExitCode operator()(const CatArguments& arguments) const { return run_cat(arguments); }
  ExitCode operator()(const VerifyArguments& arguments) const { return run_verify(arguments); }
  ExitCode operator()(const SitesArguments& arguments) const { return run_sites(arguments); }
  ExitCode operator()(const Stop& stop) const { return stop.code; }
};

}  // namespace

int main(int argc, char** argv) {
  try {
    watch_signals();
    return static_cast<int>(std::visit(Run{}, parse_arguments(argc, argv)));
  } catch (const std::exception& error) {
    // Only what no caller can handle: memory that cannot be had.
    std::fprintf(stderr, "lmlog-decode: %s\n", error.what());
    return static_cast<int>(ExitCode::io);
  }
}
