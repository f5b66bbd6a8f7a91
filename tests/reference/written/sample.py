# SPDX-License-Identifier: Apache-2.0
"""One thread's life with every kind of record and argument; what a reader must make of it, in whichever file it lies."""
import struct

from . import ring_bytes as rb
from . import shm_files

ALL_TYPES = [(1, 3, b"flag"), (2, 3, b"side"), (3, 3, b"i8"), (4, 3, b"u8"), (5, 3, b"i16"), (6, 3, b"u16"), (7, 3, b"i32"),
             (8, 3, b"u32"), (9, 3, b"i64"), (14, 3, b"name"), (10, 3, b"u64"), (11, 3, b"f32"), (12, 3, b"f64"),
             (13, 3, b"at"), (20, 3, b"later")]
ALL_FORMAT = b" ".join(b"{" + name + b"}" for _, _, name in ALL_TYPES)
# Template and arguments of the statements 64, 65, …
SITES = [(ALL_FORMAT.decode(), ALL_TYPES), ("n is {n}", [(7, 3, b"n")]), ("quiet {{}}", []),
         ("{text}", [(14, 3, b"text")]), ("rejected {} {:>4}", [(7, 1, b""), (14, 2, b"reason"), (9, 1, b"")])]
TRACE, SPAN = bytes(range(100, 116)), bytes(range(8))


def catalog():
    """Entries: a logger, the statements, and one of a type that is skipped."""
    statements = [rb.statement(64 + number, template.encode(), arguments, level=(number + 2) % 7, logger_id=number == 1)
                  for number, (template, arguments) in enumerate(SITES)]
    return [rb.logger(1, b"md.itch"), *statements, rb.entry(9, b"of a later version")]


def session(**options):
    return shm_files.session_file(catalog(), **options)


VALUES = [1, 65, -5, 250, -30000, 60000, -2**31, 2**32 - 1, -2**63, ("naïve".encode(), False), 2**64 - 1,
          struct.unpack("<I", struct.pack("<f", 0.5))[0], struct.unpack("<Q", struct.pack("<d", -1e300))[0], 0xDEAD,
          (b"\x01\x02", False)]
SHOWN = {"flag": True, "side": "A", "i8": -5, "u8": 250, "i16": -30000, "u16": 60000, "i32": -2**31, "u32": 2**32 - 1,
         "i64": -2**63, "name": "naïve", "u64": 2**64 - 1, "f32": 0.5, "f64": -1e300, "at": "0xdead",
         "later": {"opaque": "0102", "type": 20}}


def add(ring, number, time, values):
    tags = [tag for tag, _, _ in SITES[number][1]]
    ring.add(64 + number, time, rb.arguments(tags, values))


def ring():
    """The ring, from its first byte on."""
    bytes_ = rb.RingBytes()
    bytes_.add(2, 1000, rb.thread(11, 0, b"feed"))
    bytes_.add(4, 1000, rb.clock(3, 0))
    add(bytes_, 0, 1001, VALUES)
    bytes_.add(3, 1002, rb.context(TRACE, SPAN, 1, [(b"user", b"ann")]))
    add(bytes_, 1, 1003, [-1])
    bytes_.add(7, 1004, rb.span_begin(SPAN, b"match"))
    bytes_.add(5, 1004, rb.weight(66, 8.0))
    add(bytes_, 2, 1005, [])
    bytes_.add(6, 1006, rb.losses({0: 5}))
    add(bytes_, 3, 1003, [(b"cut \xFF", True)])
    bytes_.add(9, 1006, rb.backtrace([1, 2, 3]))
    bytes_.add(8, 1007, rb.span_end(SPAN))
    bytes_.add(33, 1007, b"of a later version")
    bytes_.add(2, 1008, rb.thread(12, 1, b""))
    add(bytes_, 4, 1009, [6, (b"price", False), 7])
    bytes_.add(5, 1010, rb.weight(66, 1.0))
    bytes_.add(66, 1011, b"", more=16)
    return bytes_


CONTEXT = {"trace_id": TRACE.hex(), "span_id": SPAN.hex(), "trace_flags": 1, "context": {"user": "ann"}}
# What facts() gives for the records of ring().
EXPECTED = [
    ("thread", 1000, 11, {}), ("clock", 1000, 11, {}),
    ("statement", 1001, 11, {"fields": SHOWN, "severity": "INFO"}),
    ("context", 1002, 11, {}),
    ("statement", 1003, 11, {"fields": {"n": -1}, "severity": "NOTICE", "logger": "md.itch", **CONTEXT}),
    ("span_begin", 1004, 11, {}), ("weight", 1004, 11, {}),
    ("statement", 1005, 11, {"fields": {}, "severity": "WARN", "weight": 8.0, **CONTEXT}),
    ("loss", 1006, 11, {"lost": {"ring_full": 5}}),
    ("statement", 1003, 11, {"fields": {"text": "cut \ufffd"}, "severity": "ERROR", "truncated": ["text"], **CONTEXT}),
    ("backtrace", 1006, 11, {}), ("span_end", 1007, 11, {}), ("unknown 33", 1007, 11, {}),
    ("thread", 1008, 12, {}),
    ("statement", 1009, 12, {"fields": {"0": 6, "reason": "price", "2": 7}, "severity": "FATAL"}),
    ("weight", 1010, 12, {}),
    ("statement", 1011, 12, {"fields": {}, "severity": "WARN"}),
]
FACTS = ("fields", "severity", "logger", "weight", "lost", "truncated", *CONTEXT)


def facts(records):
    """Of each record what does not depend on the file that it lies in."""
    return [(record["kind"], record["raw_time"], record.get("tid"), {key: record[key] for key in FACTS if key in record})
            for record in records]
