# SPDX-License-Identifier: Apache-2.0
"""Ring bytes to records (shm-abi.md section 6): the walk with its checks, and what a record means where it stands."""
import dataclasses

from .arguments import decode_arguments, shown_fields, truncated_fields
from .clock import rfc3339
from .record_bodies import decode_body, shown_body
from .registry import (FIRST_SKIPPED_KIND, FIRST_STATEMENT_ID, KIND_NAMES, LEVELS, PAD, loss_name)
from .wire import Malformed, WireReader

HEADER_BYTES, EXTENDED_HEADER_BYTES = 16, 24
MAX_SHORT_BYTES = 32760
MAX_RECORD_BYTES = 8 << 20


class BadRecord(Malformed):
    """Bytes at a position that are no record; nothing behind them is used."""

    def __init__(self, position, message):
        super().__init__(f"position {position}: {message}", position)
        self.position = position


@dataclasses.dataclass
class Record:
    """A record as it lies in a ring; the body is without the header and with its padding."""
    position: int
    length: int
    id: int
    time: int
    body: bytes


def walk_records(fetch, start, end, data_bytes, sub_buffer_bytes=0, pads_end_at_the_wrap=True):
    """Yields the records of [start, end) without pads; `fetch(position, count)` gives the ring's bytes.

    In an overwrite ring pads end at sub-buffers, which who walks its bytes elsewhere does not know.
    """
    unit = sub_buffer_bytes or data_bytes
    at = start
    while at < end:
        room = unit - at % unit
        if data_bytes - at % data_bytes == 8:
            at += 8
            continue
        left = min(end - at, room)
        if left < HEADER_BYTES:
            raise BadRecord(at, f"{left} bytes before the end are no record")
        header = WireReader(fetch(at, HEADER_BYTES))
        time, stamp, word = header.u64(), header.u32(), header.u32()
        if stamp != (at // 8) & 0xFFFFFFFF:
            raise BadRecord(at, f"stamp {stamp:#x} where {(at // 8) & 0xFFFFFFFF:#x} belongs")
        id_, length, head = word & 0xFFFFF, (word >> 20) * 8, HEADER_BYTES
        if length == 0:
            head = EXTENDED_HEADER_BYTES
            if left < head:
                raise BadRecord(at, "an extended record without its length")
            length = WireReader(fetch(at + HEADER_BYTES, 8)).u64()
            if length % 8 or length <= MAX_SHORT_BYTES:
                raise BadRecord(at, f"extended length {length}")
        if length < head:
            raise BadRecord(at, f"length {length}")
        if length > left:
            raise BadRecord(at, f"length {length} with {left} bytes before the head or the wrap")
        if id_ == 0 or KIND_NAMES.get(id_) is None and id_ < FIRST_SKIPPED_KIND:
            raise BadRecord(at, f"record kind {id_} is not valid, or must be understood")
        if id_ == PAD:
            if pads_end_at_the_wrap and length != room:
                raise BadRecord(at, f"a pad of {length} bytes does not end at the wrap, {room} bytes on")
        else:
            if length > min(data_bytes // 4, MAX_RECORD_BYTES):
                raise BadRecord(at, f"length {length} is more than a quarter of the ring, or than 8 MiB")
            yield Record(at, length, id_, time, fetch(at + head, length - head))
        at += length


class Source:
    """Who wrote: what is the same for all records of a ring. Without a session file there is no descriptor, no catalog."""

    def __init__(self, ring_id, session_clock, timeline, catalog=None, descriptor=None):
        self.ring_id, self.session_clock, self.timeline, self.catalog = ring_id, session_clock, timeline, catalog
        self.producer = {} if descriptor is None else {
            "session": descriptor.session_id.hex(), "service": descriptor.service.decode("utf-8", "replace"),
            "host": descriptor.host.decode("utf-8", "replace"), "pid": descriptor.pid}

    def time_of(self, state, time):
        return self.timeline.to_ns(time, state.clock_kind(self.session_clock))


def cursor_of(ring_id, position):
    return f"{ring_id.hex()}:{position}"


def interpret(record, state, source):
    """Decodes a record, moves the state past it, and gives it as JSON shows it.

    Raises BadRecord where the body of a kind or the arguments of a statement do not fit, and for an id that the
    catalog does not have (a source without a catalog shows the body as it is).
    """
    if record.id >= FIRST_STATEMENT_ID:
        values, statement = None, None
        if source.catalog is not None:
            statement = source.catalog.statements.get(record.id)
            if statement is None:
                raise BadRecord(record.position, f"statement {record.id} is not in the catalog")
            try:
                values = decode_arguments(statement.tags, record.body)
            except Malformed as problem:
                raise BadRecord(record.position, f"arguments of statement {record.id}: {problem}") from problem
        shown = present_statement(record, statement, values, state, source)
        state.apply(record.id, None, record.time)
        return shown
    try:
        decoded = decode_body(record.id, record.body)
    except Malformed as problem:
        raise BadRecord(record.position, f"body of a {KIND_NAMES[record.id]} record: {problem}") from problem
    return present_kind(record, decoded, state, source)


def _frame(record, state, source, kind, key, time_ns):
    shown = {"kind": kind, "position": record.position, "cursor": cursor_of(source.ring_id, record.position),
             "length": record.length, "raw_time": record.time, "sort_key": key, "time": rfc3339(time_ns),
             "time_unix_nano": None if time_ns is None else str(time_ns), **source.producer}
    if state.thread:
        shown["tid"], shown["epoch"] = state.thread["tid"], state.thread["epoch"]
        shown["thread"] = state.thread["name"].decode("utf-8", "replace")
    return shown


def present_statement(record, statement, values, state, source):
    """A record of a statement; the state is that before it."""
    key = state.key_of(record.id, None, record.time)
    shown = _frame(record, state, source, "statement", key, source.time_of(state, record.time))
    shown["statement"] = record.id
    if statement is None:
        shown["body"] = record.body.hex()
        return shown
    severity, number = LEVELS[statement.level]
    logger = source.catalog.loggers.get(statement.logger_id)
    shown.update(severity=severity, severity_number=number, template=statement.format.decode("utf-8", "replace"),
                 site=f"{statement.site:016x}", file=statement.file.decode("utf-8", "replace"), line=statement.line,
                 function=statement.function.decode("utf-8", "replace"))
    if logger:
        shown["logger"] = logger.decode("utf-8", "replace")
    shown["fields"] = shown_fields(statement.arguments, values)
    truncated = truncated_fields(statement.arguments, values)
    if truncated:
        shown["truncated"] = truncated
    if state.context:
        context = state.context
        if any(context["trace_id"]):
            shown["trace_id"], shown["trace_flags"] = context["trace_id"].hex(), context["flags"]
        if any(context["span_id"]):
            shown["span_id"] = context["span_id"].hex()
        if context["values"]:
            shown["context"] = {name.decode("utf-8", "replace"): text.decode("utf-8", "replace")
                                for name, text in context["values"]}
    if record.id in state.weights:
        shown["weight"] = state.weights[record.id]
    return shown


def present_kind(record, decoded, state, source):
    """A record of a kind; the state is moved past it."""
    key, new_losses = state.apply(record.id, decoded, record.time)
    name = KIND_NAMES.get(record.id, f"unknown {record.id}")
    # A state record's own time is in the clock that it brings.
    shown = _frame(record, state, source, name, key, source.time_of(state, record.time))
    if record.id in KIND_NAMES:
        shown["body"] = shown_body(record.id, decoded)
    else:
        shown["body"] = record.body.hex()
    if new_losses:
        shown["lost"] = {loss_name(reason): count for reason, count in sorted(new_losses.items())}
    return shown
