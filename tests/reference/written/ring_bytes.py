# SPDX-License-Identifier: Apache-2.0
"""Records, bodies of record kinds, catalog entries and state vectors as bytes, for tests of the reader."""
import struct

from lmlog_reference.registry import FIXED_WIDTH, SIGNED, site_hash

RING_BYTES = 1 << 16


def padded(data, filler=b"\0"):
    return data + filler * (-len(data) % 8)


def string(data, truncated=False):
    return struct.pack("<I", len(data) | truncated << 31) + data


def thread(tid, epoch, name):
    return struct.pack("<III", tid, epoch, len(name)) + name


def context(trace_id=bytes(16), span_id=bytes(8), flags=0, values=()):
    return (trace_id + span_id + bytes([flags, 0, 0, 0]) + struct.pack("<I", len(values)) +
            b"".join(string(part) for pair in values for part in pair))


def clock(kind, epoch=0, tsc=0, realtime=0, monotonic=0):
    return struct.pack("<IIQqq", kind, epoch, tsc, realtime, monotonic)


def weight(statement, value):
    return struct.pack("<IId", statement, 0, value)


def losses(counts):
    return struct.pack("<II", len(counts), 0) + b"".join(struct.pack("<IIQ", reason, 0, count)
                                                       for reason, count in counts.items())


def span_begin(span_id, name, trace_id=bytes(16), parent=bytes(8)):
    return trace_id + span_id + parent + string(name)


def span_end(span_id, status=1):
    return span_id + struct.pack("<II", status, 0)


def backtrace(addresses):
    return struct.pack("<II", len(addresses), 0) + struct.pack(f"<{len(addresses)}Q", *addresses)


def sub_buffer(position, index, counts, state):
    return struct.pack("<QQ", position, index) + losses(counts) + struct.pack("<II", len(state), 0) + state


def arguments(tags, values):
    """Fixed part, then variable part; floats are given as bit patterns, strings as (bytes, truncated)."""
    fixed = b"".join(value.to_bytes(FIXED_WIDTH[tag], "little", signed=tag in SIGNED)
                     for tag, value in zip(tags, values) if tag in FIXED_WIDTH)
    return fixed + b"".join(string(*value) for tag, value in zip(tags, values) if tag not in FIXED_WIDTH)


def statement(id_, format_text, arguments_, level=2, line=7, file=b"orders.cpp", function=b"fill", logger_id=0, flags=0,
              hash_change=0):
    """A catalog entry; arguments_ are (type, flags, name[, description])."""
    site = site_hash(level, arguments_, format_text) ^ hash_change
    body = struct.pack("<IIQBBHIHHI", id_, line, site, level, len(arguments_), flags, len(format_text), len(file),
                       len(function), logger_id)
    body += b"".join(struct.pack("<BBH", tag, argument_flags, len(name)) for tag, argument_flags, name, *_ in arguments_)
    descriptions = b"".join(struct.pack("<H", len(argument[3])) + argument[3] for argument in arguments_
                            if len(argument) > 3)
    return entry(1, body + format_text + file + function + b"".join(name for _, _, name, *_ in arguments_) + descriptions)


def logger(id_, name):
    return entry(2, struct.pack("<IH", id_, len(name)) + name)


def entry(type_, body):
    return struct.pack("<IHH", 8 + len(body), type_, 0) + body


def state_vector(items):
    """Items by tag, in the order given."""
    return b"".join(struct.pack("<HHI", tag, 0, len(payload)) + padded(payload) for tag, payload in items)


class RingBytes:
    """A ring that records are written into as a producer does: pads before the wrap, gaps of 8, stamps by position."""

    def __init__(self, data_bytes=RING_BYTES, start=0):
        self.data_bytes, self.head, self.start = data_bytes, start, start
        self.image = bytearray(b"\xEE" * data_bytes)  # what was never written is not zero in a ring that went around
        self.positions = []

    def _put(self, id_, time, body, length, extended):
        header = struct.pack("<QII", time, (self.head // 8) & 0xFFFFFFFF, id_ | (0 if extended else length // 8) << 20)
        at = self.head % self.data_bytes
        data = header + (struct.pack("<Q", length) if extended else b"") + body
        self.image[at:at + length] = data + b"\xAA" * (length - len(data))
        self.head += length

    def add(self, id_, time, body=b"", more=0):
        """Adds a record, `more` bytes longer than it needs; gives its position."""
        length = 16 + len(body) + more
        length += -length % 8
        extended = length > 32760
        length += 8 * extended
        room = self.data_bytes - self.head % self.data_bytes
        if length > room:
            if room > 8:
                self._put(1, time, b"", room, room > 32760)
            else:
                self.head += 8
        self.positions.append(self.head)
        self._put(id_, time, body, length, extended)
        return self.positions[-1]

    def stretch(self, start, end):
        """The bytes of [start, end) in the order of positions."""
        return bytes(self.image[at % self.data_bytes] for at in range(start, end))
