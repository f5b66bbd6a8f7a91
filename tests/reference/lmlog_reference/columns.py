# SPDX-License-Identifier: Apache-2.0
"""Column encodings (segment-format.md, Column encodings): stored bytes to values as arguments.py defines them."""
import struct

from .registry import F32, F64, FIXED_WIDTH, FLOATS, SIGNED
from .arguments import comparable, fixed_value
from .wire import MASK64, Malformed, WireReader, as_signed

RAW, CONSTANT, VARINT, DELTA, PLAIN, DICTIONARY = 0, 1, 2, 3, 16, 17
ENCODING_NAMES = {RAW: "raw", CONSTANT: "constant", VARINT: "varint", DELTA: "delta", PLAIN: "plain",
                  DICTIONARY: "dictionary"}


class UnknownEncoding(Malformed):
    """An encoding of a later version: this column is unreadable, all others stay readable."""


def in_range(tag, value):
    """A value of a narrower type must be one of its values."""
    bits = 8 * FIXED_WIDTH[tag]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if tag in SIGNED else (0, (1 << bits) - 1)
    if not low <= value <= high:
        raise Malformed(f"{value} is no value of a type of {bits} bits")
    return value


def read_raw(reader, tag, count):
    width = FIXED_WIDTH[tag]
    stored = reader.take(count * width, "raw column")
    return [fixed_value(tag, stored[at:at + width]) for at in range(0, len(stored), width)]


def read_varint(reader, tag, count):
    take = reader.sv if tag in SIGNED else reader.uv
    return [in_range(tag, take()) for _ in range(count)]


def read_delta(reader, tag, count):
    values, last = [], 0
    for _ in range(count):
        last = last + reader.sv() & MASK64
        values.append(in_range(tag, as_signed(last) if tag in SIGNED else last))
    return values


def read_string(reader):
    """One string behind its length code."""
    code = reader.uv()
    return reader.take(code >> 1, "string"), bool(code & 1)


def read_plain(reader, count):
    codes = [reader.uv() for _ in range(count)]
    return [(reader.take(code >> 1, "string"), bool(code & 1)) for code in codes]


def read_dictionary(reader, count):
    entries = [read_string(reader) for _ in range(reader.counted("dictionary entries", 1, count))]
    width = reader.u8()
    if width not in (1, 2, 4):
        raise Malformed(f"dictionary indices of {width} bytes")
    stored = reader.take(count * width, "dictionary indices")
    indices = struct.unpack(f"<{count}{ {1: 'B', 2: 'H', 4: 'I'}[width]}", stored)
    if indices and max(indices) >= len(entries):
        raise Malformed(f"dictionary index {max(indices)} of {len(entries)} entries")
    return [entries[index] for index in indices]


def decode_column(tag, encoding, data, count):
    """(values, unused bytes at the end) of a column of one type."""
    reader = WireReader(data)
    fixed = tag in FIXED_WIDTH
    if encoding not in ENCODING_NAMES:
        raise UnknownEncoding(f"encoding {encoding} is not known to this reader (1.0)")
    if encoding == CONSTANT:
        one = read_raw(reader, tag, 1)[0] if fixed else read_string(reader)
        return [one] * count, reader.left
    if fixed != (encoding in (RAW, VARINT, DELTA)) or tag in FLOATS and encoding != RAW:
        raise Malformed(f"encoding {ENCODING_NAMES[encoding]} does not go with type {tag}")
    smallest = {RAW: FIXED_WIDTH.get(tag, 0), DICTIONARY: 1}.get(encoding, 1)
    if count * smallest > reader.left:
        raise Malformed(f"{count} values do not fit into {reader.left} bytes")
    if encoding == RAW:
        values = read_raw(reader, tag, count)
    elif encoding == PLAIN:
        values = read_plain(reader, count)
    elif encoding == DICTIONARY:
        values = read_dictionary(reader, count)
    else:
        values = (read_varint if encoding == VARINT else read_delta)(reader, tag, count)
    return values, reader.left


def read_statistics(data, tag):
    """Minimum and maximum that a column states, as {"minimum": …, "maximum": …}; other items are skipped."""
    reader, found = WireReader(data), {}
    while reader.left:
        item, payload = reader.u8(), reader.take(reader.u8(), "statistics")
        if item in (1, 2) and tag in FIXED_WIDTH:
            layout = "<d" if tag in (F32, F64) else "<q" if tag in SIGNED else "<Q"
            if len(payload) != 8:
                raise Malformed(f"a minimum or maximum of {len(payload)} bytes")
            found["minimum" if item == 1 else "maximum"] = struct.unpack(layout, payload)[0]
    return found


def true_statistics(tag, values):
    """Minimum and maximum of the values; NaNs left out."""
    ordered = [number for number in (comparable(tag, value) for value in values) if number is not None]
    return {"minimum": min(ordered), "maximum": max(ordered)} if ordered else {}
