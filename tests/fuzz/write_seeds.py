#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzz corpora, from the same sample that tests the independent reader.
usage: tests/fuzz/write_seeds.py     (after a change of a format; files that fuzzers found stay as they are)"""
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))
from journal_test import RING, STATE_AT_SPLIT, entries  # noqa: E402
from segment_test import STATE_AT_END, Pieces  # noqa: E402
from written import journal_file, ring_bytes, sample, shm_files  # noqa: E402
from written import segment_file as sf  # noqa: E402
from written.sample_segment import footer  # noqa: E402


def wrapped_ring():
    """Records, pads and a gap around the wrap."""
    ring = ring_bytes.RingBytes(start=(1 << 16) - 64)
    for number in range(6):
        ring.add(64 + number, 1000 + number, bytes(range(number * 5)))
    return ring


def described(description, value, spec=b"", truncated=False):
    return struct.pack("<BBH", truncated, len(spec), len(description)) + spec + description + value


def described_values():
    """(name, bytes) of descriptions with values that fit, are cut, and claim too much."""
    text = ring_bytes.string(b"a\n")
    order = struct.pack("<qd", 7, 48.5) + text
    yield "structure", described(b"@md::Order{id=i8;px=f8;who=s;}", order)
    yield "cut-structure", described(b"@md::Order{id=i8;px=f8;who=s;}", order[:-1], truncated=True)
    yield "strings", described(b"[[s]]", struct.pack("<II", 1, 2) + text + text, b":n:>9")
    yield "map", described(b"{s:?(c.)}", struct.pack("<I", 1) + text + b"\1x", b"n")
    yield "times", described(b"[d7/3:i8]", struct.pack("<Iqq", 2, -1, 1 << 62), b":*^20%H:%M:%S %Q%q")
    yield "floats", described(b"?t1/3:f8", b"\1" + struct.pack("<d", -1e300), b"%F %T")
    yield "variant", described(b"<.EP>", b"\2" + text)
    yield "far-count", described(b"[b]", struct.pack("<I", 0xFFFFFFFF) + b"\1")
    yield "long-names", described(b"[@S{" + b"m" * 4000 + b"=b;}]", struct.pack("<I", 999) + bytes(999))
    yield "deep", described(b"?" * 31 + b"b", b"\1" * 32)
    yield "too-deep", described(b"[" * 4000, b"")


def configurations():
    """(name, text) of main files, with those of their conf.d behind NUL bytes."""
    yield "every-kind", ("[collector]\nrings = [\"/dev/shm/a\"]\narchive = \"/a\"\npoll_interval_us = 100\nmemory = \"64MiB\"\n"
                         "durability = \"fsync\"\n[rotation]\nsegment_age = \"15m\"\n[tier.hot]\nprice_per_gib_month = 0.5\n")
    yield "later-wins", "[quota]\nrings_per_uid = 7\n\0\nquota.rings_per_uid = 8\n\0\ntier = { hot = { max_age = 0 } }\n"
    yield "unknown-key", "[collector]\nmemori = 1\n"
    yield "out-of-bounds", "tier.hot.zstd_level = 20\n"
    yield "no-toml", "[collector\n= 1"


def bodies():
    """(target, name, bytes) of what stands in the parts of the sample segment."""
    pieces = Pieces()
    catalog = sf.catalog_body(shm_files.descriptor(), sample.catalog())
    yield "segment_catalog", "sample", catalog
    places = [(pieces.offset(3), len(pieces.parts[3])), (pieces.offset(4), len(pieces.parts[4]))]
    yield "segment_index", "block", b"\0" + pieces.blocks[0].body()
    yield "segment_index", "second-block", b"\0" + pieces.blocks[1].body()
    yield "segment_index", "own-columns", b"\0" + Pieces(own_columns=True).blocks[0].body()
    yield "segment_index", "footer", b"\1" + footer(pieces.blocks, places, RING, STATE_AT_END, {0: 5}, sample.catalog())
    yield "segment_index", "checkpoint", b"\2" + sf.checkpoint_body(
        [(shm_files.SESSION_ID, shm_files.RING_ID, RING.data_bytes, 0, STATE_AT_SPLIT)])
    yield "segment_index", "header", b"\3" + sf.header(replaces=(bytes(range(16)),))[48:]


def session_parts(ring_bytes_, records, begin, head, policy=1, sub_buffer_bytes=0, patches=()):
    """A session as session_parts.hpp has it."""
    catalog = b"".join(ring_bytes.padded(entry) for entry in sample.catalog())
    ring = bytes(shm_files.ring_file(ring_bytes_, policy=policy, sub_buffer_bytes=sub_buffer_bytes)[:88])
    words = struct.pack("<IIQQQ", len(catalog), len(patches), head, begin, begin)
    return (words + shm_files.descriptor() + ring + b"".join(struct.pack("<IIQ", *patch) for patch in patches) + catalog +
            records)


def drained_sessions():
    """(name, bytes): plain, around the wrap, published later, and a flight recorder."""
    yield "sample", session_parts(RING, RING.stretch(0, RING.head), 0, RING.head)
    ring = wrapped_ring()
    yield "wrapped", session_parts(ring, ring.stretch(ring.start, ring.head), ring.start, ring.head)
    yield "published-later", session_parts(RING, RING.stretch(0, RING.head), 0, 0,
                                           patches=[(0, 256, RING.positions[3]), (0, 256, RING.head)])
    recorder = ring_bytes.RingBytes()
    recorder.add(10, 1000, ring_bytes.sub_buffer(0, 0, {}, b""))
    recorder.add(2, 1000, ring_bytes.thread(11, 0, b"feed"))
    recorder.add(4, 1000, ring_bytes.clock(3, 0))
    sample.add(recorder, 1, 1003, [-1])
    yield "flight-recorder", session_parts(recorder, recorder.stretch(0, recorder.head), 0, recorder.head, policy=3,
                                           sub_buffer_bytes=8192)


def seeds():
    """(target, name, bytes) of every seed."""
    for name, data in described_values():
        yield "described_value", name, data
    for name, text in configurations():
        yield "configuration", name, text.encode()
    yield from bodies()
    whole = RING.stretch(0, RING.head)
    yield "record_reader", "sample", struct.pack("<QB", 0, 0) + whole
    ring = wrapped_ring()
    yield "record_reader", "wrapped", struct.pack("<QB", ring.start, 0) + ring.stretch(ring.start, ring.head)
    yield "record_reader", "wrong-stamp", struct.pack("<QB", 8, 0) + whole
    yield "state_vector", "in-the-middle", STATE_AT_SPLIT
    yield "state_vector", "at-the-end", STATE_AT_END
    yield "state_vector", "carried-on", STATE_AT_END + ring_bytes.state_vector([(40000, b"later")])
    catalog = b"".join(ring_bytes.padded(entry) for entry in sample.catalog())
    yield "session_file", "sample", shm_files.descriptor() + catalog
    yield "session_file", "newer", shm_files.descriptor(major=2) + catalog
    yield "session_file", "ring", bytes(shm_files.ring_file(RING)[:512])
    for name, data in drained_sessions():
        yield "session_drain", name, data
    yield "journal_reader", "sample", journal_file.header() + b"".join(entries())
    yield "journal_reader", "torn", (journal_file.header() + b"".join(entries()))[:-40]
    damaged = bytearray(journal_file.header() + b"".join(entries()))
    damaged[64 + 40] ^= 1
    yield "journal_reader", "damaged", bytes(damaged)
    yield "segment_reader", "sample", Pieces().join()
    yield "segment_reader", "own-columns", Pieces(own_columns=True).join()
    pieces = Pieces()
    yield "segment_reader", "no-footer", b"".join(pieces.parts)
    yield "segment_reader", "torn", b"".join(pieces.parts)[:-7]


def main():
    for target, name, data in seeds():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        print(f"corpus/{target}/{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
