// SPDX-License-Identifier: Apache-2.0
// lttng-ust's tracepoints in an active session; bench/run makes one. Without it they are skipped: a tracepoint that
// nobody records costs a nanosecond and says nothing.
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "bench/lttng_events.h"

#include <cstdio>

#include "bench/batch.hpp"

namespace lmlog::bench {

void add_lttng() {
  if (!lttng_ust_tracepoint_enabled(lmlog_bench, w3)) {
    std::fprintf(
        stderr,
        "call_cost: no active LTTng session records lmlog_bench:*; lttng-ust is skipped (bench/run makes one)\n");
    return;
  }
  add_warm("lttng-ust/W1/warm", [](Values&, int) { lttng_ust_tracepoint(lmlog_bench, w1); });
  add_warm("lttng-ust/W2/warm", [](Values&, int i) { lttng_ust_tracepoint(lmlog_bench, w2, i); });
  add_warm("lttng-ust/W3/warm", [](Values& v, int i) { lttng_ust_tracepoint(lmlog_bench, w3, v.id + i, v.px, v.n); });
  add_warm("lttng-ust/W4/warm",
           [](Values& v, int i) { lttng_ust_tracepoint(lmlog_bench, w4, i, v.name.data(), v.name.size()); });
  add_warm("lttng-ust/W5/warm",
           [](Values& v, int i) { lttng_ust_tracepoint(lmlog_bench, w5, i, v.n, i, v.n, i, v.n, i, v.n); });
  add_cold("lttng-ust/W3/cold", [](Values& v, int i) { lttng_ust_tracepoint(lmlog_bench, w3, v.id + i, v.px, v.n); });
}

}  // namespace lmlog::bench
