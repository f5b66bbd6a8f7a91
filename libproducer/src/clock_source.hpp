// SPDX-License-Identifier: Apache-2.0
// The machine's clocks: whether its counter may serve as one, its rate, and anchors that tie it to the calendar.
#pragma once

#include <cstdint>

#include <lmlog/formats/session_layout.hpp>

namespace lmlog::detail {

/// True when the counter runs at one rate in all states of the processor (the processor says so), or the kernel itself
/// keeps time by it.
[[nodiscard]] bool tsc_is_invariant() noexcept;

/// Counter, CLOCK_REALTIME and CLOCK_MONOTONIC_RAW, read as close together as the best of a few tries gets them.
[[nodiscard]] formats::Anchor take_anchor() noexcept;

/// Ticks a second, stated by the processor, or measured once in the process over at least half a millisecond; 0 without
/// an invariant counter.
[[nodiscard]] std::uint64_t tsc_hz() noexcept;

/// The calendar at `ticks` of the counter, which are not before the anchor's.
[[nodiscard]] inline std::uint64_t calendar_ns(std::uint64_t ticks, const formats::Anchor& anchor,
                                               std::uint64_t hz) noexcept {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const std::uint64_t elapsed = ticks - anchor.tsc;
  return static_cast<std::uint64_t>(anchor.realtime_ns) + elapsed / hz * kSecond + elapsed % hz * kSecond / hz;
}

/// Coarse and cheap: no system call where the kernel has a vDSO. For back-off only.
[[nodiscard]] std::int64_t coarse_monotonic_ns() noexcept;

}  // namespace lmlog::detail
