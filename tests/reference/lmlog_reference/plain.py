# SPDX-License-Identifier: Apache-2.0
"""Single values of fixed types as people and JSON see them (registry.md, Arguments)."""
import math
import struct

from .registry import BOOL, CHAR, F32, F64, POINTER


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


def shown_plain(tag, value):
    """`value` as arguments.py defines it."""
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
    return value
