/* SPDX-License-Identifier: Apache-2.0 */
/* The workloads as LTTng events. The tracer's macros read this file several times, hence no pragma once, and no include
 * but the tracer's: clang's stddef.h does not bear to be read in the middle of a macro's work. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER lmlog_bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "bench/lttng_events.h"

#ifdef LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ
#undef LMLOG_BENCH_LTTNG_EVENTS_H
#endif

#ifndef LMLOG_BENCH_LTTNG_EVENTS_H
#define LMLOG_BENCH_LTTNG_EVENTS_H

#include <lttng/tracepoint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(lmlog_bench, w1, LTTNG_UST_TP_ARGS(), LTTNG_UST_TP_FIELDS())

LTTNG_UST_TRACEPOINT_EVENT(lmlog_bench, w2, LTTNG_UST_TP_ARGS(int32_t, n),
  LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(int32_t, n, n)))

LTTNG_UST_TRACEPOINT_EVENT(lmlog_bench, w3, LTTNG_UST_TP_ARGS(int64_t, id, double, px, int32_t, qty),
  LTTNG_UST_TP_FIELDS(
    lttng_ust_field_integer(int64_t, id, id)
    lttng_ust_field_float(double, px, px)
    lttng_ust_field_integer(int32_t, qty, qty)))

LTTNG_UST_TRACEPOINT_EVENT(lmlog_bench, w4, LTTNG_UST_TP_ARGS(int32_t, id, const char *, name, size_t, length),
  LTTNG_UST_TP_FIELDS(
    lttng_ust_field_integer(int32_t, id, id)
    lttng_ust_field_sequence_text(char, name, name, size_t, length)))

LTTNG_UST_TRACEPOINT_EVENT(lmlog_bench, w5,
  LTTNG_UST_TP_ARGS(int32_t, a, int32_t, b, int32_t, c, int32_t, d, int32_t, e, int32_t, f, int32_t, g, int32_t, h),
  LTTNG_UST_TP_FIELDS(
    lttng_ust_field_integer(int32_t, a, a)
    lttng_ust_field_integer(int32_t, b, b)
    lttng_ust_field_integer(int32_t, c, c)
    lttng_ust_field_integer(int32_t, d, d)
    lttng_ust_field_integer(int32_t, e, e)
    lttng_ust_field_integer(int32_t, f, f)
    lttng_ust_field_integer(int32_t, g, g)
    lttng_ust_field_integer(int32_t, h, h)))
/* clang-format on */

#endif /* LMLOG_BENCH_LTTNG_EVENTS_H */

#include <lttng/tracepoint-event.h>
