# SPDX-License-Identifier: Apache-2.0
"""Bodies of record kinds (registry.md, Record kinds): state, spans, losses, backtraces and sub-buffer heads."""
from .registry import (BACKTRACE, CLOCK, CLOCK_NAMES, CONTEXT, LOSS, MAX_BACKTRACE, MAX_CONTEXT_BYTES,
                       MAX_CONTEXT_KEYS, MAX_LOSSES, MAX_SPAN_BYTES, MAX_THREAD_NAME, SPAN_BEGIN, SPAN_END, SUB_BUFFER, THREAD, WEIGHT)
from .wire import Malformed, WireReader


def bounded(count, limit, what):
    if count > limit:
        raise Malformed(f"{count} {what}; at most {limit}")
    return count


def clock_kind(number):
    if number not in CLOCK_NAMES:
        raise Malformed(f"clock kind {number} is none")
    return number


def read_thread(reader):
    tid, epoch = reader.u32(), reader.u32()
    name = reader.take(bounded(reader.u32(), MAX_THREAD_NAME, "bytes of thread name"), "thread name")
    return {"tid": tid, "epoch": epoch, "name": name}


def read_context(reader):
    """None when all is zero and there are no pairs: no context."""
    bounded(reader.left, MAX_CONTEXT_BYTES, "bytes of context")
    trace_id, span_id, flags = reader.take(16), reader.take(8), reader.u8()
    reader.take(3)
    count = bounded(reader.u32(), MAX_CONTEXT_KEYS, "context values")
    values = [(reader.length_word_string()[0], reader.length_word_string()[0]) for _ in range(count)]
    if not count and not any(trace_id) and not any(span_id) and not flags:
        return None
    return {"trace_id": trace_id, "span_id": span_id, "flags": flags, "values": values}


def read_clock(reader):
    return {"kind": clock_kind(reader.u32()), "epoch": reader.u32(), "tsc": reader.u64(), "realtime_ns": reader.i64(),
            "monotonic_raw_ns": reader.i64()}


def read_weight(reader):
    id_ = reader.u32()
    reader.u32()
    weight = reader.f64()
    if not 1 <= weight < float("inf"):
        raise Malformed(f"a weight of {weight}")
    return {"statement": id_, "weight": weight}


def read_losses(reader):
    """Cumulative counts by reason."""
    count = bounded(reader.u32(), MAX_LOSSES, "loss reasons")
    reader.u32()
    losses = {}
    for _ in range(count):
        reason = bounded(reader.u32(), MAX_LOSSES - 1, "as a loss reason")
        reader.u32()
        losses[reason] = max(reader.u64(), losses.get(reason, 0))
    return losses


def read_span(reader):
    bounded(reader.left, MAX_SPAN_BYTES, "bytes of a span")
    return {"trace_id": reader.take(16), "span_id": reader.take(8), "parent": reader.take(8),
            "name": reader.length_word_string()[0]}


def read_span_end(reader):
    out = {"span_id": reader.take(8), "status": reader.u32()}
    reader.u32()
    return out


def read_backtrace(reader):
    count = bounded(reader.u32(), MAX_BACKTRACE, "return addresses")
    reader.u32()
    return {"addresses": [reader.u64() for _ in range(count)]}


def read_sub_buffer(reader):
    position, index, losses = reader.u64(), reader.u64(), read_losses(reader)
    size = reader.u32()
    reader.u32()
    return {"position": position, "index": index, "losses": losses, "state": reader.take(size, "state vector")}


READERS = {THREAD: read_thread, CONTEXT: read_context, CLOCK: read_clock, WEIGHT: read_weight, LOSS: read_losses,
           SPAN_BEGIN: read_span, SPAN_END: read_span_end, BACKTRACE: read_backtrace, SUB_BUFFER: read_sub_buffer}


def decode_body(kind, body):
    """The decoded body of a kind that this version knows; None for another. A longer body is fine, a shorter is not."""
    return READERS[kind](WireReader(body)) if kind in READERS else None


def shown_body(kind, decoded):
    """A decoded body as JSON can hold it."""
    if decoded is None:
        return {} if kind != CONTEXT else {"none": True}
    if kind == LOSS:
        return {"cumulative": {str(reason): count for reason, count in sorted(decoded.items())}}
    shown = {}
    for key, value in decoded.items():
        if key == "name":
            value = value.decode("utf-8", "replace")
        elif key == "values":
            value = [[name.decode("utf-8", "replace"), text.decode("utf-8", "replace")] for name, text in value]
        elif key == "losses":
            value = {str(reason): count for reason, count in sorted(value.items())}
        elif isinstance(value, bytes):
            value = value.hex()
        shown[key] = value
    if kind == CLOCK:
        shown["kind"] = CLOCK_NAMES.get(decoded["kind"], str(decoded["kind"]))
    return shown
