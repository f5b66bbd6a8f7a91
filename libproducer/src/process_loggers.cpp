// SPDX-License-Identifier: Apache-2.0
// The process's loggers, and the statements that are made for each of them while the program runs. See process.hpp and
// lmlog/logger.hpp.
#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

#include <lmlog/logger.hpp>
#include <lmlog/logger_statement.hpp>

#include "libproducer/src/complaint.hpp"
#include "libproducer/src/inside_library.hpp"
#include "libproducer/src/process.hpp"
#include "libproducer/src/process_lock.hpp"

namespace lmlog {

namespace detail {

LoggerState* Process::logger(std::string_view name) noexcept {
  if (inside_library || memory_.is_guest()) return nullptr;  // an allocator that is asked for memory here
  try {
    Locked lock(*this);
    return inert_ ? nullptr : loggers_.get(name);
  } catch (const std::exception& exception) {
    complain_once(Topic::loggers, exception.what());
    return nullptr;
  }
}

void Process::set_level(LoggerState* logger, std::optional<Level> level) noexcept {
  if (inside_library || memory_.is_guest()) return;
  Locked lock(*this);
  if (inert_) return;
  loggers_.set_level(logger, level);
  apply_levels_locked();
}

void Process::set_level_of_session(Level level) noexcept {
  if (inside_library || memory_.is_guest()) return;
  Locked lock(*this);
  if (inert_) return;
  loggers_.set_level_of_session(level);
  apply_levels_locked();
}

void Process::apply_levels_locked() noexcept {
  if (SharedSession* const session = current()) session->apply_levels(statements_, loggers_);
}

LoggerVariant* Process::variant(LoggerSite& site, LoggerState* logger,
                                const StatementDescription& description) noexcept {
  if (memory_.is_guest()) return nullptr;
  try {
    Locked lock(*this);
    if (inert_) return nullptr;
    for (LoggerVariant* at = site.first; at != nullptr; at = at->next_of_site) {
      if (at->logger == logger) return at;  // of another thread, a moment ago
    }
    StatementDescription of_logger = description;
    of_logger.cell = nullptr;
    of_logger.logger = logger;
    const auto id = statements_.enter(of_logger);
    if (!id) return nullptr;
    LoggerVariant* variant = statements_.take_parked(*id);
    if (variant == nullptr) {
      variants_.push_back(std::make_unique<LoggerVariant>());
      variant = variants_.back().get();
    }
    of_logger.cell = &variant->cell;
    variant->logger = logger;
    variant->description = of_logger;
    variant->loaded.id = *id;
    link_locked(variant->loaded);
    register_locked(variant->loaded);
    variant->next_of_site = site.first.load(std::memory_order_relaxed);
    site.first.store(variant, std::memory_order_release);
    return variant;
  } catch (const std::exception&) {
    return nullptr;  // no memory: the call counts, and the next one tries again
  }
}

void Process::remove_variants(LoggerSite& site) noexcept {
  Locked lock(*this);
  if (inert_) return;
  LoggerVariant* at = site.first.exchange(nullptr);
  site.description = nullptr;
  while (at != nullptr) {
    LoggerVariant* const next = at->next_of_site;
    unlink_locked(at->loaded);
    aim_locked(at->description, 0);
    statements_.park(at->loaded.id, *at);
    at = next;
  }
}

}  // namespace detail

using detail::Process;

std::string_view Logger::name() const noexcept { return state_ != nullptr ? state_->name : std::string_view{}; }

void Logger::set_level(Level level) const noexcept { Process::instance().set_level(state_, level); }

void Logger::reset_level() const noexcept { Process::instance().set_level(state_, std::nullopt); }

Level Logger::level() const noexcept { return Process::instance().level(state_); }

Logger logger(std::string_view name) noexcept { return Logger(Process::instance().logger(name)); }

void set_level(Level level) noexcept { Logger().set_level(level); }

void set_level(std::string_view name, Level level) noexcept { logger(name).set_level(level); }

void reset_level() noexcept { Logger().reset_level(); }

}  // namespace lmlog
