# SPDX-License-Identifier: Apache-2.0
"""Session files (shm-abi.md section 2): header page, control words, catalog, anchors, liveness."""
import fcntl
import os
import re
import struct

from .catalog import Catalog, read_catalog
from .clock import Timeline
from .damage import Findings, Refused, check_version
from .registry import CLOCK_NAMES, FIRST_STATEMENT_ID, POLICY_NAMES
from .wire import Malformed, WireReader

MAGIC = b"LMLOGSES"
DESCRIPTOR_BYTES = 360  # the static part without its reserved end: what journals and segments keep
CHANGING_PART_END = 1152
ANCHOR_CHECK = int.from_bytes(b"LMLOGANC", "big")
NAME = re.compile(r"(?P<service>[A-Za-z0-9._%-]{1,64})\.(?P<pid>\d+)\.(?P<id>[0-9a-f]{32})\.session")
STATES = {1: "open", 2: "closed"}


class Descriptor:
    """The first 360 bytes of a session file: who the producer is."""

    def __init__(self, data):
        reader = WireReader(data, 0, min(len(data), DESCRIPTOR_BYTES))
        if reader.take(8, "magic") != MAGIC:
            raise Refused("not_ours", "no session: its magic is not LMLOGSES")
        if len(data) < DESCRIPTOR_BYTES:
            raise Refused("truncated", f"a descriptor of {len(data)} bytes", 0, len(data))
        major, minor = reader.u16(), reader.u16()
        self.header_bytes = reader.u32()
        incompatible, self.compatible = reader.u64(), reader.u64()
        self.version = check_version("the session", major, minor, incompatible)
        self.session_id, self.file_bytes = reader.take(16), reader.u64()
        self.pid, self.clock, self.start_realtime_ns = reader.u32(), reader.u32(), reader.i64()
        self.start_tsc, self.start_monotonic_raw_ns, self.tsc_hz = reader.u64(), reader.i64(), reader.u64()
        self.control_offset, self.control_count = reader.u64(), reader.u64()
        self.catalog_offset, self.catalog_bytes = reader.u64(), reader.u64()
        self.boot_id, self.ring_bytes = reader.take(16), reader.u64()
        self.policy, _ = reader.u32(), reader.u32()
        sizes = reader.u16(), reader.u16(), reader.u16()
        reader.u16()
        texts = reader.take(64), reader.take(64), reader.take(64)
        if max(sizes) > 64:
            raise Malformed(f"names of {sizes} bytes; at most 64 each", 160)
        self.service, self.host, self.program = (text[:size] for text, size in zip(texts, sizes))
        if self.clock not in CLOCK_NAMES:
            raise Malformed(f"clock kind {self.clock} is none", 60)
        if self.policy not in POLICY_NAMES:
            raise Malformed(f"policy {self.policy} is none", 152)

    def anchors(self):
        """The anchor of the start; none without a counter."""
        return [(self.start_tsc, self.start_realtime_ns, self.start_monotonic_raw_ns)] if self.start_tsc else []

    def timeline(self, more_anchors=()):
        return Timeline([*self.anchors(), *more_anchors], self.tsc_hz)

    def shown(self):
        return {"version": self.version, "header_bytes": self.header_bytes, "compatible": self.compatible,
                "session": self.session_id.hex(), "file_bytes": self.file_bytes, "pid": self.pid,
                "clock": CLOCK_NAMES[self.clock], "start_realtime_ns": self.start_realtime_ns,
                "start_tsc": self.start_tsc, "start_monotonic_raw_ns": self.start_monotonic_raw_ns,
                "tsc_hz": self.tsc_hz, "control_offset": self.control_offset, "control_count": self.control_count,
                "catalog_offset": self.catalog_offset, "catalog_bytes": self.catalog_bytes,
                "boot_id": self.boot_id.hex(), "ring_bytes": self.ring_bytes, "policy": POLICY_NAMES[self.policy],
                "service": self.service.decode("utf-8", "replace"), "host": self.host.decode("utf-8", "replace"),
                "program": self.program.decode("utf-8", "replace")}


def encoded_service(service):
    """SERVICE of the file name: percent-encoded, no leading dot, at most 64 bytes."""
    text = "".join(chr(byte) if re.match(rb"[A-Za-z0-9._-]", bytes([byte])) else f"%{byte:02X}" for byte in service)
    return "%2E" + text[1:] if text.startswith(".") else text


