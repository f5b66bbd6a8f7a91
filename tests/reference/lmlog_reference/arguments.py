# SPDX-License-Identifier: Apache-2.0
"""Arguments of a record (registry.md, Arguments): values as they are stored, and as people read them.

A fixed value is its 64-bit value as segment-format.md defines it (signed types sign-extended, floats their bit
pattern) as a Python int; a variable one is (bytes, truncated).
"""
import math
import struct

from .registry import BOOL, CHAR, F32, F64, FIXED_WIDTH, FLOATS, NAMED, POINTER, SIGNED, STRING
from .wire import WireReader


def fixed_value(tag, stored):
    """The value of a fixed type from its stored bytes."""
    return int.from_bytes(stored, "little", signed=tag in SIGNED)


def decode_arguments(tags, body):
    """Values of all arguments in their own order; the rest of the body is padding. Malformed if they do not fit."""
    reader = WireReader(body)
    values = [None] * len(tags)
    for index, tag in enumerate(tags):
        if tag in FIXED_WIDTH:
            values[index] = fixed_value(tag, reader.take(FIXED_WIDTH[tag], f"argument {index}"))
    for index, tag in enumerate(tags):
        if tag not in FIXED_WIDTH:
            values[index] = reader.length_word_string()
    return values


def arguments_size(tags, values):
    """The bytes that these values take in a record."""
    return sum(FIXED_WIDTH[tag] if tag in FIXED_WIDTH else 4 + len(value[0]) for tag, value in zip(tags, values))


def shown_float(value):
    """A float as JSON can hold it: NaN and the infinities are texts."""
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def shortest_f32(value):
    """The number with the fewest digits that is this 32-bit float when it is read as one."""
    for digits in range(1, 9):
        shorter = float(f"{value:.{digits}g}")
        try:
            if struct.unpack("<f", struct.pack("<f", shorter))[0] == value:
                return shorter
        except OverflowError:
            pass  # rounded up past the largest
    return value if not math.isfinite(value) else float(f"{value:.9g}")


def shown_value(tag, value):
    """A value for people and JSON."""
    if tag == BOOL:
        return value != 0
    if tag == CHAR:
        return bytes([value]).decode("utf-8", "replace")
    if tag == POINTER:
        return hex(value)
    if tag == F32:
        return shown_float(shortest_f32(struct.unpack("<f", struct.pack("<I", value))[0]))
    if tag == F64:
        return shown_float(struct.unpack("<d", struct.pack("<Q", value))[0])
    if tag in FIXED_WIDTH:
        return value
    if tag == STRING:
        return value[0].decode("utf-8", "replace")
    return {"opaque": value[0].hex(), "type": tag}


def comparable(tag, value):
    """A value in the order of its type, for minima and maxima; None for a NaN."""
    if tag in FLOATS:
        number = struct.unpack("<f" if tag == F32 else "<d", value.to_bytes(FIXED_WIDTH[tag], "little"))[0]
        return None if math.isnan(number) else number
    return value


def shown_fields(arguments, values):
    """Fields by name; an argument without a name of its own goes by its index. None: its column is not readable."""
    fields = {}
    for index, ((tag, flags, name), value) in enumerate(zip(arguments, values)):
        key = name.decode("utf-8", "replace") if flags & NAMED else str(index)
        if value is not None:
            fields[key] = shown_value(tag, value)
    return fields


def truncated_fields(arguments, values):
    """Names of the arguments that the producer cut."""
    return [name.decode("utf-8", "replace") if flags & NAMED else str(index)
            for index, ((tag, flags, name), value) in enumerate(zip(arguments, values))
            if tag not in FIXED_WIDTH and value and value[1]]
