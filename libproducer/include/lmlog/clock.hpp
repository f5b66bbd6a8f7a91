// SPDX-License-Identifier: Apache-2.0
// Reading the session's clock: the time-stamp counter inline, every other clock by a call.
#pragma once

#include <atomic>
#include <cstdint>

#include <lmlog/export.hpp>
#include <lmlog/formats/counter.hpp>

namespace lmlog {

namespace detail {

/// True while the counter is the clock: the session's, or without a session the machine's best.
extern LMLOG_API std::atomic<bool> clock_is_tsc;

[[nodiscard]] LMLOG_API std::uint64_t realtime_ns() noexcept;

[[nodiscard, gnu::always_inline]] inline std::uint64_t read_tsc() noexcept { return formats::read_counter(); }

}  // namespace detail

/// A time for the `_AT` macros, in the unit of the process's session: ticks, or nanoseconds since the epoch.
/// Thread-safe.
[[nodiscard]] inline std::uint64_t ticks() noexcept {
  return detail::clock_is_tsc.load(std::memory_order_relaxed) ? detail::read_tsc() : detail::realtime_ns();
}

}  // namespace lmlog
