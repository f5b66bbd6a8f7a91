// SPDX-License-Identifier: Apache-2.0
// How a log call is measured here, the same for every library: warm, as batches of 1,000 calls back to back of which
// each gives one value (ns a call); and cold, single calls with 2 MiB of other memory read before each.
// Google Benchmark repeats and interleaves them in random order, so that a noisy second hits all subjects alike.
#pragma once

#include <x86intrin.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

namespace lmlog::bench {

inline constexpr int kBatchCalls = 1000;
inline constexpr int kWarmUpCalls = 200;  // the subject before has evicted our lines and predictions
inline constexpr int kBatches = 1000;
inline constexpr int kColdCalls = 2000;

/// What the workloads log (interface.md, lmlog-replay synth). Opaque to the optimizer, the same for every library.
struct Values {
  std::int64_t id = 1'000'000;
  double px = 187.25;
  std::int32_t n = 42;
  std::string_view name = "customer-042-of-a-trading-desk--";
};

[[nodiscard]] Values& values();
[[nodiscard]] double ns_per_tick();
[[nodiscard]] std::uint64_t empty_pair_ticks();

/// Reads 2 MiB, one word a line: more than the L2 cache of any machine in question.
void walk_cold_memory();

[[nodiscard]] inline std::uint64_t ticks_now() {
  unsigned processor;
  return __rdtscp(&processor);
}

/// Benchmark statistics of a subject: median, p10 and p90 of the batches.
void measure_batches(benchmark::internal::Benchmark* subject);
/// p50, p90 and p99 of the single calls.
void measure_singles(benchmark::internal::Benchmark* subject);

template <class Call> void add_warm(const std::string& name, Call call) {
  measure_batches(benchmark::RegisterBenchmark(name.c_str(), [call](benchmark::State& state) {
    Values& v = values();
    for (auto _ : state) {
      for (int i = 0; i < kWarmUpCalls; ++i) call(v, i);
      benchmark::DoNotOptimize(v);
      const std::uint64_t begin = ticks_now();
      for (int i = 0; i < kBatchCalls; ++i) call(v, i);
      const std::uint64_t ticks = ticks_now() - begin - empty_pair_ticks();
      state.SetIterationTime(static_cast<double>(ticks) * ns_per_tick() / kBatchCalls * 1e-9);
    }
  }));
}

template <class Call> void add_cold(const std::string& name, Call call) {
  measure_singles(benchmark::RegisterBenchmark(name.c_str(), [call](benchmark::State& state) {
    Values& v = values();
    for (auto _ : state) {
      walk_cold_memory();
      benchmark::DoNotOptimize(v);
      const std::uint64_t begin = ticks_now();
      call(v, 0);
      const std::uint64_t ticks = ticks_now() - begin;
      const std::uint64_t net = ticks > empty_pair_ticks() ? ticks - empty_pair_ticks() : 0;
      state.SetIterationTime(static_cast<double>(net) * ns_per_tick() * 1e-9);
    }
  }));
}

void add_clocks();
void add_lmlog();
void add_spdlog();
void add_lttng();

/// After the measurements: empty when every record of the library was kept, else what went wrong.
[[nodiscard]] std::string lmlog_losses();

}  // namespace lmlog::bench
