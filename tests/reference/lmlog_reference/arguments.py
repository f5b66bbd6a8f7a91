# SPDX-License-Identifier: Apache-2.0
"""Arguments of a record (registry.md, Arguments): values as they are stored, and as people read them.

A fixed value is its 64-bit value as segment-format.md defines it (signed types sign-extended, floats their bit
pattern) as a Python int; a variable one is (bytes, truncated).
"""
import math
import struct

from .descriptions import described_type, shown_described, shown_number
from .plain import shown_plain
from .registry import F32, FIXED_WIDTH, FLOATS, SIGNED, STRING, STRUCTURED
from .wire import Malformed, WireReader


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


def shown_value(argument, value):
    """A value for people and JSON."""
    tag = argument.tag
    described = described_type(tag, argument.description) if argument.description else None
    if described and tag in FIXED_WIDTH:
        return shown_number(described, value)
    if tag in FIXED_WIDTH:
        return shown_plain(tag, value)
    if described and tag == STRUCTURED:
        try:
            return shown_described(described, *value)
        except Malformed:
            pass  # its meaning is not known
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
    return {argument.shown_name(index): shown_value(argument, value)
            for index, (argument, value) in enumerate(zip(arguments, values)) if value is not None}


def truncated_fields(arguments, values):
    """Names of the arguments that the producer cut."""
    return [argument.shown_name(index) for index, (argument, value) in enumerate(zip(arguments, values))
            if argument.tag not in FIXED_WIDTH and value and value[1]]
