// SPDX-License-Identifier: Apache-2.0
// See logger_table.hpp.
#include "libproducer/src/logger_table.hpp"

#include <utility>

#include "libproducer/src/complaint.hpp"

namespace lmlog::detail {

LoggerTable::LoggerTable(const LevelSetting& environment) : environment_(environment.level) {
  update();
  for (const auto& [name, level] : environment.loggers) {
    if (LoggerState* const logger = get(name)) logger->environment = level;
  }
  update();
}

LoggerState* LoggerTable::get(std::string_view name) {
  if (name.empty() || name == "*") return nullptr;
  std::string cut;
  if (name.size() > kMaxName) name = cut = cut_text(name, kMaxName);
  if (const auto found = loggers_.find(name); found != loggers_.end()) return found->second.get();
  if (loggers_.size() == kMaxLoggers) {
    complain_once(Topic::loggers, "more than 65536 loggers: the further ones have no name, and the process's level");
    return nullptr;
  }
  auto logger = std::make_unique<LoggerState>();
  logger->name = name;
  logger->id = static_cast<std::uint32_t>(loggers_.size() + 1);
  logger->level = level_of_ancestors(name);
  return loggers_.emplace(name, std::move(logger)).first->second.get();
}

Level LoggerTable::level_of_ancestors(std::string_view name) const {
  for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos; dot = name.rfind('.')) {
    name = name.substr(0, dot);
    // Whatever counts there: it comes earlier in the table, and so was brought up to date before.
    if (const auto found = loggers_.find(name); found != loggers_.end()) return level(found->second.get());
  }
  return level(nullptr);
}

void LoggerTable::set_level(LoggerState* logger, std::optional<Level> level) {
  if (logger != nullptr) {
    logger->set = level;
  } else {
    set_ = level;
    set_for_session_ = false;
  }
  update();
}

void LoggerTable::set_level_of_session(Level level) {
  set_ = level;
  set_for_session_ = true;
  update();
}

void LoggerTable::change_session(std::optional<Level> option) {
  option_ = option;
  if (set_for_session_) set_.reset();
  set_for_session_ = false;
  update();
}

void LoggerTable::override_all(std::optional<Level> level) {
  override_ = level;
  update();
}

void LoggerTable::update() {
  level_ = override_ ? *override_ : set_ ? *set_ : environment_ ? *environment_ : option_.value_or(Level::info);
  // A name comes behind its ancestors, which are its prefixes.
  for (const auto& [name, logger] : loggers_) {
    const std::optional<Level> own = override_ ? override_ : logger->own();
    logger->level.store(own ? *own : level_of_ancestors(name), std::memory_order_relaxed);
  }
}

}  // namespace lmlog::detail
