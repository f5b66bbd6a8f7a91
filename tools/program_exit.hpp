// SPDX-License-Identifier: Apache-2.0
// What the tools here share with every lmlog program: exit codes, and the end of standard output.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace lmlog::tools {

enum ExitCode : int {
  kDone = 0,
  kNothingMatched = 1,
  kUsage = 2,
  kDamaged = 3,
  kIoFailed = 4,
  kInterrupted = 130,
};

/// Writes the whole answer to stdout. A reader that closed its end has had enough: that is no error.
/// Returns `code`, or kIoFailed where the system refuses the bytes for another reason.
[[nodiscard]] inline int write_answer(std::string_view program, std::string_view text, int code) {
  std::signal(SIGPIPE, SIG_IGN);
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return code;
  if (errno == EPIPE) return kDone;
  std::fprintf(stderr, "%.*s: cannot write to standard output: %s\n", static_cast<int>(program.size()), program.data(),
               std::strerror(errno));
  return kIoFailed;
}

}  // namespace lmlog::tools
