// SPDX-License-Identifier: Apache-2.0
// Configuration file and command line together: options win.
#pragma once

#include <string>

#include "collector/command_line.hpp"
#include "collector/config/config.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/notices.hpp"

namespace lmlog::collector {

/// The configuration as it holds for this run; its archive is never empty. Errors: invalid, io.
[[nodiscard]] Result<Config> settings(FileSystem& files, const CommandLine& line);

/// Reads the configuration again and puts into the box what a reload may change; says what it did. A bad file changes
/// nothing.
void reload(FileSystem& files, const CommandLine& line, ConfigBox& box, Notices& notices);

/// Says which settings have no effect as things are.
void say_idle_settings(const Config& config, Notices& notices);

}  // namespace lmlog::collector
