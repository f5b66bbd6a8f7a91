// SPDX-License-Identifier: Apache-2.0
// LMLOG_ACTIVE_LEVEL: statements below it leave nothing in the program, neither code nor a catalog entry. Their
// arguments are still compiled. Define it before the first include of LMLog (-D), alike in all sources of a program
// that share inline functions.
#pragma once

#include <lmlog/level.hpp>

#define LMLOG_LEVEL_TRACE 0
#define LMLOG_LEVEL_DEBUG 1
#define LMLOG_LEVEL_INFO 2
#define LMLOG_LEVEL_NOTICE 3
#define LMLOG_LEVEL_WARN 4
#define LMLOG_LEVEL_ERROR 5
#define LMLOG_LEVEL_FATAL 6
#define LMLOG_LEVEL_OFF 7

#ifndef LMLOG_ACTIVE_LEVEL
#define LMLOG_ACTIVE_LEVEL LMLOG_LEVEL_TRACE
#endif

namespace lmlog::detail {

inline constexpr int kActiveLevel = LMLOG_ACTIVE_LEVEL;

/// For statements whose level is an expression.
[[nodiscard]] constexpr bool is_active(Level level) noexcept { return static_cast<int>(level) >= kActiveLevel; }

/// What is left of a statement below the floor: it takes its arguments, in code that is thrown away.
template <class... Args> inline void leave_out(const Args&... /*args*/) noexcept {}

}  // namespace lmlog::detail

#define LMLOG_DETAIL_NOTHING(...)                       \
  do {                                                  \
    if (false) ::lmlog::detail::leave_out(__VA_ARGS__); \
  } while (false)

// LMLOG_DETAIL_AT_<LEVEL>(KIND, …) is the statement LMLOG_DETAIL_KIND(level, …), or nothing.
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_TRACE
#define LMLOG_DETAIL_AT_TRACE(kind, ...) LMLOG_DETAIL_##kind(trace, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_TRACE(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_DEBUG
#define LMLOG_DETAIL_AT_DEBUG(kind, ...) LMLOG_DETAIL_##kind(debug, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_DEBUG(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_INFO
#define LMLOG_DETAIL_AT_INFO(kind, ...) LMLOG_DETAIL_##kind(info, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_INFO(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_NOTICE
#define LMLOG_DETAIL_AT_NOTICE(kind, ...) LMLOG_DETAIL_##kind(notice, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_NOTICE(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_WARN
#define LMLOG_DETAIL_AT_WARN(kind, ...) LMLOG_DETAIL_##kind(warn, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_WARN(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_ERROR
#define LMLOG_DETAIL_AT_ERROR(kind, ...) LMLOG_DETAIL_##kind(error, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_ERROR(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
#if LMLOG_ACTIVE_LEVEL <= LMLOG_LEVEL_FATAL
#define LMLOG_DETAIL_AT_FATAL(kind, ...) LMLOG_DETAIL_##kind(fatal, __VA_ARGS__)
#else
#define LMLOG_DETAIL_AT_FATAL(kind, ...) LMLOG_DETAIL_NOTHING(__VA_ARGS__)
#endif
