# SPDX-License-Identifier: Apache-2.0
"""Bounds-checked reading of little-endian integers, LEB128 and lengths from bytes that nobody vouches for."""
import struct

MASK64 = (1 << 64) - 1


class Malformed(ValueError):
    """Bytes that do not have the shape that the page gives them; `offset` is relative to the bytes that were read."""

    def __init__(self, message, offset=0):
        super().__init__(message)
        self.offset = offset


def round_up_8(count):
    return (count + 7) & ~7


def as_signed(value):
    """A 64-bit pattern as a signed integer."""
    return value - (1 << 64) if value >> 63 else value


class WireReader:
    """Takes values one after another; every read past the end raises Malformed."""

    def __init__(self, data, start=0, end=None):
        self.data = data
        self.at = start
        self.end = len(data) if end is None else end

    @property
    def left(self):
        return self.end - self.at

    def take(self, count, what="bytes"):
        if count > self.left:
            raise Malformed(f"{what}: {count} bytes needed, {self.left} left", self.at)
        self.at += count
        return bytes(self.data[self.at - count:self.at])

    def _unpack(self, layout, size):
        if size > self.left:
            raise Malformed(f"{size} bytes needed, {self.left} left", self.at)
        (value,) = struct.unpack_from(layout, self.data, self.at)
        self.at += size
        return value

    def u8(self):
        return self._unpack("<B", 1)

    def u16(self):
        return self._unpack("<H", 2)

    def u32(self):
        return self._unpack("<I", 4)

    def u64(self):
        return self._unpack("<Q", 8)

    def i64(self):
        return self._unpack("<q", 8)

    def f64(self):
        return self._unpack("<d", 8)

    def uv(self):
        """Unsigned LEB128 of at most 10 bytes and 64 bits."""
        value = 0
        for index in range(10):
            if self.at >= self.end:
                raise Malformed("LEB128 runs past the end", self.at)
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                if value >> 64:
                    raise Malformed("LEB128 of more than 64 bits", self.at)
                return value
        raise Malformed("LEB128 of more than 10 bytes", self.at)

    def sv(self):
        """Zigzag LEB128."""
        value = self.uv()
        return (value >> 1) ^ -(value & 1)

    def counted(self, what, smallest, limit=None):
        """A uv count of things that need at least `smallest` bytes each: checked before anything is allocated."""
        count = self.uv()
        if limit is not None and count > limit:
            raise Malformed(f"{count} {what}; at most {limit}", self.at)
        if count * smallest > self.left:
            raise Malformed(f"{count} {what} cannot fit into {self.left} bytes", self.at)
        return count

    def blob(self, what="bytes"):
        """uv length and as many bytes: `str` and `state` of segment-format.md."""
        return self.take(self.uv(), what)

    def text(self, what="text"):
        return self.blob(what).decode("utf-8", "replace")

    def length_word_string(self):
        """u32 length word and bytes (registry.md, Arguments): the bytes and whether they were truncated."""
        word = self.u32()
        return self.take(word & 0x7FFFFFFF, "string"), bool(word >> 31)
