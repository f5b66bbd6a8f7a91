// SPDX-License-Identifier: Apache-2.0
// What all subjects of the call benchmark share, and its main function.
#include "bench/batch.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace lmlog::bench {
namespace {

constexpr std::size_t kColdBytes = std::size_t{2} << 20;

double quantile(std::vector<double> sorted, double part) {
  if (sorted.empty()) return 0;
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5)];
}

double measure_tick() {
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t ticks = ticks_now();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const std::uint64_t passed = ticks_now() - ticks;
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - begin;
  return elapsed.count() / static_cast<double>(passed);
}

std::uint64_t measure_empty_pair() {
  std::vector<std::uint64_t> pairs(10'001);
  for (std::uint64_t& pair : pairs) {
    const std::uint64_t begin = ticks_now();
    pair = ticks_now() - begin;
  }
  std::nth_element(pairs.begin(), pairs.begin() + 5000, pairs.end());
  return pairs[5000];
}

/// Keeps this thread on one processor: the last one it may use, which serves fewest interrupts. Threads that the
/// libraries have started by now stay free, so that each has its consumer on another one.
void stay_on_one_processor() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  int last = -1;
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &allowed)) last = i;
  if (last < 0) return;
  CPU_ZERO(&allowed);
  CPU_SET(last, &allowed);
  sched_setaffinity(0, sizeof(allowed), &allowed);
}

}  // namespace

Values& values() {
  static Values v;
  benchmark::DoNotOptimize(v);
  return v;
}

double ns_per_tick() {
  static const double value = measure_tick();
  return value;
}

std::uint64_t empty_pair_ticks() {
  static const std::uint64_t value = measure_empty_pair();
  return value;
}

void walk_cold_memory() {
  static const std::vector<std::uint64_t> memory(kColdBytes / sizeof(std::uint64_t), 1);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < memory.size(); i += 8) sum += memory[i];
  benchmark::DoNotOptimize(sum);
}

void measure_batches(benchmark::internal::Benchmark* subject) {
  subject->UseManualTime()->Iterations(1)->Repetitions(kBatches)->ReportAggregatesOnly();
  subject->ComputeStatistics("p10", [](const std::vector<double>& v) { return quantile(v, 0.1); });
  subject->ComputeStatistics("p90", [](const std::vector<double>& v) { return quantile(v, 0.9); });
}

void measure_singles(benchmark::internal::Benchmark* subject) {
  subject->UseManualTime()->Iterations(1)->Repetitions(kColdCalls)->ReportAggregatesOnly();
  subject->ComputeStatistics("p90", [](const std::vector<double>& v) { return quantile(v, 0.9); });
  subject->ComputeStatistics("p99", [](const std::vector<double>& v) { return quantile(v, 0.99); });
}

}  // namespace lmlog::bench

int main(int argc, char** argv) {
  using namespace lmlog::bench;
  (void)ns_per_tick();
  (void)empty_pair_ticks();
  add_clocks();
  add_lmlog();
  add_spdlog();
  add_lttng();
  stay_on_one_processor();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  if (const std::string wrong = lmlog_losses(); !wrong.empty()) {
    std::fprintf(stderr, "call_cost: %s\n", wrong.c_str());
    return 1;
  }
  return 0;
}
