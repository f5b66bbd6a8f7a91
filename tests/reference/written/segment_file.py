# SPDX-License-Identifier: Apache-2.0
"""Parts of segments as bytes, for tests of the reader."""
import struct
import subprocess

from lmlog_reference.registry import FIXED_WIDTH, SIGNED
from lmlog_reference.xxh3 import xxh3_64

MASK64 = (1 << 64) - 1
SEGMENT_ID = bytes(range(200, 216))


def uv(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def sv(value):
    return uv((value << 1 ^ value >> 63) & MASK64)


def blob(data):
    return uv(len(data)) + data


def listed(items):
    return uv(len(items)) + b"".join(items)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", f"--stream-size={len(data)}"], input=data, capture_output=True, check=True).stdout


def part(type_, body, compressed=False):
    stored = zstd(body) if compressed else body
    head = struct.pack("<II8sHHIQQ", 0x184D2A5B, 40 + len(stored), b"LMLOGSEG" if type_ == 1 else b"LMLOGPRT", type_,
                       compressed, 0, len(body), xxh3_64(stored))
    return head + struct.pack("<Q", xxh3_64(head)) + stored


def header(major=1, minor=0, incompatible=0, replaces=(), more=b""):
    return part(1, struct.pack("<HHIQQ", major, minor, 0, incompatible, 0) + SEGMENT_ID + uv(1000) + uv(17) + uv(10**18) +
                b"\0" + blob(b"gateway") + blob(b"host-1") + blob(b"test 1.0") + listed(list(replaces)) + more)


def checkpoint(rings):
    """Rings as (session id, ring id, data bytes, position, state)."""
    return part(2, checkpoint_body(rings))


def checkpoint_body(rings):
    return listed([session + ring + uv(size) + uv(position) + blob(state) for session, ring, size, position, state in rings])


def catalog_body(descriptor, entries, uid=1000):
    return listed([uv(0) + uv(uid) + blob(descriptor)]) + listed([uv(0) + blob(entry) for entry in entries])


def index(times, keys, levels):
    return struct.pack("<4Q", min(times), max(times), min(keys), max(keys)) + bytes([levels])


def encoded(tag, encoding, values):
    """A column's bytes; values as the reader has them."""
    fixed = tag in FIXED_WIDTH
    raw = [value.to_bytes(FIXED_WIDTH[tag], "little", signed=tag in SIGNED) for value in values] if fixed else []
    if encoding == 0:
        return b"".join(raw)
    if encoding == 1:
        return raw[0] if fixed else code(values[0]) + values[0][0]
    if encoding == 2:
        return b"".join(sv(value) if tag in SIGNED else uv(value) for value in values)
    if encoding == 3:
        return b"".join(sv(wrapped(value - before)) for value, before in zip(values, [0, *values]))
    if encoding == 16:
        return b"".join(map(code, values)) + b"".join(data for data, _ in values)
    entries = sorted(set(values))
    layout = "B" if len(entries) <= 256 else "H"
    return (listed([code(entry) + entry[0] for entry in entries]) + bytes([struct.calcsize(layout)]) +
            struct.pack(f"<{len(values)}{layout}", *map(entries.index, values)))


def wrapped(value):
    """Modulo 2^64, as a signed number."""
    value &= MASK64
    return value - (1 << 64) if value >> 63 else value


def code(value):
    return uv(len(value[0]) * 2 + value[1])


def column(site, run, argument, tag, encoding, frame, offset, data, count, statistics=b""):
    return (uv(site) + uv(run) + uv(argument) + bytes([tag, encoding]) + uv(frame) + uv(offset) + uv(len(data)) + uv(count) +
            blob(statistics))


def end(footer_offset):
    stored = struct.pack("<Q", footer_offset)
    return struct.pack("<II", 0x184D2A5B, 24) + stored + struct.pack("<Q", xxh3_64(stored)) + b"LMLOGEND"
