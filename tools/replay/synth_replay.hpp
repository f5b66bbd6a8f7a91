// SPDX-License-Identifier: Apache-2.0
// `lmlog-replay synth`: the workloads W1 to W5 and their mix. Record i of a thread is a function of i alone, so that a
// test can say what every record must hold:
//
//   W1 heartbeat                                 W4 user {id} name {name}: id = i, name = user_name(i)
//   W2 seq {n}: n = i                            W5 {a} … {h}: i, i + 1, … i + 7
//   W3 order {id} px {px} qty {qty}: id = i, px = (10000 + i mod 10000) / 100, qty = 1 + i mod 100
//   mix: record i is of workload W(1 + i mod 5); WARN where i mod 1000 is 999, else INFO
//
// 32-bit values wrap around. With the clock user_ns record i has the time of the start plus i microseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/replay/replay_run.hpp"

namespace lmlog::tools {

enum class Workload : std::uint8_t { w1, w2, w3, w4, w5, mix };

[[nodiscard]] std::optional<Workload> workload_of(std::string_view name) noexcept;

/// 32 bytes, one of 1,000 names.
[[nodiscard]] std::string_view user_name(std::uint64_t i);

/// `records` are those of each thread; options.limit cuts their sum, thread by thread in equal shares.
[[nodiscard]] std::vector<ReplayThread> synth_threads(Workload workload, unsigned threads, std::uint64_t records,
                                                      const ReplayOptions& options);

}  // namespace lmlog::tools
