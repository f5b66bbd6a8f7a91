// SPDX-License-Identifier: Apache-2.0
// What the processor says of its counter: whether it may serve as a clock, and its rate. One answer for each machine.
#pragma once

#include <cstdint>

namespace lmlog::detail {

/// True when the counter runs at one rate in all states of the processor.
[[nodiscard]] bool counter_is_said_to_be_steady() noexcept;

/// Ticks a second as the processor states them; 0: it does not, and they must be measured.
[[nodiscard]] std::uint64_t stated_counter_hz() noexcept;

}  // namespace lmlog::detail
