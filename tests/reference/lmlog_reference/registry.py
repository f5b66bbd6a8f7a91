# SPDX-License-Identifier: Apache-2.0
"""The numbers of registry.md: record kinds, levels, argument types, loss reasons, clocks, limits, and the site hash."""
import struct

from .wire import MASK64

FIRST_STATEMENT_ID = 64
LAST_STATEMENT_ID = (1 << 20) - 1

PAD, THREAD, CONTEXT, CLOCK, WEIGHT, LOSS, SPAN_BEGIN, SPAN_END, BACKTRACE, SUB_BUFFER = range(1, 11)
KIND_NAMES = {PAD: "pad", THREAD: "thread", CONTEXT: "context", CLOCK: "clock", WEIGHT: "weight", LOSS: "loss",
              SPAN_BEGIN: "span_begin", SPAN_END: "span_end", BACKTRACE: "backtrace", SUB_BUFFER: "sub_buffer"}
FIRST_SKIPPED_KIND = 32

# value: (severity, number in OpenTelemetry)
LEVELS = {0: ("TRACE", 1), 1: ("DEBUG", 5), 2: ("INFO", 9), 3: ("NOTICE", 10), 4: ("WARN", 13), 5: ("ERROR", 17),
          6: ("FATAL", 21)}
LEVEL_OF_KINDS = 255  # segment-format.md: the site of a record that is no statement

BOOL, CHAR, I8, U8, I16, U16, I32, U32, I64, U64, F32, F64, POINTER, STRING, STRUCTURED = range(1, 16)
TYPE_NAMES = {BOOL: "bool", CHAR: "char", I8: "i8", U8: "u8", I16: "i16", U16: "u16", I32: "i32", U32: "u32", I64: "i64",
              U64: "u64", F32: "f32", F64: "f64", POINTER: "pointer", STRING: "string", STRUCTURED: "structured"}
FIXED_WIDTH = {BOOL: 1, CHAR: 1, I8: 1, U8: 1, I16: 2, U16: 2, I32: 4, U32: 4, I64: 8, U64: 8, F32: 4, F64: 8, POINTER: 8}
SIGNED = {I8, I16, I32, I64}
FLOATS = {F32, F64}
LAST_TYPE = 127  # 0 and 128-255 are never valid

IN_MESSAGE, NAMED, DESCRIBED = 1, 2, 4

LOSS_REASONS = {0: "ring_full", 1: "block_timeout", 2: "too_large", 3: "no_ring", 4: "no_catalog", 5: "sampled_out",
                6: "overwritten", 7: "corrupt", 8: "quarantined", 9: "suppressed"}

TSC, COARSE, USER_NS, REALTIME = 1, 2, 3, 4
CLOCK_NAMES = {TSC: "tsc", COARSE: "coarse", USER_NS: "user_ns", REALTIME: "realtime"}
OVERWRITTEN = 6
DROP, BLOCK, OVERWRITE = 1, 2, 3
POLICY_NAMES = {DROP: "drop", BLOCK: "block", OVERWRITE: "overwrite"}
TIER_NAMES = {0: "hot", 1: "warm", 2: "cold"}

MAX_THREAD_NAME, MAX_CONTEXT_KEYS, MAX_LOSSES, MAX_BACKTRACE, MAX_OPEN_SPANS = 64, 64, 32, 128, 64
MAX_CONTEXT_BYTES, MAX_SPAN_BYTES = 64 << 10, 4 << 10
MIN_RING_BYTES, MAX_RING_BYTES = 64 << 10, 1 << 30


def is_valid_type(tag):
    return 1 <= tag <= LAST_TYPE


def is_ring_size(count):
    return MIN_RING_BYTES <= count <= MAX_RING_BYTES and count & (count - 1) == 0


def loss_name(reason):
    """Reasons that this version does not name are shown by number."""
    return LOSS_REASONS.get(reason, str(reason))


def site_hash(level, arguments, format_text):
    """FNV-1a and the final mix of registry.md; arguments are (type, flags, name) and, with the flag `described`, a
    description; all texts are bytes."""
    parts = [bytes([level, len(arguments)])]
    for tag, flags, name, *described in arguments:
        parts += [struct.pack("<BBH", tag, flags, len(name)), name]
        if flags & DESCRIBED:
            parts += [struct.pack("<H", len(described[0])), described[0]]
    parts += [struct.pack("<I", len(format_text)), format_text]
    value = 14695981039346656037
    for byte in b"".join(parts):
        value = (value ^ byte) * 1099511628211 & MASK64
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & MASK64
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & MASK64
    return value ^ (value >> 33)
