# SPDX-License-Identifier: Apache-2.0
"""Journal files (journal-format.md): the file header, the walk over entries with its damage, and each entry's body."""
import os
import re

from .damage import Findings, Refused, check_version
from .journal_rings import JournalRings, JournalSession
from .session import DESCRIPTOR_BYTES, Descriptor
from .state import parse_state
from .record_bodies import read_losses
from .wire import Malformed, WireReader, round_up_8
from .xxh3 import xxh3_64

MAGIC = b"LMLOGJNL"
HEADER_BYTES, MAX_HEADER_BYTES = 64, 4096
SYNC = b"LMJE"
ENTRY_HEADER_BYTES = 32
MAX_BODY_BYTES = 16 << 20
SESSION, CATALOG, RANGE, ANCHOR, LOSSES, RING_END = range(1, 7)
ENTRY_NAMES = {SESSION: "session", CATALOG: "catalog", RANGE: "range", ANCHOR: "anchor", LOSSES: "losses",
               RING_END: "ring_end"}
FIRST_SKIPPED_ENTRY = 32768
NAME = re.compile(r"([0-9a-f]{16})\.lmj")


class Stop(Exception):
    """An entry that must be understood, and is not: the reading of the file ends there."""


def entry_header(data, at):
    """(type, body bytes, body check) where a valid entry header stands at `at`, else None."""
    if at + ENTRY_HEADER_BYTES > len(data) or data[at:at + 4] != SYNC:
        return None
    reader = WireReader(data, at + 4)
    type_, _, size, _, check, own_check = (reader.u16(), reader.u16(), reader.u32(), reader.u32(), reader.u64(),
                                           reader.u64())
    if xxh3_64(data[at:at + 24]) != own_check or size > MAX_BODY_BYTES:
        return None
    return type_, size, check


def is_whole_entry(data, at):
    """Whether an entry stands at `at` whose header and body both check."""
    header = entry_header(data, at)
    body_at = at + ENTRY_HEADER_BYTES
    return header is not None and body_at + header[1] <= len(data) and (
        xxh3_64(data[body_at:body_at + header[1]]) == header[2])


def next_entry(data, start):
    """The first multiple of 8 from `start` on with an entry that checks; the end of the data if there is none."""
    at = data.find(SYNC, start)
    while at >= 0:
        if at % 8 == 0 and is_whole_entry(data, at):
            return at
        at = data.find(SYNC, at + 1)
    return len(data)


