# SPDX-License-Identifier: Apache-2.0
"""The sample's ring as a segment with one block or two: every encoding occurs, small columns share a frame."""
import struct

from lmlog_reference.arguments import arguments_size, decode_arguments
from lmlog_reference.records import walk_records
from lmlog_reference.wire import round_up_8

from . import sample, shm_files
from . import segment_file as sf

ZERO = sf.uv(0)
TAGS = {64 + number: [tag for tag, _, _ in arguments] for number, (_, arguments) in enumerate(sample.SITES)}
LEVELS = {64 + number: (number + 2) % 7 for number in range(len(sample.SITES))}
SITE_HASHES = {}
for _entry in sample.catalog():
    if _entry[4:6] == b"\1\0":
        SITE_HASHES[struct.unpack_from("<I", _entry, 8)[0]] = struct.unpack_from("<Q", _entry, 16)[0]
# Any encoding that fits: chosen so that all occur.
ENCODING_OF_ARGUMENT = {1: 1, 3: 2, 5: 3, 6: 2, 8: 3, 9: 17, 14: 1}


class Block:
    """The records of one run as a block; `own_columns`: keyed by (site, run) instead of by site."""

    def __init__(self, ring, start, end, state_at_start, state_at_end, losses=None, own_columns=False, statistics=b""):
        self.records = list(walk_records(lambda at, count: bytes(ring.image[at:at + count]), start, end, ring.data_bytes))
        self.own_columns, self.statistics = own_columns, statistics
        self.ids = sorted({record.id for record in self.records})
        self.frame, self.columns = b"", []
        self._block_columns(start)
        for site, id_ in enumerate(self.ids):
            self._site_columns(site, id_)
        self.second = b"text" * 700
        self.frames = [sf.zstd(self.frame), sf.zstd(self.second)]
        self.sizes = [len(self.frame), len(self.second)]
        self.times = [record.time for record in self.records]
        self.level_mask = 0
        for id_ in self.ids:
            self.level_mask |= 1 << LEVELS[id_] if id_ in LEVELS else 0
        self.run = (ZERO + shm_files.RING_ID + sf.uv(ring.data_bytes) + ZERO + sf.uv(start) + sf.uv(end) +
                    sf.uv(len(self.records)) + sf.listed([sf.uv(reason) + sf.uv(count) for reason, count in
                                                          (losses or {}).items()]) +
                    sf.blob(state_at_start) + sf.blob(state_at_end))
        self.keys = [max(self.times[:at + 1]) for at in range(len(self.times))]
        if state_at_start:
            self.keys = [max(key, 1004) for key in self.keys]

    def _values(self, record):
        """Argument values and the bytes that they need; a kind's body is one string, raw."""
        if record.id not in TAGS:
            return [(record.body, False)], len(record.body)
        values = decode_arguments(TAGS[record.id], record.body)
        return values, arguments_size(TAGS[record.id], values)

    def _add(self, site, argument, tag, encoding, values, run=0):
        data = sf.encoded(tag, encoding, values)
        self.columns.append(sf.column(site, run, argument, tag, encoding, 0, len(self.frame), data, len(values),
                                      self.statistics if tag == 7 else b""))
        self.frame += data

    def _block_columns(self, start):
        gaps, slacks, at = [], [], start
        for record in self.records:
            gaps.append(record.position - at)
            slacks.append(record.length - round_up_8(16 + self._values(record)[1]))
            at = record.position + record.length
        self._add(0, 0, 8, 3, [self.ids.index(record.id) for record in self.records])
        self._add(0, 1, 10, 3, [record.time for record in self.records])
        self._add(0, 2, 10, 2, gaps)
        self._add(0, 3, 9, 0, slacks)

    def _site_columns(self, site, id_):
        rows = [self._values(record)[0] for record in self.records if record.id == id_]
        for argument, tag in enumerate(TAGS.get(id_, [14])):
            values = [row[argument] for row in rows]
            encoding = ENCODING_OF_ARGUMENT.get(argument, 0) if id_ == 64 else 0 if tag in (7, 9) else 16
            self._add(site + 1, argument, tag, encoding, values, run=int(self.own_columns))

    def body(self, records=None, flags=0):
        sites = [struct.pack("<QB", SITE_HASHES.get(id_, id_), LEVELS.get(id_, 255)) +
                 sf.uv(sum(record.id == id_ for record in self.records)) for id_ in self.ids]
        return (sf.uv(flags) + sf.uv(len(self.records) if records is None else records) +
                sf.index(self.times, self.keys, self.level_mask)[:32] + sf.uv(10**18) + bytes([self.level_mask]) +
                sf.listed([sf.uv(len(frame)) + sf.uv(size) + struct.pack("<Q", sf.xxh3_64(frame))
                           for frame, size in zip(self.frames, self.sizes)]) +
                sf.listed([ZERO + ZERO]) + sf.listed([self.run]) + sf.listed(sites) +
                sf.listed([ZERO + sf.uv(id_) + sf.uv(site) for site, id_ in enumerate(self.ids)]) + sf.listed(self.columns))

    def whole(self, **options):
        return sf.part(4, self.body(**options), compressed=True) + b"".join(self.frames)

    def in_footer(self, offset, size):
        return (sf.uv(offset) + sf.uv(size) + sf.uv(len(self.records)) + sf.index(self.times, self.keys, self.level_mask) +
                sf.listed([struct.pack("<Q", SITE_HASHES.get(id_, id_)) + sf.uv(sum(record.id == id_ for record in
                                                                                   self.records)) for id_ in self.ids]))


def footer(blocks, offsets, ring, state_at_end, losses, entries):
    times = [time for block in blocks for time in block.times]
    keys = [key for block in blocks for key in block.keys]
    mask = 0
    for block in blocks:
        mask |= block.level_mask
    count = sum(len(block.records) for block in blocks)
    ring_entry = (shm_files.SESSION_ID + shm_files.RING_ID + sf.uv(ring.data_bytes) + ZERO + sf.uv(ring.head) + sf.uv(count) +
                  sf.listed([sf.uv(reason) + sf.uv(number) for reason, number in losses.items()]) + sf.blob(state_at_end))
    return (sf.uv(count) + sf.uv(len(blocks)) + sf.index(times, keys, mask) +
            sf.blob(sf.catalog_body(shm_files.descriptor(), entries)) +
            sf.listed([block.in_footer(*place) for block, place in zip(blocks, offsets)]) + sf.listed([ring_entry]))
