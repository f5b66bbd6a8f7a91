// SPDX-License-Identifier: Apache-2.0
// One life of a process or thread, as lives_test.py starts it: what it logs, the witness of its calls that returned,
// and what it holds of the system on its way.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <lmlog/session.hpp>

namespace lmlog::lives {

/// Who logs is a slot of the witness: a thread or a process of its own, from 0.
using Slot = std::uint32_t;
inline constexpr Slot kSlots = 1 << 17;

/// Small rings, and calls that wait for room as long as it takes: a collector must be there, unless LIFE_ALONE is set.
[[nodiscard]] SessionOptions options(std::string service);

/// Logs `count` records "life {who} {n}" and says of each call that returned so in the witness, a file that outlives
/// the process: n goes on from there.
void log(Slot who, std::uint64_t count = 1);

/// One line of JSON on stdout: mappings, descriptors, and memory of this process, now. At the "end" it waits until
/// stdin is closed, so that the test can look at it.
void say_footprint(std::string_view at);

/// Waits for the child; true when it ended by itself, with `code`.
[[nodiscard]] bool ended_with(int child, int code = 0);

using Lives = std::map<std::string_view, int (*)(std::uint32_t)>;  // mode → what to do, `count` times
[[nodiscard]] Lives lives_of_processes();
[[nodiscard]] Lives lives_in_other_memory();
[[nodiscard]] Lives lives_of_threads();
[[nodiscard]] Lives lives_of_sessions();
[[nodiscard]] Lives lives_of_plugins();
[[nodiscard]] Lives lives_under_faults();
[[nodiscard]] Lives ends();

}  // namespace lmlog::lives
