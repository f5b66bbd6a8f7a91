// SPDX-License-Identifier: Apache-2.0
// Options by CLI11; every mistake ends with 2.
#include "collector/command_line.hpp"

#include <CLI/CLI.hpp>

#include "lmlog_version.hpp"

namespace lmlog::collector {

namespace {

constexpr int kUsage = 2;

constexpr const char* kExamples = R"(
Examples:
  lmlog-collector --archive /var/lib/lmlog             serve until SIGTERM
  lmlog-collector --archive ./archive --drain          take what is there, seal, end
  lmlog-collector --archive ./archive --status --json  what the running one says of itself
  lmlog-collector --config ./lmlog.toml --check-config

Signals: SIGTERM, SIGINT drain, seal and end; SIGHUP reads the configuration again.
Exit codes: 0 done, 2 usage or configuration, 4 input or output, 130 interrupted twice.)";

}  // namespace

std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_code) {
  CommandLine line;
  CLI::App app{"Drains the rings of logging processes into an archive.", "lmlog-collector"};
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("lmlog-collector ") + LMLOG_VERSION);
  app.add_option("--config", line.config,
                 "configuration file (default: $CONFIGURATION_DIRECTORY/lmlog.toml, else /etc/lmlog/lmlog.toml, if it "
                 "is there)")
      ->type_name("FILE");
  app.add_option("--rings", line.rings,
                 "folder of sessions and rings; may be given several times (default: $LMLOG_RING_DIR, else those of "
                 "/run/lmlog/rings, $XDG_RUNTIME_DIR/lmlog, /dev/shm/lmlog-<uid> that exist)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--archive", line.archive,
                 "archive folder (default: the configuration's, else $STATE_DIRECTORY, else /var/lib/lmlog)")
      ->type_name("DIR");
  app.add_flag("--drain", line.drain, "take everything that living and dead sessions hold, seal the archive, end");
  app.add_flag("--check-config", line.check_config, "say whether the configuration is good, end");
  auto* const status =
      app.add_flag("--status", line.status, "print what the collector of the archive says of itself, end");
  app.add_flag("--json", line.json, "with --status: as JSON")->needs(status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : kUsage;
    return std::nullopt;
  }
  const auto refuse = [&](const char* what) {
    std::cerr << "lmlog-collector: " << what << "\n";
    exit_code = kUsage;
    return std::nullopt;
  };
  if (line.drain + line.check_config + line.status > 1)
    return refuse("--drain, --check-config and --status exclude each other");
  for (const auto& folder : line.rings) {
    if (folder.empty()) return refuse("--rings needs the path of a folder");
  }
  if (line.archive.empty() && app.count("--archive") != 0) return refuse("--archive needs the path of a folder");
  if (line.config.empty() && app.count("--config") != 0) return refuse("--config needs the path of a file");
  return line;
}

}  // namespace lmlog::collector
