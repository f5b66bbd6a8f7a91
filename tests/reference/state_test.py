#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference reader's state vector: how records change it, and which wire forms it takes and refuses."""
import struct
import sys

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from lmlog_reference import registry  # noqa: E402
from lmlog_reference.clock import Timeline  # noqa: E402
from lmlog_reference.record_bodies import decode_body  # noqa: E402
from lmlog_reference.state import State, parse_state  # noqa: E402
from lmlog_reference.wire import Malformed  # noqa: E402
from written import ring_bytes as rb  # noqa: E402


def after(*records, state=None):
    """The state behind (kind, body) records with times 1, 2, …"""
    state = state or State()
    for time, (kind, body) in enumerate(records, 1):
        state.apply(kind, decode_body(kind, body), time)
    return state


def span(number):
    return struct.pack("<Q", number)


def begin(number):
    return registry.SPAN_BEGIN, rb.span_begin(span(number), b"work")


def end(number):
    return registry.SPAN_END, rb.span_end(span(number))


def open_spans(state):
    return [struct.unpack("<Q", each["span_id"])[0] for each in state.spans]


def refused(data):
    try:
        parse_state(data)
    except Malformed:
        return
    raise AssertionError(f"{data!r} was accepted")


def test_a_span_end_closes_its_span_and_those_opened_after_it():
    equal(open_spans(after(begin(1), begin(2), begin(3), end(2))), [1])
    equal(open_spans(after(begin(1), begin(2), end(9))), [1, 2])


def test_of_more_than_64_open_spans_the_outermost_are_kept():
    equal(open_spans(after(*map(begin, range(1, 71)))), list(range(1, 65)))


def test_a_thread_record_ends_context_and_spans_and_nothing_else():
    state = after((3, rb.context(span_id=span(4))), begin(1), (5, rb.weight(64, 2.0)), (6, rb.losses({0: 3})),
                  (4, rb.clock(4, 2)), (2, rb.thread(9, 1, b"next")))
    equal((state.context, state.spans, state.weights, state.losses, state.clock, state.thread["tid"]),
          (None, [], {64: 2.0}, {0: 3}, (4, 2), 9))


def test_a_context_of_zeros_is_no_context_and_a_weight_of_1_is_none():
    state = after((3, rb.context(flags=1)), (3, rb.context()), (5, rb.weight(64, 2.0)), (5, rb.weight(64, 1.0)))
    equal((state.context, state.weights), (None, {}))


def test_losses_are_reported_as_differences_and_only_once():
    state = State()
    equal([state.apply(6, decode_body(6, rb.losses(counts)), 1)[1] for counts in ({0: 3}, {0: 5, 2: 1}, {0: 5, 2: 1})],
          [{0: 3}, {0: 2, 2: 1}, {}])


def test_only_records_of_statements_count_for_the_index():
    state = after(begin(1))
    state.apply(64, None, 1)
    state.apply(70, None, 1)
    equal(state.index, 2)


def test_a_state_vector_gives_back_what_it_says():
    state = parse_state(rb.state_vector([
        (1, rb.thread(5, 1, b"io")), (2, struct.pack("<II", 1, 3)), (3, rb.context(b"t" * 16, b"s" * 8, 1, [(b"k", b"v")])),
        (4, struct.pack("<III", 1, 0, len(rb.span_begin(span(8), b"n"))) + rb.span_begin(span(8), b"n")),
        (5, struct.pack("<II", 1, 0) + rb.weight(64, 2.5)), (6, rb.losses({1: 2})), (7, struct.pack("<Q", 77)),
        (8, struct.pack("<Q", 88)), (32768, b"later")]))
    equal((state.thread["name"], state.clock, state.context["values"], open_spans(state), state.weights, state.losses,
           state.sort_key, state.index, state.unknown),
          (b"io", (1, 3), [(b"k", b"v")], [8], {64: 2.5}, {1: 2}, 77, 88, {32768: b"later"}))
    equal(state.differences(state.copy(), registry.TSC), [])


def test_items_out_of_order_twice_cut_or_not_understood_are_refused():
    index = (8, struct.pack("<Q", 1))
    for items in ([index, index], [index, (7, struct.pack("<Q", 1))], [(9, b"")], [(32767, b"")], [(0, b"")],
                  [(1, struct.pack("<III", 1, 0, 65) + b"n" * 65)], [(6, struct.pack("<II", 33, 0) + bytes(33 * 16))]):
        refused(rb.state_vector(items))
    refused(rb.state_vector([index])[:-1])
    for weight in (0.5, float("nan"), float("inf")):
        refused(rb.state_vector([(5, struct.pack("<II", 1, 0) + rb.weight(64, weight))]))
    long_span = rb.span_begin(span(8), b"n" * 4096)
    refused(rb.state_vector([(4, struct.pack("<III", 1, 0, len(long_span)) + long_span)]))
    refused(rb.state_vector([(3, rb.context(b"t" * 16, b"s" * 8, 1, [(b"k", b"v" * 65536)]))]))
    refused(rb.state_vector([(2, struct.pack("<II", 5, 0))]))
    refused(rb.state_vector([(6, rb.losses({32: 1}))]))


def test_of_a_count_that_is_said_twice_the_larger_one_counts():
    body = struct.pack("<II", 2, 0) + struct.pack("<IIQ", 0, 0, 9) + struct.pack("<IIQ", 0, 0, 4)
    equal(after((6, body)).losses, {0: 9})


def test_anchors_that_do_not_fit_the_ones_before_are_passed_over():
    timeline = Timeline([(0, 9_000_000), (1000, 1000), (2000, 1500), (2500, 1400), (3000, 1450), (1_002_000, 2500),
                         (4000, 2500)], 0)
    equal([timeline.to_ns(ticks, registry.TSC) for ticks in (1000, 1500, 3000, 4000, 6000)],
          [1000, 1250, 2000, 2500, 3500])
    equal((Timeline([], 5).to_ns(1234, registry.TSC), Timeline([(1000, 5000)], 0).to_ns(3000, registry.TSC)), (1234, 7000))


if __name__ == "__main__":
    sys.exit(run(globals()))
