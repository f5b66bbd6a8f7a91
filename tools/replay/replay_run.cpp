// SPDX-License-Identifier: Apache-2.0
// Starts the threads of a replay together, keeps them until the last is done, and reads what became of their calls.
#include "tools/replay/replay_run.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <latch>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "lmlog/formats/json_text.hpp"

#include "tools/program_exit.hpp"
#include "tools/replay/own_counters.hpp"
#include "tools/replay/stop_flag.hpp"

namespace lmlog::tools {
namespace {

constexpr const char* kProgram = "lmlog-replay";

using SteadyClock = std::chrono::steady_clock;

struct Measured {
  std::uint64_t attempted = 0;
  TickHistogram call_ticks;
  std::uint64_t clock_step = 0;
  double seconds = 0;  // from the first call of any thread to the last
};

/// What one thread brings back.
struct ThreadResult {
  CallMeter meter;
  SteadyClock::time_point begin;
  SteadyClock::time_point end;
};

Measured run_threads(const ReplayOptions& options, const std::vector<ReplayThread>& threads) {
  const std::uint64_t all = std::accumulate(threads.begin(), threads.end(), std::uint64_t{0},
                                            [](std::uint64_t sum, const ReplayThread& t) { return sum + t.records; });
  std::vector<ThreadResult> results(threads.size());
  std::latch start(static_cast<std::ptrdiff_t>(threads.size()));
  // Nobody leaves before the last is done: the ring of a thread that ends goes to one that comes late.
  std::latch finish(static_cast<std::ptrdiff_t>(threads.size()));
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    running.emplace_back([&options, &start, &finish, &thread = threads[i], &result = results[i], all] {
      pthread_setname_np(pthread_self(), thread.name.substr(0, 15).c_str());
      const double share = all == 0 ? 0 : static_cast<double>(thread.records) / static_cast<double>(all);
      start.arrive_and_wait();
      result.begin = SteadyClock::now();
      Pacer pacer(options.rate * share);
      thread.log(result.meter, pacer);
      result.end = SteadyClock::now();
      finish.arrive_and_wait();
    });
  }
  for (std::thread& thread : running) thread.join();

  Measured out;
  auto begin = SteadyClock::time_point::max();
  auto end = SteadyClock::time_point::min();
  for (const ThreadResult& result : results) {
    out.attempted += result.meter.calls();
    out.call_ticks.add(result.meter.histogram());
    out.clock_step = std::gcd(out.clock_step, result.meter.step());
    begin = std::min(begin, result.begin);
    end = std::max(end, result.end);
  }
  out.seconds = std::chrono::duration<double>(end - begin).count();
  return out;
}

/// The rate of the counter behind ordered_ticks(), against the clock, over the time that it lives.
class TickRate {
 public:
  [[nodiscard]] double ns_per_tick() const {
    // Both clocks are read within a microsecond: after 20 ms that is 0.01 %.
    std::this_thread::sleep_until(begin_ + std::chrono::milliseconds(20));
    const std::uint64_t ticks = ordered_ticks() - begin_ticks_;
    const std::chrono::duration<double, std::nano> elapsed = SteadyClock::now() - begin_;
    return elapsed.count() / static_cast<double>(ticks);
  }

 private:
  SteadyClock::time_point begin_ = SteadyClock::now();
  std::uint64_t begin_ticks_ = ordered_ticks();
};

std::string report(const ReplayOptions& options, const Measured& run, const CallCounts& counts, double ns_per_tick) {
  const auto ns = [ns_per_tick](double ticks) { return ticks * ns_per_tick; };
  return fmt::format(
      R"({{"service":"{}","pid":{},"attempted":{},"stored":{},"dropped":{},"sampled_out":{},"overwritten":{},)"
      R"("seconds":{:.6f},"ns_per_call":{{"p50":{:.1f},"p99":{:.1f},"p999":{:.1f},"max":{:.1f},"clock_step":{:.1f}}}}})"
      "\n",
      formats::json_escaped(options.service), ::getpid(), run.attempted, counts.stored, counts.dropped,
      counts.sampled_out, counts.overwritten, run.seconds, ns(run.call_ticks.quantile(0.5)),
      ns(run.call_ticks.quantile(0.99)), ns(run.call_ticks.quantile(0.999)),
      ns(static_cast<double>(run.call_ticks.max())), ns(static_cast<double>(run.clock_step)));
}

}  // namespace

int run_replay(const ReplayOptions& options, std::vector<ReplayThread> threads) {
  OwnCounters counters;  // outlives the session: see there
  const lmlog::Session session{{.service = options.service,
                                .ring_bytes = options.ring_bytes,
                                .clock = options.clock,
                                .policy = options.policy,
                                .level = lmlog::Level::info}};
  const std::string path = session.path();
  if (path.empty()) {
    fmt::print(stderr, "{}: no session could be opened (see above): nothing was replayed\n", kProgram);
    return kIoFailed;
  }
  stop_on_signals();
  const TickRate tick_rate;
  const Measured run = run_threads(options, threads);
  const auto counts = counters.read(path);
  if (!counts) {
    fmt::print(stderr, "{}: cannot read the session's own counters: {}\n", kProgram, counts.error().text);
    return counts.error().code == formats::ErrorCode::io ? kIoFailed : kDamaged;
  }
  int code = stop_requested() ? kInterrupted : kDone;
  if (counts->attempted() != run.attempted) {
    fmt::print(stderr, "{}: {} calls were made, but the counters in shared memory account for {}\n", kProgram,
               run.attempted, counts->attempted());
    code = kNothingMatched;
  }
  return write_answer(kProgram, report(options, run, *counts, tick_rate.ns_per_tick()), code);
}

}  // namespace lmlog::tools