def is_alive(path):
    """Whether a process holds the write lock on the first byte of the session file."""
    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
    with open(path, "rb") as file:
        answer = fcntl.fcntl(file, fcntl.F_GETLK, wanted)
    return struct.unpack_from("h", answer)[0] != fcntl.F_UNLCK


def check_places(descriptor, size):
    """Offsets and lengths of the header against each other and the file."""
    control_end = descriptor.control_offset + 8 * descriptor.control_count
    if descriptor.header_bytes < CHANGING_PART_END or descriptor.control_offset < descriptor.header_bytes:
        raise Malformed("the header page and the control words overlap", 12)
    if descriptor.control_offset % 8 or descriptor.catalog_offset % 8 or descriptor.catalog_offset < control_end:
        raise Malformed("the control words and the catalog overlap, or are not aligned to 8", 96)
    if descriptor.catalog_offset + descriptor.catalog_bytes > descriptor.file_bytes:
        raise Malformed("the catalog does not fit into the file", 112)
    if size < descriptor.file_bytes:
        raise Refused("truncated", f"the session file has {size} of its {descriptor.file_bytes} bytes", size,
                      descriptor.file_bytes - size)


def read_control_words(data, descriptor, catalog):
    """The words of the catalog's statements that are not zero; bits that this version does not know read as zero."""
    words = {}
    for id_ in catalog.statements:
        number = id_ - FIRST_STATEMENT_ID
        if number < descriptor.control_count:
            word = WireReader(data, descriptor.control_offset + 8 * number).u64()
            known = {"off_by_level": bool(word & 1), "attention": bool(word & 2), "off_by_rule": bool(word >> 32 & 1),
                     "keep_threshold": word >> 40}
            if any(known.values()):
                words[str(id_)] = known
    return words


class Session:
    """A session file, read and checked; what rings of the session need."""

    def __init__(self, data, path=None):
        self.findings, self.catalog = Findings(), Catalog()
        try:
            self.descriptor = Descriptor(data)
            check_places(self.descriptor, len(data))
            self._read_changing_part(data)
        except Malformed as problem:
            raise Refused("structure", str(problem), 0, len(data)) from problem
        self.control_words = read_control_words(data, self.descriptor, self.catalog)
        self.alive = is_alive(path) if path else False
        self._check_name(path)

    def _read_changing_part(self, data):
        reader = WireReader(data, 512)
        self.state = reader.u32()
        self.catalog_head = WireReader(data, 576).u64()
        losses = WireReader(data, 640)
        self.losses = {reason: count for reason in range(32) if (count := losses.u64())}
        self.rings_made, self.retired = WireReader(data, 896).u64(), WireReader(data, 960).u32()
        self.coarse_ns = WireReader(data, 1024).u64()
        anchor = WireReader(data, 1088)
        tsc, realtime, monotonic, check = anchor.u64(), anchor.u64(), anchor.u64(), anchor.u64()
        fits = tsc ^ realtime ^ monotonic ^ ANCHOR_CHECK == check
        self.last_anchor = WireReader(data, 1088) if fits else None
        if self.last_anchor:
            self.last_anchor = (self.last_anchor.u64(), self.last_anchor.i64(), self.last_anchor.i64())
        start, capacity = self.descriptor.catalog_offset, self.descriptor.catalog_bytes
        if self.catalog_head > capacity:
            self.findings.report("structure", 576, 8, f"the catalog's head {self.catalog_head} is behind its "
                                                      f"{capacity} bytes")
            return
        if self.state not in STATES:
            self.findings.note(f"session state {self.state} is neither open nor closed")
        read_catalog(data, start, start + self.catalog_head, self.findings, self.catalog, FIRST_STATEMENT_ID)

    def _check_name(self, path):
        match = NAME.fullmatch(os.path.basename(path or ""))
        if match and (match["id"] != self.descriptor.session_id.hex() or int(match["pid"]) != self.descriptor.pid
                      or match["service"] != encoded_service(self.descriptor.service)):
            self.findings.note("the name of the file and its header disagree")

    def timeline(self, more_anchors=()):
        return self.descriptor.timeline([*([self.last_anchor] if self.last_anchor else []), *more_anchors])

    def shown(self):
        return {"type": "session", "descriptor": self.descriptor.shown(), "state": STATES.get(self.state, self.state),
                "alive": self.alive, "retired": self.retired, "rings_made": self.rings_made,
                "coarse_ns": self.coarse_ns, "last_anchor": self.last_anchor, "catalog_head": self.catalog_head,
                "losses": {str(reason): count for reason, count in self.losses.items()},
                "control_words": self.control_words, "catalog": self.catalog.shown()}
