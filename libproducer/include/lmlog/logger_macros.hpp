// SPDX-License-Identifier: Apache-2.0
// LMLOG_LOG(logger, level, format, …): a statement of a named logger. The logger (lmlog::Logger) is any expression,
// evaluated once; the level is a constant; otherwise as the macros of macros.hpp. A gate counts the calls of the
// statement, whichever the logger, and is asked when the logger's level is on.
#pragma once

#include <type_traits>

#include <lmlog/logger_statement.hpp>
#include <lmlog/macros.hpp>

#define LMLOG_DETAIL_LOGGER_STATEMENT(site, name, which, handle, severity, timed, gate, call, ...)                   \
  do {                                                                                                               \
    static_assert(::lmlog::detail::kMayBeFormat<decltype((LMLOG_DETAIL_FIRST(__VA_ARGS__, )))>,                      \
                  "lmlog: the format string comes first, as a literal or a constexpr: write \"{}\" for a value");    \
    static_assert(::lmlog::detail::kIsLevel<decltype(severity)> && __builtin_constant_p(static_cast<int>(severity)), \
                  "lmlog: the level is a constant, such as lmlog::Level::info: write one statement for each level"); \
    constexpr const char* name = __func__;                                                                           \
    struct site {                                                                                                    \
      static constexpr ::lmlog::detail::SiteText text() noexcept {                                                   \
        return {LMLOG_DETAIL_FIRST(__VA_ARGS__, ), __FILE__, name, __LINE__, severity, timed};                       \
      }                                                                                                              \
      [[maybe_unused]] static constexpr ::std::string_view written() noexcept {                                      \
        return {#__VA_ARGS__, sizeof(#__VA_ARGS__) - 1};                                                             \
      }                                                                                                              \
    };                                                                                                               \
    const ::lmlog::detail::LoggerCall<site> which{handle};                                                           \
    if (which.is_on() && (gate)) [[likely]]                                                                          \
      (void)which.call;                                                                                              \
  } while (false)

#define LMLOG_DETAIL_LOGGER_SITE LMLOG_DETAIL_JOIN(LmlogSite, __LINE__)
#define LMLOG_DETAIL_LOGGER(handle, severity, timed, gate, call, ...)                                          \
  LMLOG_DETAIL_LOGGER_STATEMENT(LMLOG_DETAIL_LOGGER_SITE, LMLOG_DETAIL_JOIN(lmlog_function_, __LINE__),        \
                                LMLOG_DETAIL_JOIN(lmlog_call_, __LINE__), handle, severity, timed, gate, call, \
                                __VA_ARGS__)

#define LMLOG_LOG(logger, level, ...) \
  LMLOG_DETAIL_LOGGER(logger, level, false, true, log_at(0, __VA_ARGS__), __VA_ARGS__)
/// With a time that the caller has, in the session's own unit.
#define LMLOG_LOG_AT(logger, level, time, ...) \
  LMLOG_DETAIL_LOGGER(logger, level, true, true, log_at(time, __VA_ARGS__), __VA_ARGS__)
#define LMLOG_LOG_IF(logger, level, condition, ...) \
  LMLOG_DETAIL_LOGGER(logger, level, false, condition, log_at(0, __VA_ARGS__), __VA_ARGS__)
#define LMLOG_LOG_ONCE(logger, level, ...)                                                          \
  LMLOG_DETAIL_LOGGER(logger, level, false, ::lmlog::detail::pass_once<LMLOG_DETAIL_LOGGER_SITE>(), \
                      log_at(0, __VA_ARGS__), __VA_ARGS__)
#define LMLOG_LOG_FIRST_N(logger, level, n, ...)                                                      \
  LMLOG_DETAIL_LOGGER(logger, level, false, ::lmlog::detail::pass_first<LMLOG_DETAIL_LOGGER_SITE>(n), \
                      log_at(0, __VA_ARGS__), __VA_ARGS__)
#define LMLOG_LOG_EVERY_N(logger, level, n, ...)                                                      \
  LMLOG_DETAIL_LOGGER(logger, level, false, ::lmlog::detail::pass_every<LMLOG_DETAIL_LOGGER_SITE>(n), \
                      log_counted(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_LOG_THROTTLE(logger, level, interval, ...)                                                        \
  LMLOG_DETAIL_LOGGER(logger, level, false, ::lmlog::detail::pass_throttle<LMLOG_DETAIL_LOGGER_SITE>(interval), \
                      log_counted(__VA_ARGS__), __VA_ARGS__)
