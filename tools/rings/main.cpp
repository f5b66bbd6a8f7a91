// SPDX-License-Identifier: Apache-2.0
// lmlog-rings [--json] [DIR]: sessions and rings of living and dead processes, from outside: state, fill, losses,
// rates.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "lmlog/formats/ring_folders.hpp"
#include "lmlog_version.hpp"

#include "tools/program_exit.hpp"
#include "tools/rings/folder_look.hpp"
#include "tools/rings/ring_report.hpp"

namespace {

using namespace lmlog;

std::string environment(const char* name) {
  const char* value = ::secure_getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> default_folders() {
  std::vector<std::string> out;
  for (const auto& folder :
       formats::ring_folders(environment("LMLOG_RING_DIR"), environment("XDG_RUNTIME_DIR"), ::geteuid()))
    out.push_back(folder.path);
  return out;
}

/// Sessions of all folders that exist; words about the rest go to stderr. Returns the exit code.
int look(const std::vector<std::string>& folders, bool named, std::vector<tools::SessionSummary>& sessions) {
  int code = tools::kDone;
  bool any = false;
  for (const std::string& folder : folders) {
    auto result = tools::look_at_folder(folder);
    if (!result) {
      if (!named && result.error().code == formats::ErrorCode::not_found) continue;
      fmt::print(stderr, "lmlog-rings: {}: {}\n", folder, result.error().text);
      code = tools::kIoFailed;
      any = true;
      continue;
    }
    any = true;
    for (const auto& problem : result->problems) {
      fmt::print(stderr, "lmlog-rings: {}: {}\n", problem.path, problem.what);
      if (code != tools::kIoFailed) code = problem.damaged ? tools::kDamaged : tools::kIoFailed;
    }
    for (auto& session : result->sessions) sessions.push_back(std::move(session));
  }
  if (!any) {
    fmt::print(stderr, "lmlog-rings: no rings folder: looked for {}; name one, or set LMLOG_RING_DIR\n",
               fmt::join(folders, ", "));
    return tools::kNothingMatched;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sessions and rings of living and dead processes, from outside: state, fill, losses, rates.",
               "lmlog-rings");
  bool json = false;
  std::string named;
  app.set_version_flag("--version", std::string("lmlog-rings ") + LMLOG_VERSION);
  app.add_flag("--json", json, "an array of sessions instead of a table");
  app.add_option("DIR", named, "rings folder; else $LMLOG_RING_DIR, else the folders that producers use by themselves");
  app.footer(
      "Examples:\n"
      "  lmlog-rings                       the folders that services use by themselves\n"
      "  lmlog-rings --json /run/lmlog/rings | python3 -m json.tool\n\n"
      "Exit codes: 0 done, 1 no rings folder, 2 usage, 3 something is damaged (the rest is shown), 4 I/O.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // help or version
      app.exit(error);
      return tools::kDone;
    }
    fmt::print(stderr, "lmlog-rings: {}\nTry 'lmlog-rings --help'.\n", error.what());
    return tools::kUsage;
  }
  std::vector<tools::SessionSummary> sessions;
  const int code = look(named.empty() ? default_folders() : std::vector{named}, !named.empty(), sessions);
  if (code != tools::kDone && sessions.empty() && !json) return code;  // "no sessions" is more than is known
  const auto now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
  return tools::write_answer(
      "lmlog-rings", json ? tools::rings_as_json(sessions) : tools::rings_as_table(sessions, now.count()), code);
}
