# SPDX-License-Identifier: Apache-2.0
"""Session and ring files as bytes, for tests of the reader."""
import struct

from .ring_bytes import padded

SESSION_ID, RING_ID, BOOT_ID = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
CONTROL_COUNT = 1024  # fewer than a producer's, so that test files stay small
CATALOG_BYTES = 1 << 16
ANCHOR_CHECK = 0x4C4D4C4F47414E43
MASK64 = (1 << 64) - 1


def put(data, offset, layout, *values):
    struct.pack_into("<" + layout, data, offset, *values)


def descriptor(clock=3, policy=1, tsc=0, realtime=0, monotonic=0, tsc_hz=0, service=b"gateway", host=b"host-1",
               program=b"gw", major=1, minor=0, incompatible=0):
    """The first 360 bytes of a session file."""
    data = bytearray(360)
    catalog_offset = 4096 + 8 * CONTROL_COUNT
    put(data, 0, "8sHHIQQ16sQIIqQqQQQQQ16sQIIHHHH", b"LMLOGSES", major, minor, 4096, incompatible, 0, SESSION_ID,
        catalog_offset + CATALOG_BYTES, 4321, clock, realtime, tsc, monotonic, tsc_hz, 4096, CONTROL_COUNT,
        catalog_offset, CATALOG_BYTES, BOOT_ID, 1 << 16, policy, 0, len(service), len(host), len(program), 0)
    for offset, text in ((168, service), (232, host), (296, program)):
        data[offset:offset + len(text)] = text
    return bytes(data)


def session_file(entries, head=descriptor(), state=1, losses=None, last_anchor=None, control=None):
    """A whole session file; `entries` are catalog entries without padding."""
    catalog = b"".join(padded(entry) for entry in entries)
    catalog_offset = 4096 + 8 * CONTROL_COUNT
    data = bytearray(catalog_offset + CATALOG_BYTES)
    data[:360] = head
    data[catalog_offset:catalog_offset + len(catalog)] = catalog
    put(data, 512, "I", state)
    put(data, 576, "Q", len(catalog))
    for reason, count in (losses or {}).items():
        put(data, 640 + 8 * reason, "Q", count)
    put(data, 896, "Q", 1)
    if last_anchor:
        put(data, 1088, "QqqQ", *last_anchor, last_anchor[0] ^ last_anchor[1] ^ last_anchor[2] ^ ANCHOR_CHECK)
    for number, word in (control or {}).items():
        put(data, 4096 + 8 * number, "Q", word)
    return data


def ring_file(ring, tail=0, drained=0, policy=1, losses=None, ring_id=RING_ID, sub_buffer_bytes=0, floor=0, head=None):
    """A whole ring file around RingBytes."""
    data = bytearray(4096) + ring.image
    put(data, 0, "8sHHIQQ16s16sQIIQ", b"LMLOGRNG", 1, 0, 4096, 0, 0, ring_id, SESSION_ID, ring.data_bytes, 0, policy,
        sub_buffer_bytes)
    put(data, 256, "Q", ring.head if head is None else head)
    put(data, 320, "QQQQ", tail, tail ^ MASK64, drained, drained ^ MASK64)
    for reason, count in (losses or {}).items():
        put(data, 448 + 8 * reason, "Q", count)
    put(data, 704, "Q", floor)
    return data
