# SPDX-License-Identifier: Apache-2.0
"""Rings across the entries of a journal: positions, states from range to range, missing stretches, records."""
from .catalog import Catalog, Statement, parse_entry, walk_entries, WrongHash
from .clock import rfc3339
from .record_bodies import decode_body
from .records import BadRecord, Source, cursor_of, interpret, walk_records
from .registry import CLOCK, OVERWRITE, OVERWRITTEN, TSC, is_ring_size, loss_name
from .wire import Malformed

MAX_RANGE_BYTES = 8 << 20


class JournalSession:
    """What entries of one session brought so far."""

    def __init__(self, descriptor, uid):
        self.descriptor, self.uid, self.catalog, self.anchors = descriptor, uid, Catalog(), []
        self.catalog_end, self.last_id = None, None

    def add_anchor(self, anchor):
        self.anchors.append(anchor)

    def add_catalog(self, body, start, offset, findings, file_offset):
        """Entries of the session's catalog from `offset` on; those that stand already are passed over."""
        if self.catalog_end is not None and offset > self.catalog_end:
            findings.note(f"catalog entries from {offset} on, after those up to {self.catalog_end}")
        last_id = self.last_id if offset == self.catalog_end else None
        at = start
        try:
            for at, raw in walk_entries(body, start, len(body)):
                entry = parse_entry(raw)
                if isinstance(entry, Statement):
                    known = self.catalog.statements.get(entry.id)
                    if known and known.raw != raw:
                        raise Malformed(f"statement {entry.id} differs from the one before")
                    if not known and last_id is not None and entry.id != last_id + 1:
                        raise Malformed(f"statement {entry.id} where {last_id + 1} is next")
                    last_id = entry.id
                    for remark in entry.remarks():
                        findings.note(remark)
                self.catalog.add(entry)
        except Malformed as problem:
            kind = "hash" if isinstance(problem, WrongHash) else "structure"
            findings.report(kind, file_offset + at, len(body) - at, f"the catalog ends here: {problem}")
        if offset + len(body) - start >= (self.catalog_end or 0):
            self.catalog_end, self.last_id = offset + len(body) - start, last_id


class RingProgress:
    """How far a ring has been read in this file, and the state there."""

    def __init__(self, position, state):
        self.position, self.state, self.losses_position = position, state, None


class JournalRings:
    """Reads ranges and losses in the order of the file."""

    def __init__(self, findings):
        self.findings, self.progress, self.pending_times = findings, {}, []

    def read_range(self, session, ring_id, data_bytes, from_, ring_bytes, state, where):
        """The records of a range that are new, as JSON shows them."""
        if not is_ring_size(data_bytes):
            raise Malformed(f"a ring of {data_bytes} data bytes")
        to = from_ + len(ring_bytes)
        if len(ring_bytes) > min(data_bytes, MAX_RANGE_BYTES):
            raise Malformed(f"{len(ring_bytes)} bytes of a ring that has {data_bytes}; at most {MAX_RANGE_BYTES} in a range")
        key = (session.uid, ring_id)
        progress = self.progress.get(key)
        reached = progress.position if progress else from_
        if from_ > reached:
            self.findings.report("missing", where[0], 0, f"no entry holds the ring bytes [{reached}, {from_})",
                                 ring=ring_id.hex(), position=reached, ring_bytes=from_ - reached)
        elif from_ == reached and progress:
            self._compare(progress.state, state, session, ring_id, from_)
        clock = session.descriptor.clock
        source = Source(ring_id, clock, session.descriptor.timeline(), session.catalog, session.descriptor)
        records = []
        try:
            for record in walk_records(lambda at, count: ring_bytes[at - from_:at - from_ + count], from_, to, data_bytes,
                                       pads_end_at_the_wrap=session.descriptor.policy != OVERWRITE):
                if record.id == CLOCK:
                    self._anchor_of(record, session)
                kind = state.clock_kind(clock)
                shown = interpret(record, state, source)
                if record.position >= reached:
                    records.append(shown)
                    self.pending_times.append((shown, session, state.clock_kind(clock) if record.id == CLOCK else kind))
        except BadRecord as problem:
            self.findings.report("record", *where, str(problem), ring=ring_id.hex(), position=problem.position)
        if to >= reached:
            self.progress[key] = RingProgress(to, state)
        return records

    @staticmethod
    def _anchor_of(record, session):
        try:
            clock = decode_body(CLOCK, record.body)
        except Malformed:
            return  # the reading of the record reports it
        if clock["kind"] == TSC:
            session.add_anchor((clock["tsc"], clock["realtime_ns"], clock["monotonic_raw_ns"]))

    def _compare(self, reached, stored, session, ring_id, position):
        different = reached.differences(stored, session.descriptor.clock)
        if different:
            self.findings.report("accounting", 0, 0, f"ring {ring_id.hex()}: the state vector at {position} differs from the "
                                                     f"state that the records before give: {', '.join(different)}",
                                 ring=ring_id.hex(), position=position)

    def read_losses(self, session, ring_id, position, time, losses, state):
        """The loss record that a losses entry stands for, as JSON shows it; None for an old one."""
        key = (session.uid, ring_id)
        progress = self.progress.get(key)
        if progress and progress.losses_position is not None and position <= progress.losses_position:
            return None
        if progress and progress.position == position & ~7:
            self._compare(progress.state, state, session, ring_id, position)
        kind = state.clock_kind(session.descriptor.clock)
        new = state.report_losses(losses)
        state.sort_key = max(state.sort_key, time)
        if progress and position & ~7 > progress.position and new.get(OVERWRITTEN):
            self._jump(progress, position & ~7, state, new[OVERWRITTEN], ring_id)
        elif progress:
            progress.state.report_losses(losses)
            progress.state.sort_key = max(progress.state.sort_key, time)
        else:
            progress = self.progress[key] = RingProgress(position & ~7, state)
        progress.losses_position = position
        shown = {"kind": "loss", "position": position, "cursor": cursor_of(ring_id, position), "raw_time": time,
                 "by_collector": True,
                 "lost": {loss_name(reason): count for reason, count in sorted(new.items())}}
        self.pending_times.append((shown, session, kind))
        return shown

    def _jump(self, progress, position, state, overwritten, ring_id):
        """A flight recorder was overwritten up to `position`: its entry gives the state there."""
        if state.index - progress.state.index != overwritten:
            self.findings.report("accounting", 0, 0, f"ring {ring_id.hex()}: {overwritten} records are said to be overwritten "
                                                     f"before {position}, the indices say {state.index - progress.state.index}",
                                 ring=ring_id.hex(), position=position)
        progress.position, progress.state = position, state

    def give_times(self):
        """Times by all anchors of the file: later ones serve earlier records too."""
        timelines = {}
        for shown, session, kind in self.pending_times:
            timeline = timelines.setdefault(id(session), session.descriptor.timeline(session.anchors))
            time_ns = timeline.to_ns(shown["raw_time"], kind)
            shown["time"], shown["time_unix_nano"] = rfc3339(time_ns), None if time_ns is None else str(time_ns)
        self.pending_times = []
