// SPDX-License-Identifier: Apache-2.0
// What the process's surroundings say: environment variables, program and host name, boot id, random ids.
// Environment variables are read through secure_getenv: a set-uid program ignores its caller's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lmlog/formats/id128.hpp>
#include <lmlog/level.hpp>

namespace lmlog::detail {

/// Value of a variable; nullopt when unset, empty, or not to be trusted.
[[nodiscard]] std::optional<std::string> environment(const char* name);

/// LMLOG_LEVEL's value: a level, or a list as in "orders=debug,*=info", of which the plain level or '*' is the
/// process's and the others are of loggers and all below them. Of several for one name the last counts.
struct LevelSetting {
  std::optional<Level> level;  // of statements without a logger; nullopt: not said
  std::vector<std::pair<std::string, Level>> loggers;
  std::string error;  // about the first part that was not understood
};
[[nodiscard]] LevelSetting parse_level_setting(std::string_view text);

/// What LMLOG_LEVEL says; complains once about nonsense.
[[nodiscard]] LevelSetting level_setting_of_environment();

/// Cut to `bytes` at the start of a UTF-8 character.
[[nodiscard]] std::string cut_text(std::string_view text, std::size_t bytes);

[[nodiscard]] std::string program_name();
[[nodiscard]] std::string host_name();
[[nodiscard]] formats::Id128 boot_id();
[[nodiscard]] formats::Id128 random_id();

}  // namespace lmlog::detail
