// SPDX-License-Identifier: Apache-2.0
// Named loggers, hierarchical by dots, each with a level of its own or its ancestors'. Statements are given to one by
// LMLOG_LOG (logger_macros.hpp).
#pragma once

#include <string_view>

#include <lmlog/export.hpp>
#include <lmlog/level.hpp>

namespace lmlog {

namespace detail {
struct LoggerState;
}

/// A handle of one pointer: cheap to copy, never invalid, usable in static constructors and destructors. Two of the
/// same name are the same logger. All members are thread-safe.
///
/// Its level is the one that was set for its own name, else for its nearest ancestor's ("md" is one of "md.itch"), else
/// the process's. For each name set_level() wins over $LMLOG_LEVEL, and that over SessionOptions::level.
class Logger {
 public:
  /// The process itself: no name in the records, the process's level.
  constexpr Logger() noexcept = default;

  /// Empty for the process itself. Lives as long as the process.
  [[nodiscard]] LMLOG_API std::string_view name() const noexcept;

  /// From now on, also in later sessions, for this logger and all below it that have no level of their own.
  LMLOG_API void set_level(Level level) const noexcept;
  /// Takes back what set_level() said: $LMLOG_LEVEL's word for this name, else the ancestors' level, counts again.
  LMLOG_API void reset_level() const noexcept;

  /// The level that counts now.
  [[nodiscard]] LMLOG_API Level level() const noexcept;
  /// Whether a statement of this level passes level(). A collector's rule may switch off a single statement besides.
  [[nodiscard]] bool is_on(Level level) const noexcept { return level >= this->level(); }

  friend constexpr bool operator==(const Logger&, const Logger&) noexcept = default;

  /// For the library: null is the process itself.
  constexpr explicit Logger(detail::LoggerState* state) noexcept : state_(state) {}
  [[nodiscard]] constexpr detail::LoggerState* state() const noexcept { return state_; }

 private:
  detail::LoggerState* state_ = nullptr;
};

/// The logger of this name: made on first use, never destroyed. Names are any text; more than 255 bytes are cut before
/// the UTF-8 character that does not fit; "" and "*" are the process itself. A process has at most 65,536 loggers:
/// beyond that, and without memory, the process itself is the answer, and it is said once on stderr. Takes a lock: keep
/// the handle. Thread-safe.
[[nodiscard]] LMLOG_API Logger logger(std::string_view name) noexcept;

/// The process's level: of statements without a logger, and of loggers for which nothing nearer was set. Wins over
/// $LMLOG_LEVEL and over the options of sessions, also of later ones. Thread-safe.
LMLOG_API void set_level(Level level) noexcept;
/// The same as logger(name).set_level(level).
LMLOG_API void set_level(std::string_view name, Level level) noexcept;
/// Takes back what set_level(level) said.
LMLOG_API void reset_level() noexcept;

}  // namespace lmlog
