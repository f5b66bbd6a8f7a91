# SPDX-License-Identifier: Apache-2.0
"""Ring files (shm-abi.md sections 3 and 6): header, the records between tail and head, losses not yet in a record."""
from .clock import Timeline
from .damage import Findings, Refused, check_version
from .record_bodies import decode_body
from .records import BadRecord, Source, cursor_of, interpret, walk_records
from .registry import (CLOCK, OVERWRITTEN, POLICY_NAMES, SUB_BUFFER, THREAD, TSC, USER_NS, is_ring_size, loss_name)
from .state import State, parse_state
from .wire import MASK64, Malformed, WireReader

MAGIC = b"LMLOGRNG"
CHANGING_PART_END = 904
MIN_SUB_BUFFERS = 8


class RingHeader:
    """The header page of a ring."""

    def __init__(self, data):
        reader = WireReader(data)
        if reader.take(8, "magic") != MAGIC:
            raise Refused("not_ours", "no ring: its magic is not LMLOGRNG")
        major, minor = reader.u16(), reader.u16()
        self.data_offset = reader.u32()
        incompatible, self.compatible = reader.u64(), reader.u64()
        self.version = check_version("the ring", major, minor, incompatible)
        self.ring_id, self.session_id = reader.take(16), reader.take(16)
        self.data_bytes, self.number, self.policy = reader.u64(), reader.u32(), reader.u32()
        self.sub_buffer_bytes = reader.u64()
        self.head = WireReader(data, 256).u64()
        tail = WireReader(data, 320)
        self.tail, self.not_tail, self.drained, self.not_drained = tail.u64(), tail.u64(), tail.u64(), tail.u64()
        self.retired = WireReader(data, 384).u32()
        losses = WireReader(data, 448)
        self.losses = {reason: count for reason in range(32) if (count := losses.u64())}
        self.floor, self.owner = WireReader(data, 704).u64(), WireReader(data, 768).u32()
        owner = WireReader(data, 832)
        self.owner_tid, size = owner.u32(), owner.u32()
        self.owner_name = owner.take(64)[:min(size, 64)]
        self._check(len(data))

    def _check(self, size):
        if self.data_offset < CHANGING_PART_END or self.data_offset % 8:
            raise Malformed(f"data offset {self.data_offset}", 12)
        if not is_ring_size(self.data_bytes):
            raise Malformed(f"{self.data_bytes} data bytes are no power of two from 64 KiB to 1 GiB", 64)
        if self.policy not in POLICY_NAMES:
            raise Malformed(f"policy {self.policy} is none", 76)
        sub = self.sub_buffer_bytes
        if sub and (self.data_bytes % sub or sub % 8 or self.data_bytes // sub < MIN_SUB_BUFFERS):
            raise Malformed(f"sub-buffers of {sub} bytes in a ring of {self.data_bytes}", 80)
        if size < self.data_offset + self.data_bytes:
            whole = self.data_offset + self.data_bytes
            raise Refused("truncated", f"the ring file has {size} of its {whole} bytes", size, whole - size)

    def shown(self):
        return {"version": self.version, "compatible": self.compatible, "data_offset": self.data_offset,
                "ring": self.ring_id.hex(), "session": self.session_id.hex(), "data_bytes": self.data_bytes,
                "number": self.number, "policy": POLICY_NAMES[self.policy],
                "sub_buffer_bytes": self.sub_buffer_bytes, "head": self.head, "tail": self.tail,
                "drained": self.drained, "retired": self.retired, "floor": self.floor, "owner": self.owner,
                "owner_tid": self.owner_tid, "owner_name": self.owner_name.decode("utf-8", "replace"),
                "losses": {str(reason): count for reason, count in self.losses.items()}}


class Ring:
    """A ring file, read from the tail (or, in an overwrite ring, the floor) to the head."""

    def __init__(self, data, session=None):
        self.data, self.session, self.findings = data, session, Findings()
        self.records, self.lost, self.lost_at_start, self.state = [], None, None, State()
        try:
            self.header = RingHeader(data)
        except Malformed as problem:
            raise Refused("structure", str(problem), 0, len(data)) from problem
        if session is None:
            self.findings.note("without the session file: no catalog and no anchors")
        elif session.descriptor.session_id != self.header.session_id:
            raise Refused("structure", "the ring names another session", 48, 16)
        start = self._start()
        if start is not None:
            self._read(start)
            self._lost_since()

    def _fetch(self, position, count):
        at = self.header.data_offset + position % self.header.data_bytes
        return self.data[at:at + count]

    def _start(self):
        """The position to read from; None if head and tail cannot be."""
        header = self.header
        if header.sub_buffer_bytes:
            start, where = header.floor, (704, 8)
            if start % header.sub_buffer_bytes:
                self.findings.report("structure", *where, f"the floor {start} is no sub-buffer's start")
                return None
        else:
            start, where = header.tail, (320, 32)
            for name, value, inverse in (("tail", header.tail, header.not_tail),
                                         ("drained", header.drained, header.not_drained)):
                if value ^ inverse != MASK64:
                    self.findings.report("structure", *where, f"{name} {value:#x} and its inverse {inverse:#x} disagree")
                    return None
            if start % 8:
                self.findings.report("structure", *where, f"tail {start} is no multiple of 8")
                return None
        if header.head % 8 or header.head < start or header.head - start > header.data_bytes:
            self.findings.report("structure", 256, 8, f"head {header.head} does not fit to {start}, where reading starts, "
                                                      f"and {header.data_bytes} data bytes")
            return None
        return start

    def _clock_anchors(self, start):
        """Anchors that the ring's own clock records bring."""
        anchors = []
        try:
            for record in walk_records(self._fetch, start, self.header.head, self.header.data_bytes,
                                       self.header.sub_buffer_bytes):
                if record.id == CLOCK:
                    clock = decode_body(CLOCK, record.body)
                    if clock["kind"] == TSC:
                        anchors.append((clock["tsc"], clock["realtime_ns"], clock["monotonic_raw_ns"]))
        except Malformed:
            pass  # reported by the reading itself
        return anchors

    def _read(self, start):
        header, anchors = self.header, self._clock_anchors(start)
        if self.session:
            descriptor = self.session.descriptor
            self.source = Source(header.ring_id, descriptor.clock, self.session.timeline(anchors), self.session.catalog,
                                 descriptor)
        else:
            self.source = Source(header.ring_id, TSC if anchors else USER_NS, Timeline(anchors, 0))
        self.state.index = header.drained
        at, first = start, True
        try:
            for record in walk_records(self._fetch, start, header.head, header.data_bytes, header.sub_buffer_bytes):
                at = record.position
                if first and start == 0 and record.id != (SUB_BUFFER if header.sub_buffer_bytes else THREAD):
                    self.findings.note("the first record of the ring is no thread record")
                if record.id == SUB_BUFFER:
                    self._enter_sub_buffer(record, first)
                self.records.append(interpret(record, self.state, self.source))
                first = False
        except BadRecord as problem:
            at = problem.position
            self.findings.report("record", header.data_offset + at % header.data_bytes, header.head - at, str(problem),
                                 ring=header.ring_id.hex(), position=at)

    def _enter_sub_buffer(self, record, first):
        head = decode_body(SUB_BUFFER, record.body)
        if not self.header.sub_buffer_bytes or record.position % self.header.sub_buffer_bytes:
            raise BadRecord(record.position, "the head of a sub-buffer where none begins")
        if head["position"] != record.position:
            raise BadRecord(record.position, f"the head of a sub-buffer says position {head['position']}")
        try:
            state = parse_state(head["state"])
        except Malformed as problem:
            raise BadRecord(record.position, f"state vector: {problem}") from problem
        if state.index != head["index"]:
            self.findings.note("a sub-buffer's index and that of its state vector differ")
        if first:
            self.state = state
            self._lost_before(record.position, state)

    def _lost_before(self, start, state):
        """What was overwritten, and the losses that went with it, as the record that a reader adds at the start."""
        lost = {OVERWRITTEN: state.index} if state.index else {}
        lost.update({reason: count for reason, count in state.losses.items() if count})
        if lost:
            self.lost_at_start = {"cursor": cursor_of(self.header.ring_id, start + 3),
                                  "lost": {loss_name(reason): count for reason, count in sorted(lost.items())}}

    def _lost_since(self):
        """Counters of the header ahead of the last loss record, as the record that a reader adds at the head."""
        ahead = {reason: count - self.state.losses.get(reason, 0) for reason, count in self.header.losses.items()
                 if count > self.state.losses.get(reason, 0)}
        if not ahead:
            return
        alive = self.session is not None and self.session.alive
        self.lost = {"cursor": cursor_of(self.header.ring_id, self.header.head + (1 if alive else 2)),
                     "lost": {loss_name(reason): count for reason, count in sorted(ahead.items())}}

    def shown(self):
        start = {"lost_at_start": self.lost_at_start} if self.lost_at_start else {}
        return {"type": "ring", "header": self.header.shown(), **start, "records": self.records, "lost_at_head": self.lost,
                "state_at_head": self.state.shown()}
