// SPDX-License-Identifier: Apache-2.0
// The limits: what reading a clock costs by itself.
#include <time.h>
#include <x86intrin.h>

#include "bench/batch.hpp"

namespace lmlog::bench {

void add_clocks() {
  add_warm("rdtsc/-/warm", [](Values&, int) { benchmark::DoNotOptimize(__rdtsc()); });
  add_warm("rdtscp/-/warm", [](Values&, int) { benchmark::DoNotOptimize(ticks_now()); });
  add_warm("clock_gettime/-/warm", [](Values&, int) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    benchmark::DoNotOptimize(now);
  });
}

}  // namespace lmlog::bench
