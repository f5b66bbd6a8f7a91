# SPDX-License-Identifier: Apache-2.0
"""Parts of a segment (segment-format.md, Part): headers, bodies, the search for the next good one, and the end."""
import dataclasses

from .inflate import inflate
from .wire import Malformed, WireReader
from .xxh3 import xxh3_64

SKIPPABLE_MAGIC = 0x184D2A5B
HEADER_MAGIC, PART_MAGIC, END_MAGIC = b"LMLOGSEG", b"LMLOGPRT", b"LMLOGEND"
PART_HEADER_BYTES, END_BYTES = 48, 32
MAX_INFLATED_BYTES = 64 << 20
HEADER, CHECKPOINT, CATALOG, BLOCK, FOOTER, HEADER_COPY = range(1, 7)
PART_NAMES = {HEADER: "header", CHECKPOINT: "checkpoint", CATALOG: "catalog", BLOCK: "block", FOOTER: "footer",
              HEADER_COPY: "header copy"}
MAX_HEADER_COPY_OFFSET = 8 << 20
FIRST_SKIPPED_PART = 32768
COMPRESSED = 1


class BadBody(Malformed):
    """A part whose body's check or compression does not hold; `kind` as in damage.py."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


@dataclasses.dataclass
class Part:
    """A part whose header's check holds; the body is not looked at yet."""
    offset: int
    type: int
    flags: int
    stored_bytes: int
    inflated_bytes: int
    check: int

    @property
    def body_offset(self):
        return self.offset + PART_HEADER_BYTES

    @property
    def end(self):
        return self.body_offset + self.stored_bytes

    def body(self, data):
        """The body, checked before it is inflated."""
        stored = data[self.body_offset:self.end]
        if len(stored) != self.stored_bytes:
            raise BadBody("truncated", "the part is cut off")
        if xxh3_64(stored) != self.check:
            raise BadBody("checksum", "the check of the part's body fails")
        if self.inflated_bytes > MAX_INFLATED_BYTES:
            raise BadBody("structure", f"a body of {self.inflated_bytes} bytes; at most 64 MiB")
        if not self.flags & COMPRESSED:
            if self.inflated_bytes != self.stored_bytes:
                raise BadBody("structure", f"{self.stored_bytes} stored bytes, and {self.inflated_bytes} when inflated")
            return stored
        (body,) = inflate([(stored, self.inflated_bytes)])
        if body is None:
            raise BadBody("structure", "the part's body is not one zstd frame of the stated size")
        return body


def part_at(data, offset):
    """The Part whose header stands at `offset` and whose check holds; else None."""
    if offset < 0 or offset + PART_HEADER_BYTES > len(data):
        return None
    reader = WireReader(data, offset)
    skippable, size, magic = reader.u32(), reader.u32(), reader.take(8)
    type_, flags, _, inflated, check, own_check = (reader.u16(), reader.u16(), reader.u32(), reader.u64(), reader.u64(),
                                                   reader.u64())
    if skippable != SKIPPABLE_MAGIC or magic != (HEADER_MAGIC if type_ == HEADER else PART_MAGIC):
        return None
    if size < PART_HEADER_BYTES - 8 or xxh3_64(data[offset:offset + 40]) != own_check:
        return None
    return Part(offset, type_, flags, size - (PART_HEADER_BYTES - 8), inflated, check)


def next_part(data, start):
    """Offset of the first part at or behind `start`, searched for by its magic; the place of the end if none is left."""
    at = data.find(PART_MAGIC, start + 8)
    while at >= 0:
        if part_at(data, at - 8):
            return at - 8
        at = data.find(PART_MAGIC, at + 1)
    return max(start, end_offset(data)) if read_end(data) is not None else len(data)


def end_offset(data):
    return len(data) - END_BYTES


def read_end(data):
    """The footer's offset that a good end states; None without one. The offset itself is not judged here."""
    if len(data) < END_BYTES:
        return None
    stored = data[end_offset(data):]
    reader = WireReader(stored)
    skippable, size, footer, check, magic = (reader.u32(), reader.u32(), reader.u64(), reader.u64(), reader.take(8))
    if (skippable, size, magic) != (SKIPPABLE_MAGIC, 24, END_MAGIC) or xxh3_64(stored[8:16]) != check:
        return None
    return footer