class Journal:
    """One journal file, read to its end."""

    def __init__(self, data, path=None):
        self.data, self.findings = data, Findings()
        self.entries, self.sessions, self.skipped = [], {}, 0
        self.rings = JournalRings(self.findings)
        self.header = {}
        try:
            self._read_header(path)
        except Refused as problem:
            self._go_on_behind(problem)
        try:
            self._walk()
        except Stop as reason:
            self.findings.note(str(reason))
        self.rings.give_times()

    def _read_header(self, path):
        if self.data[:8] != MAGIC:
            raise Refused("not_ours", "no journal: its magic is not LMLOGJNL")
        if len(self.data) < HEADER_BYTES:
            raise Refused("truncated", f"a journal header of {len(self.data)} bytes", 0, len(self.data))
        reader = WireReader(self.data, 8)
        major, minor, header_bytes = reader.u16(), reader.u16(), reader.u32()
        incompatible, compatible = reader.u64(), reader.u64()
        sequence, created_ns, _ = reader.u64(), reader.i64(), reader.u64()
        if xxh3_64(self.data[:56]) != reader.u64():
            raise Refused("checksum", "the check of the journal's header fails", 0, HEADER_BYTES)
        version = check_version("the journal", major, minor, incompatible)
        if not HEADER_BYTES <= header_bytes <= MAX_HEADER_BYTES or header_bytes % 8:
            raise Refused("structure", f"header of {header_bytes} bytes", 12, 4)
        match = NAME.fullmatch(os.path.basename(path or ""))
        if match and int(match[1], 16) != sequence:
            self.findings.note(f"the name of the file is not its sequence {sequence:016x}")
        self.first = header_bytes
        self.header = {"version": version, "compatible": compatible, "header_bytes": header_bytes, "sequence": sequence,
                       "created_ns": created_ns}

    def _go_on_behind(self, problem):
        """A damaged header costs itself where a good entry stands within the largest header's length."""
        self.first = next((at for at in range(HEADER_BYTES, MAX_HEADER_BYTES + 1, 8) if is_whole_entry(self.data, at)), None)
        if problem.kind not in ("not_ours", "checksum") or self.first is None:
            raise problem
        self.findings.report("checksum", 0, self.first, str(problem))

    def _walk(self):
        at = self.first
        while at < len(self.data):
            header = entry_header(self.data, at)
            if header is None:
                at = self._damaged(at, next_entry(self.data, at + 8), "entry header")
                continue
            type_, size, check = header
            body_at = at + ENTRY_HEADER_BYTES
            end = body_at + round_up_8(size)
            if end > len(self.data):
                at = self._damaged(at, next_entry(self.data, at + 8), "an entry that is cut off")
                continue
            body = self.data[body_at:body_at + size]
            if xxh3_64(body) != check:
                # The header's own check holds, so its length is good; the body may hold anybody's bytes.
                at = self._damaged(at, next_entry(self.data, end), "entry body")
                continue
            self._take(at, end, type_, body)
            at = end

    def _damaged(self, at, after, what):
        if after >= len(self.data):
            self.findings.report("torn", at, len(self.data) - at, f"torn end: {what}")
        else:
            kind = "checksum" if what.startswith("entry") else "truncated"
            self.findings.report(kind, at, after - at, f"damage: {what}")
        return after

    def _take(self, at, end, type_, body):
        if type_ >= FIRST_SKIPPED_ENTRY:
            self.skipped += 1
            return
        if type_ not in ENTRY_NAMES:
            self.findings.report("unknown", at, len(self.data) - at, f"entry type {type_} must be understood, and is not "
                                                                     "known to this reader (1.0)")
            raise Stop(f"reading stopped at the entry of type {type_}")
        entry = {"entry": ENTRY_NAMES[type_], "offset": at, "length": end - at}
        try:
            getattr(self, "_take_" + ENTRY_NAMES[type_])(entry, WireReader(body), body)
        except Refused as problem:
            self.findings.report(problem.kind, at, end - at, str(problem))
            return
        except Malformed as problem:
            self.findings.report("structure", at, end - at, f"{ENTRY_NAMES[type_]} entry: {problem}")
            return
        self.entries.append(entry)

    def _session(self, number):
        if number not in self.sessions:
            raise Malformed(f"session {number} does not come before it in this file")
        return self.sessions[number]

    def _take_session(self, entry, reader, _):
        number, uid = reader.u32(), reader.u32()
        descriptor = Descriptor(reader.take(DESCRIPTOR_BYTES, "descriptor"))
        known = self.sessions.setdefault(number, JournalSession(descriptor, uid))
        if (known.uid, known.descriptor.shown()) != (uid, descriptor.shown()):
            raise Malformed(f"session number {number} stands for two")
        entry.update(session_number=number, uid=uid, descriptor=descriptor.shown())

    def _take_catalog(self, entry, reader, body):
        session = self._session(reader.u32())
        reader.u32()
        offset = reader.u64()
        findings_at = entry["offset"] + ENTRY_HEADER_BYTES
        session.add_catalog(body, reader.at, offset, self.findings, findings_at)
        entry.update(catalog_offset=offset, bytes=len(body) - reader.at)

    def _take_range(self, entry, reader, body):
        number, state_bytes, ring_id = reader.u32(), reader.u32(), reader.take(16)
        data_bytes, from_, to = reader.u64(), reader.u64(), reader.u64()
        state = parse_state(reader.take(state_bytes, "state vector"))
        session = self._session(number)
        if to < from_ or from_ % 8 or to % 8:
            raise Malformed(f"range [{from_}, {to})")
        ring_bytes = reader.take(to - from_, "ring bytes")
        entry.update(session_number=number, ring=ring_id.hex(), data_bytes=data_bytes, **{"from": from_, "to": to},
                     state=state.shown())
        where = (entry["offset"], entry["length"])
        entry["records"] = self.rings.read_range(session, ring_id, data_bytes, from_, ring_bytes, state, where)

    def _take_anchor(self, entry, reader, _):
        session = self._session(reader.u32())
        reader.u32()
        anchor = reader.u64(), reader.i64(), reader.i64()
        session.add_anchor(anchor)
        entry["anchor"] = anchor

    def _take_losses(self, entry, reader, _):
        number, state_bytes, ring_id = reader.u32(), reader.u32(), reader.take(16)
        position, time = reader.u64(), reader.u64()
        state = parse_state(reader.take(state_bytes, "state vector"))
        losses = read_losses(reader)
        session = self._session(number)
        entry.update(session_number=number, ring=ring_id.hex(), position=position, raw_time=time, state=state.shown(),
                     cumulative={str(reason): count for reason, count in sorted(losses.items())})
        if ring_id == session.descriptor.session_id and position != 8 * sum(losses.values()):
            self.findings.note(f"losses without a ring at position {position}, not 8 x {sum(losses.values())}")
        record = self.rings.read_losses(session, ring_id, position, time, losses, state)
        entry["records"] = [record] if record else []

    def _take_ring_end(self, entry, reader, _):
        number = reader.u32()
        reader.u32()
        ring_id, position = reader.take(16), reader.u64()
        self._session(number)
        entry.update(session_number=number, ring=ring_id.hex(), position=position)

    def records(self):
        """All records of the file, in its order."""
        return [record for entry in self.entries for record in entry.get("records", [])]

    def shown(self):
        return {"type": "journal", **self.header,
                "entries": self.entries, "skipped_entries": self.skipped,
                "catalogs": {str(number): session.catalog.shown() for number, session in self.sessions.items()}}
