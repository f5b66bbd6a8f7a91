// SPDX-License-Identifier: Apache-2.0
// A run of the load generator: options that all sources have, the threads, and the one JSON object at the end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <lmlog/session.hpp>

#include "tools/replay/call_meter.hpp"
#include "tools/replay/pacer.hpp"

namespace lmlog::tools {

struct ReplayOptions {
  std::string service;
  double rate = 0;          // records per second over all threads; 0: as fast as possible
  std::uint64_t limit = 0;  // records over all threads; 0: all
  lmlog::Clock clock = lmlog::Clock::tsc;
  lmlog::Policy policy = lmlog::Policy::drop;
  std::uint64_t ring_bytes = std::uint64_t{1} << 20;
};

/// One producer thread. `log` writes all its records and asks meter and pacer for each; it returns early on a stop.
struct ReplayThread {
  std::string name;           // at most 15 bytes: the kernel's limit
  std::uint64_t records = 0;  // its share of the rate is its share of all records
  std::function<void(CallMeter&, Pacer&)> log;
};

/// Opens a session, runs the threads to their end or to SIGINT, prints the report to stdout. Returns the exit code.
[[nodiscard]] int run_replay(const ReplayOptions& options, std::vector<ReplayThread> threads);

}  // namespace lmlog::tools
