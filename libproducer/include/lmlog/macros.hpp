// SPDX-License-Identifier: Apache-2.0
// The log macros. Each takes a format string and its arguments; the `_AT` ones first take a time in the session's own
// unit. Arguments are evaluated once, and only when the statement is on. The format string is a literal or constexpr.
// Not for signal handlers: one that interrupts a log call of its own thread would write over its record.
#pragma once

#include <lmlog/literals.hpp>
#include <lmlog/log_call.hpp>

#define LMLOG_DETAIL_FIRST(first, ...) first

#define LMLOG_DETAIL_JOIN_(a, b) a##b
#define LMLOG_DETAIL_JOIN(a, b) LMLOG_DETAIL_JOIN_(a, b)

// A local class is the statement's identity: it may use the enclosing function's name, works in templates, lambdas and
// inline functions, and is a template argument of the cell and the registrar. The line is part of its name so that a
// statement inside another's arguments shadows nothing.
#define LMLOG_DETAIL_STATEMENT(site, name, severity, timed, call, ...)                                            \
  do {                                                                                                            \
    static_assert(::lmlog::detail::kMayBeFormat<decltype((LMLOG_DETAIL_FIRST(__VA_ARGS__, )))>,                   \
                  "lmlog: the format string comes first, as a literal or a constexpr: write \"{}\" for a value"); \
    constexpr const char* name = __func__;                                                                        \
    struct site {                                                                                                 \
      static constexpr ::lmlog::detail::SiteText text() noexcept {                                                \
        return {LMLOG_DETAIL_FIRST(__VA_ARGS__, ), __FILE__, name, __LINE__, severity, timed};                    \
      }                                                                                                           \
    };                                                                                                            \
    if (::lmlog::detail::is_on<site>()) ::lmlog::detail::call;                                                    \
  } while (false)

#define LMLOG_DETAIL_LOG_IN(site, name, severity, ...) \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, false, log<site>(__VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_LOG_AT_IN(site, name, severity, time, ...) \
  LMLOG_DETAIL_STATEMENT(site, name, ::lmlog::Level::severity, true, log_at<site>(time, __VA_ARGS__), __VA_ARGS__)
#define LMLOG_DETAIL_LOG(...) \
  LMLOG_DETAIL_LOG_IN(LMLOG_DETAIL_JOIN(LmlogSite, __LINE__), LMLOG_DETAIL_JOIN(lmlog_function_, __LINE__), __VA_ARGS__)
#define LMLOG_DETAIL_LOG_AT(...)                                                                               \
  LMLOG_DETAIL_LOG_AT_IN(LMLOG_DETAIL_JOIN(LmlogSite, __LINE__), LMLOG_DETAIL_JOIN(lmlog_function_, __LINE__), \
                         __VA_ARGS__)

#define LMLOG_TRACE(...) LMLOG_DETAIL_LOG(trace, __VA_ARGS__)
#define LMLOG_DEBUG(...) LMLOG_DETAIL_LOG(debug, __VA_ARGS__)
#define LMLOG_INFO(...) LMLOG_DETAIL_LOG(info, __VA_ARGS__)
#define LMLOG_NOTICE(...) LMLOG_DETAIL_LOG(notice, __VA_ARGS__)
#define LMLOG_WARN(...) LMLOG_DETAIL_LOG(warn, __VA_ARGS__)
#define LMLOG_ERROR(...) LMLOG_DETAIL_LOG(error, __VA_ARGS__)
#define LMLOG_FATAL(...) LMLOG_DETAIL_LOG(fatal, __VA_ARGS__)

#define LMLOG_TRACE_AT(time, ...) LMLOG_DETAIL_LOG_AT(trace, time, __VA_ARGS__)
#define LMLOG_DEBUG_AT(time, ...) LMLOG_DETAIL_LOG_AT(debug, time, __VA_ARGS__)
#define LMLOG_INFO_AT(time, ...) LMLOG_DETAIL_LOG_AT(info, time, __VA_ARGS__)
#define LMLOG_NOTICE_AT(time, ...) LMLOG_DETAIL_LOG_AT(notice, time, __VA_ARGS__)
#define LMLOG_WARN_AT(time, ...) LMLOG_DETAIL_LOG_AT(warn, time, __VA_ARGS__)
#define LMLOG_ERROR_AT(time, ...) LMLOG_DETAIL_LOG_AT(error, time, __VA_ARGS__)
#define LMLOG_FATAL_AT(time, ...) LMLOG_DETAIL_LOG_AT(fatal, time, __VA_ARGS__)
