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


def wrapped_ring():
    """Records, pads and a gap around the wrap."""
    ring = ring_bytes.RingBytes(start=(1 << 16) - 64)
    for number in range(6):
        ring.add(64 + number, 1000 + number, bytes(range(number * 5)))
    return ring


def seeds():
    """(target, name, bytes) of every seed."""
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
