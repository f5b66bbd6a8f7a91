# SPDX-License-Identifier: Apache-2.0
"""Journal files as bytes, for tests of the reader."""
import struct

from lmlog_reference.xxh3 import xxh3_64

from .ring_bytes import losses as losses_body
from .ring_bytes import padded
from .shm_files import RING_ID


def header(sequence=1, major=1, minor=0, incompatible=0):
    data = struct.pack("<8sHHIQQQqQ", b"LMLOGJNL", major, minor, 64, incompatible, 0, sequence, 1_000, 0)
    return data + struct.pack("<Q", xxh3_64(data))


def entry(type_, body):
    data = b"LMJE" + struct.pack("<HHIIQ", type_, 0, len(body), 0, xxh3_64(body))
    return data + struct.pack("<Q", xxh3_64(data)) + padded(body)


def session(number, descriptor, uid=1000):
    return entry(1, struct.pack("<II", number, uid) + descriptor)


def catalog(number, entries, offset=0):
    return entry(2, struct.pack("<IIQ", number, 0, offset) + b"".join(padded(each) for each in entries))


def range_(number, ring, start, end, state=b"", ring_id=RING_ID):
    head = struct.pack("<II16sQQQ", number, len(state), ring_id, ring.data_bytes, start, end)
    return entry(3, head + state + ring.stretch(start, end))


def anchor(number, tsc, realtime, monotonic):
    return entry(4, struct.pack("<IIQqq", number, 0, tsc, realtime, monotonic))


def losses(number, position, time, counts, state=b"", ring_id=RING_ID):
    return entry(5, struct.pack("<II16sQQ", number, len(state), ring_id, position, time) + state + losses_body(counts))


def ring_end(number, position, ring_id=RING_ID):
    return entry(6, struct.pack("<II16sQ", number, 0, ring_id, position))
