// SPDX-License-Identifier: Apache-2.0
// The log macros. Each takes a format string and its arguments. Arguments are evaluated once, and only when the
// statement is on and its gate lets the call through. The format string is a literal or constexpr.
//   LMLOG_INFO(format, …)                     LMLOG_INFO_AT(time, format, …)      time in the session's own unit
//   LMLOG_INFO_IF(condition, format, …)       the condition is evaluated only when the level is on
//   LMLOG_INFO_ONCE(format, …)                LMLOG_INFO_FIRST_N(n, format, …)
//   LMLOG_INFO_EVERY_N(n, format, …)          the 1st call, the n+1st, …; n is the same in every call
//   LMLOG_INFO_THROTTLE(interval, format, …)  at most one in each interval, a std::chrono duration
//   LMLOG_INFO_PRINTF(format, …)              printf's format string and arguments, see printf.hpp
//   LMLOG_PRINTF(lmlog::Level::info, format, …)
// _EVERY_N and _THROTTLE add a field `suppressed`: the calls of this statement since its last record that did not get
// through. Not for signal handlers: one that interrupts a log call of its own thread would write over its record.
#pragma once

#include <cstdio>

#include <lmlog/active_level.hpp>
#include <lmlog/gate.hpp>
#include <lmlog/literals.hpp>
#include <lmlog/log_call.hpp>
#include <lmlog/printf.hpp>

#define LMLOG_DETAIL_FIRST(first, ...) first

#define LMLOG_DETAIL_JOIN_(a, b) a##b
#define LMLOG_DETAIL_JOIN(a, b) LMLOG_DETAIL_JOIN_(a, b)
#define LMLOG_DETAIL_SITE_NAMES LMLOG_DETAIL_JOIN(LmlogSite, __LINE__), LMLOG_DETAIL_JOIN(lmlog_function_, __LINE__)

