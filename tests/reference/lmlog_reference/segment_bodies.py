# SPDX-License-Identifier: Apache-2.0
"""Bodies of a segment's header, checkpoint, catalog and footer parts (segment-format.md, parts 1, 2, 3 and 5)."""
import dataclasses

from .catalog import Catalog, WrongHash, parse_entry
from .damage import Refused, check_version
from .registry import TIER_NAMES, loss_name
from .session import DESCRIPTOR_BYTES, Descriptor
from .state import parse_state
from .wire import Malformed, WireReader

MAX_SESSIONS, MAX_RINGS = 1 << 17, 1 << 17


class SegmentHeader:
    """Part 1. The version comes first and is judged before the rest is read."""

    def __init__(self, body):
        reader = WireReader(body)
        major, minor, _ = reader.u16(), reader.u16(), reader.u32()
        incompatible, self.compatible = reader.u64(), reader.u64()
        self.version = check_version("the segment", major, minor, incompatible)
        self.segment_id, self.uid, self.sequence, self.created_ns = reader.take(16), reader.uv(), reader.uv(), reader.uv()
        self.tier, self.service, self.host, self.writer = reader.u8(), reader.text(), reader.text(), reader.text()
        self.replaces = [reader.take(16) for _ in range(reader.counted("replaced segments", 16))]

    def shown(self):
        return {"version": self.version, "compatible": self.compatible, "segment": self.segment_id.hex(),
                "uid": self.uid, "sequence": self.sequence, "created_ns": self.created_ns,
                "tier": TIER_NAMES.get(self.tier, str(self.tier)), "service": self.service, "host": self.host,
                "writer": self.writer, "replaces": [id_.hex() for id_ in self.replaces]}


def read_checkpoint(body):
    """Part 2: positions and states by (session, ring)."""
    reader = WireReader(body)
    rings = []
    for _ in range(reader.counted("rings", 35, MAX_RINGS)):
        session, ring, data_bytes, position = reader.take(16), reader.take(16), reader.uv(), reader.uv()
        rings.append({"session": session.hex(), "ring": ring.hex(), "data_bytes": data_bytes, "position": position,
                      "state": parse_state(reader.blob("state"))})
    return rings


@dataclasses.dataclass
class SegmentSession:
    """A session of the segment, with the catalog entries that the segment carries."""
    number: int
    uid: int
    descriptor: Descriptor
    stored: bytes
    catalog: Catalog = dataclasses.field(default_factory=Catalog)
    raw_entries: set = dataclasses.field(default_factory=set)


def read_catalog_part(body, sessions, report):
    """Part 3: adds to `sessions` (by number); an entry that is damaged is reported and left out."""
    reader = WireReader(body)
    for _ in range(reader.counted("sessions", 3, MAX_SESSIONS)):
        number, uid = reader.uv(), reader.uv()
        stored = reader.blob("descriptor")
        descriptor = Descriptor(stored[:DESCRIPTOR_BYTES])
        if number not in sessions:
            sessions[number] = SegmentSession(number, uid, descriptor, stored)
        elif (sessions[number].uid, sessions[number].stored) != (uid, stored):
            raise Malformed(f"session {number} stands for two")
    for _ in range(reader.counted("catalog entries", 2)):
        number, raw = reader.uv(), reader.blob("catalog entry")
        if number not in sessions:
            raise Malformed(f"a catalog entry of session {number}, which the segment does not have")
        try:
            entry = parse_entry(raw)
        except Malformed as problem:
            report("hash" if isinstance(problem, WrongHash) else "structure", f"catalog entry: {problem}")
            continue
        session = sessions[number]
        known = session.catalog.statements.get(getattr(entry, "id", None))
        if known and known.raw != raw:
            report("structure", f"two catalog entries for statement {entry.id} of session {number}")
            continue
        session.raw_entries.add(raw)
        session.catalog.add(entry)


@dataclasses.dataclass
class Index:
    """The ranges and levels that a block states, and the footer once more."""
    min_time: int
    max_time: int
    min_sort_key: int
    max_sort_key: int

    def shown(self):
        return dataclasses.asdict(self)


def sum_by_site(sites):
    """Records by hash, of (hash, records) pairs: two sites may have one hash."""
    sums = {}
    for hash_, records in sites:
        sums[f"{hash_:016x}"] = sums.get(f"{hash_:016x}", 0) + records
    return sums


def read_index(reader):
    return Index(reader.u64(), reader.u64(), reader.u64(), reader.u64())


def read_reasons(reader):
    """uv n, n x (uv reason, uv count)."""
    return {reader.uv(): reader.uv() for _ in range(reader.counted("loss reasons", 2))}


class Footer:
    """Part 5."""

    def __init__(self, body, sessions, report):
        reader = WireReader(body)
        self.records, self.block_count = reader.uv(), reader.uv()
        self.index, self.level_mask = read_index(reader), reader.u8()
        read_catalog_part(reader.blob("catalog"), sessions, report)
        self.blocks = [self._read_block(reader) for _ in range(reader.counted("blocks", 37))]
        self.rings = [self._read_ring(reader) for _ in range(reader.counted("rings", 38, MAX_RINGS))]
        if len(self.blocks) != self.block_count:
            raise Refused("accounting", f"the footer says {self.block_count} blocks and lists {len(self.blocks)}")

    @staticmethod
    def _read_block(reader):
        offset, size, records = reader.uv(), reader.uv(), reader.uv()
        index, level_mask = read_index(reader), reader.u8()
        sites = sum_by_site((reader.u64(), reader.uv()) for _ in range(reader.counted("sites", 9)))
        return {"offset": offset, "bytes": size, "records": records, "index": index.shown(), "level_mask": level_mask,
                "sites": sites}

    @staticmethod
    def _read_ring(reader):
        session, ring, data_bytes, from_, to, records = (reader.take(16), reader.take(16), reader.uv(), reader.uv(),
                                                         reader.uv(), reader.uv())
        lost = {loss_name(reason): count for reason, count in read_reasons(reader).items()}
        return {"session": session.hex(), "ring": ring.hex(), "data_bytes": data_bytes, "from": from_, "to": to,
                "records": records, "lost": lost, "state": parse_state(reader.blob("state"))}

    def shown(self):
        return {"records": self.records, "block_count": self.block_count, "index": self.index.shown(),
                "level_mask": self.level_mask, "blocks": self.blocks,
                "rings": [{**ring, "state": ring["state"].shown()} for ring in self.rings]}
