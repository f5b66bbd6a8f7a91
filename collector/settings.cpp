// SPDX-License-Identifier: Apache-2.0
// Precedence: option, file, environment, default.
#include "collector/settings.hpp"

#include <cstdlib>

#include "collector/config/config_file.hpp"
#include "collector/config/config_keys.hpp"

namespace lmlog::collector {

Result<Config> settings(FileSystem& files, const CommandLine& line) {
  auto config = read_config(files, config_path(line.config), !line.config.empty());
  if (!config) return config;
  if (!line.rings.empty()) config->rings = line.rings;
  if (!line.archive.empty()) config->archive = line.archive;
  if (config->archive.empty()) {
    const char* state = std::getenv("STATE_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): never changed
    config->archive = state != nullptr && *state != '\0' ? state : "/var/lib/lmlog";
  }
  while (config->archive.size() > 1 && config->archive.back() == '/') config->archive.pop_back();
  return config;
}

void reload(FileSystem& files, const CommandLine& line, ConfigBox& box, Notices& notices) {
  const auto fresh = settings(files, line);
  if (!fresh) {
    notices.say("the configuration was not reloaded: " + fresh.error().text + ". The old one stays");
    return;
  }
  Config next = *box.get();
  std::string waiting;
  for (const auto& name : apply_reload(next, *fresh)) waiting += (waiting.empty() ? "" : ", ") + name;
  box.set(std::move(next));
  notices.say("the configuration was reloaded" +
              (waiting.empty() ? std::string() : "; after a restart also: " + waiting));
  say_idle_settings(*fresh, notices);
}

void say_idle_settings(const Config& config, Notices& notices) {
  if (config.hot_max_age_ns == 0 && config.hot_max_bytes == 0) return;
  notices.warn_once("tier.hot",
                    "tier.hot.max_age and tier.hot.max_bytes have no effect: there is no colder tier to move files to");
}

}  // namespace lmlog::collector