// A local class is the statement's identity: it may use the enclosing function's name, works in templates, lambdas and
// inline functions, and is a template argument of the cell and the registrar. The line is part of its name so that a
// statement inside another's arguments shadows nothing. `gate` is asked when the level is on.
#define LMLOG_DETAIL_STATEMENT(site, name, severity, timed, gate, call, ...)                                      \
  do {                                                                                                            \
    static_assert(::lmlog::detail::kMayBeFormat<decltype((LMLOG_DETAIL_FIRST(__VA_ARGS__, )))>,                   \
                  "lmlog: the format string comes first, as a literal or a constexpr: write \"{}\" for a value"); \
    constexpr const char* name = __func__;                                                                        \
    struct site {                                                                                                 \
      static constexpr ::lmlog::detail::SiteText text() noexcept {                                                \
        return {LMLOG_DETAIL_FIRST(__VA_ARGS__, ), __FILE__, name, __LINE__, severity, timed};                    \
      }                                                                                                           \
      [[maybe_unused]] static constexpr ::std::string_view written() noexcept {                                   \
        return {#__VA_ARGS__, sizeof(#__VA_ARGS__) - 1};                                                          \
      }                                                                                                           \
    };                                                                                                            \
    if (::lmlog::detail::is_on<site>() && (gate)) ::lmlog::detail::call;                                          \
  } while (false)

#define LMLOG_DETAIL_LOG_IN(site, name, severity, ...) \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, true, log<site>(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_LOG_AT_IN(site, name, severity, time, ...) \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, true, true, log_at<site>(time, __VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_IF_IN(site, name, severity, condition, ...) \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, condition, log<site>(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_ONCE_IN(site, name, severity, ...)                                                   \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, ::lmlog::detail::pass_once<site>(), \
                         log<site>(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_FIRST_N_IN(site, name, severity, n, ...)                                               \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, ::lmlog::detail::pass_first<site>(n), \
                         log<site>(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_EVERY_N_IN(site, name, severity, n, ...)                                               \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, ::lmlog::detail::pass_every<site>(n), \
                         log_counted<site>(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_THROTTLE_IN(site, name, severity, interval, ...)                                                 \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, ::lmlog::detail::pass_throttle<site>(interval), \
                         log_counted<site>(__VA_ARGS__), __VA_ARGS__)

// printf stands there for the compiler's own check of the arguments; it is never called.
#define LMLOG_DETAIL_PRINTF_IN(site, name, severity, ...)                                                      \
  do {                                                                                                         \
    static_assert(::lmlog::detail::kMayBeFormat<decltype((LMLOG_DETAIL_FIRST(__VA_ARGS__, )))>,                \
                  "lmlog: the format string comes first, as a literal or a constexpr");                        \
    constexpr const char* name = __func__;                                                                     \
    struct site {                                                                                              \
      static constexpr std::string_view printf_format() noexcept { return LMLOG_DETAIL_FIRST(__VA_ARGS__, ); } \
      static constexpr ::lmlog::detail::SiteText text() noexcept {                                             \
        return {::lmlog::detail::PrintfFormat<site>::view(), __FILE__, name, __LINE__, severity, false};       \
      }                                                                                                        \
    };                                                                                                         \
    if (false) (void)::std::printf(__VA_ARGS__);                                                               \
    if (::lmlog::detail::is_on<site>()) ::lmlog::detail::log_printf<site>(__VA_ARGS__);                        \
  } while (false)

// One more step of expansion: the names become arguments of their own.
#define LMLOG_DETAIL_EXPAND(macro, ...) macro(__VA_ARGS__)
#define LMLOG_DETAIL_LOG(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_LOG_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_LOG_AT(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_LOG_AT_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_IF(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_IF_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_ONCE(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_ONCE_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_FIRST_N(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_FIRST_N_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_EVERY_N(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_EVERY_N_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_THROTTLE(...) LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_THROTTLE_IN, LMLOG_DETAIL_SITE_NAMES, __VA_ARGS__)
#define LMLOG_DETAIL_PRINTF(severity, ...) \
  LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_PRINTF_IN, LMLOG_DETAIL_SITE_NAMES, ::lmlog::Level::severity, __VA_ARGS__)

#define LMLOG_TRACE(...) LMLOG_DETAIL_AT_TRACE(LOG, __VA_ARGS__)
#define LMLOG_DEBUG(...) LMLOG_DETAIL_AT_DEBUG(LOG, __VA_ARGS__)
#define LMLOG_INFO(...) LMLOG_DETAIL_AT_INFO(LOG, __VA_ARGS__)
#define LMLOG_NOTICE(...) LMLOG_DETAIL_AT_NOTICE(LOG, __VA_ARGS__)
#define LMLOG_WARN(...) LMLOG_DETAIL_AT_WARN(LOG, __VA_ARGS__)
#define LMLOG_ERROR(...) LMLOG_DETAIL_AT_ERROR(LOG, __VA_ARGS__)
#define LMLOG_FATAL(...) LMLOG_DETAIL_AT_FATAL(LOG, __VA_ARGS__)

#define LMLOG_TRACE_AT(time, ...) LMLOG_DETAIL_AT_TRACE(LOG_AT, time, __VA_ARGS__)
#define LMLOG_DEBUG_AT(time, ...) LMLOG_DETAIL_AT_DEBUG(LOG_AT, time, __VA_ARGS__)
#define LMLOG_INFO_AT(time, ...) LMLOG_DETAIL_AT_INFO(LOG_AT, time, __VA_ARGS__)
#define LMLOG_NOTICE_AT(time, ...) LMLOG_DETAIL_AT_NOTICE(LOG_AT, time, __VA_ARGS__)
#define LMLOG_WARN_AT(time, ...) LMLOG_DETAIL_AT_WARN(LOG_AT, time, __VA_ARGS__)
#define LMLOG_ERROR_AT(time, ...) LMLOG_DETAIL_AT_ERROR(LOG_AT, time, __VA_ARGS__)
#define LMLOG_FATAL_AT(time, ...) LMLOG_DETAIL_AT_FATAL(LOG_AT, time, __VA_ARGS__)

#define LMLOG_TRACE_IF(condition, ...) LMLOG_DETAIL_AT_TRACE(IF, condition, __VA_ARGS__)
#define LMLOG_DEBUG_IF(condition, ...) LMLOG_DETAIL_AT_DEBUG(IF, condition, __VA_ARGS__)
#define LMLOG_INFO_IF(condition, ...) LMLOG_DETAIL_AT_INFO(IF, condition, __VA_ARGS__)
#define LMLOG_NOTICE_IF(condition, ...) LMLOG_DETAIL_AT_NOTICE(IF, condition, __VA_ARGS__)
#define LMLOG_WARN_IF(condition, ...) LMLOG_DETAIL_AT_WARN(IF, condition, __VA_ARGS__)
#define LMLOG_ERROR_IF(condition, ...) LMLOG_DETAIL_AT_ERROR(IF, condition, __VA_ARGS__)
#define LMLOG_FATAL_IF(condition, ...) LMLOG_DETAIL_AT_FATAL(IF, condition, __VA_ARGS__)

#define LMLOG_TRACE_ONCE(...) LMLOG_DETAIL_AT_TRACE(ONCE, __VA_ARGS__)
#define LMLOG_DEBUG_ONCE(...) LMLOG_DETAIL_AT_DEBUG(ONCE, __VA_ARGS__)
#define LMLOG_INFO_ONCE(...) LMLOG_DETAIL_AT_INFO(ONCE, __VA_ARGS__)
#define LMLOG_NOTICE_ONCE(...) LMLOG_DETAIL_AT_NOTICE(ONCE, __VA_ARGS__)
#define LMLOG_WARN_ONCE(...) LMLOG_DETAIL_AT_WARN(ONCE, __VA_ARGS__)
#define LMLOG_ERROR_ONCE(...) LMLOG_DETAIL_AT_ERROR(ONCE, __VA_ARGS__)
#define LMLOG_FATAL_ONCE(...) LMLOG_DETAIL_AT_FATAL(ONCE, __VA_ARGS__)

#define LMLOG_TRACE_FIRST_N(n, ...) LMLOG_DETAIL_AT_TRACE(FIRST_N, n, __VA_ARGS__)
#define LMLOG_DEBUG_FIRST_N(n, ...) LMLOG_DETAIL_AT_DEBUG(FIRST_N, n, __VA_ARGS__)
#define LMLOG_INFO_FIRST_N(n, ...) LMLOG_DETAIL_AT_INFO(FIRST_N, n, __VA_ARGS__)
#define LMLOG_NOTICE_FIRST_N(n, ...) LMLOG_DETAIL_AT_NOTICE(FIRST_N, n, __VA_ARGS__)
#define LMLOG_WARN_FIRST_N(n, ...) LMLOG_DETAIL_AT_WARN(FIRST_N, n, __VA_ARGS__)
#define LMLOG_ERROR_FIRST_N(n, ...) LMLOG_DETAIL_AT_ERROR(FIRST_N, n, __VA_ARGS__)
#define LMLOG_FATAL_FIRST_N(n, ...) LMLOG_DETAIL_AT_FATAL(FIRST_N, n, __VA_ARGS__)

#define LMLOG_TRACE_EVERY_N(n, ...) LMLOG_DETAIL_AT_TRACE(EVERY_N, n, __VA_ARGS__)
#define LMLOG_DEBUG_EVERY_N(n, ...) LMLOG_DETAIL_AT_DEBUG(EVERY_N, n, __VA_ARGS__)
#define LMLOG_INFO_EVERY_N(n, ...) LMLOG_DETAIL_AT_INFO(EVERY_N, n, __VA_ARGS__)
#define LMLOG_NOTICE_EVERY_N(n, ...) LMLOG_DETAIL_AT_NOTICE(EVERY_N, n, __VA_ARGS__)
#define LMLOG_WARN_EVERY_N(n, ...) LMLOG_DETAIL_AT_WARN(EVERY_N, n, __VA_ARGS__)
#define LMLOG_ERROR_EVERY_N(n, ...) LMLOG_DETAIL_AT_ERROR(EVERY_N, n, __VA_ARGS__)
#define LMLOG_FATAL_EVERY_N(n, ...) LMLOG_DETAIL_AT_FATAL(EVERY_N, n, __VA_ARGS__)

#define LMLOG_TRACE_THROTTLE(interval, ...) LMLOG_DETAIL_AT_TRACE(THROTTLE, interval, __VA_ARGS__)
#define LMLOG_DEBUG_THROTTLE(interval, ...) LMLOG_DETAIL_AT_DEBUG(THROTTLE, interval, __VA_ARGS__)
#define LMLOG_INFO_THROTTLE(interval, ...) LMLOG_DETAIL_AT_INFO(THROTTLE, interval, __VA_ARGS__)
#define LMLOG_NOTICE_THROTTLE(interval, ...) LMLOG_DETAIL_AT_NOTICE(THROTTLE, interval, __VA_ARGS__)
#define LMLOG_WARN_THROTTLE(interval, ...) LMLOG_DETAIL_AT_WARN(THROTTLE, interval, __VA_ARGS__)
#define LMLOG_ERROR_THROTTLE(interval, ...) LMLOG_DETAIL_AT_ERROR(THROTTLE, interval, __VA_ARGS__)
#define LMLOG_FATAL_THROTTLE(interval, ...) LMLOG_DETAIL_AT_FATAL(THROTTLE, interval, __VA_ARGS__)

#define LMLOG_PRINTF(level, ...)                                                                \
  do {                                                                                          \
    if constexpr (::lmlog::detail::is_active(level))                                            \
      LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_PRINTF_IN, LMLOG_DETAIL_SITE_NAMES, level, __VA_ARGS__); \
  } while (false)
#define LMLOG_TRACE_PRINTF(...) LMLOG_DETAIL_AT_TRACE(PRINTF, __VA_ARGS__)
#define LMLOG_DEBUG_PRINTF(...) LMLOG_DETAIL_AT_DEBUG(PRINTF, __VA_ARGS__)
#define LMLOG_INFO_PRINTF(...) LMLOG_DETAIL_AT_INFO(PRINTF, __VA_ARGS__)
#define LMLOG_NOTICE_PRINTF(...) LMLOG_DETAIL_AT_NOTICE(PRINTF, __VA_ARGS__)
#define LMLOG_WARN_PRINTF(...) LMLOG_DETAIL_AT_WARN(PRINTF, __VA_ARGS__)
#define LMLOG_ERROR_PRINTF(...) LMLOG_DETAIL_AT_ERROR(PRINTF, __VA_ARGS__)
#define LMLOG_FATAL_PRINTF(...) LMLOG_DETAIL_AT_FATAL(PRINTF, __VA_ARGS__)
