// SPDX-License-Identifier: Apache-2.0
// Reads the TOML configuration: the main file and conf.d/*.toml beside it, in order of name. Errors name path, line and
// column.
#pragma once

#include <string>

#include "collector/config/config.hpp"
#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// Which file is read: `option` (--config), else $CONFIGURATION_DIRECTORY/lmlog.toml, else /etc/lmlog/lmlog.toml.
[[nodiscard]] std::string config_path(const std::string& option);

/// The defaults, changed by the file and its conf.d. A missing file is no error unless `must_exist`; its conf.d is read
/// all the same.
[[nodiscard]] Result<Config> read_config(FileSystem& files, const std::string& path, bool must_exist);

/// Applies one TOML text; `path` is for messages.
[[nodiscard]] Status apply_config_text(Config& config, std::string_view text, const std::string& path);

}  // namespace lmlog::collector
