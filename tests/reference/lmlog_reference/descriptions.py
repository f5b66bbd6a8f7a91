# SPDX-License-Identifier: Apache-2.0
"""Type descriptions (registry.md): parsed into types, and the bytes of described arguments as people and JSON see them."""
import dataclasses
import datetime
import math
import os
import re
import struct

from .plain import shown_plain
from .registry import (BOOL, CHAR, F32, F64, FIXED_WIDTH, I8, I16, I32, I64, POINTER, SIGNED, STRING, STRUCTURED, U8, U16,
                       U32, U64)
from .wire import Malformed, WireReader

MAX_BYTES, MAX_DEPTH, MAX_PARTS, VALUELESS = 4096, 32, 255, 255
SCALARS = {b"b": BOOL, b"c": CHAR, b"i1": I8, b"u1": U8, b"i2": I16, b"u2": U16, b"i4": I32, b"u4": U32, b"i8": I64,
           b"u8": U64, b"f4": F32, b"f8": F64, b"p": POINTER}
SCALAR = re.compile(rb"b|c|p|[iu][1248]|f[48]")
PERIOD = re.compile(rb"([0-9]+)/([0-9]+):(i8|f8)")
IDENTIFIER = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
STRUCTURE = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*\{")
UNITS = {(1, 10**18): "as", (1, 10**15): "fs", (1, 10**12): "ps", (1, 10**9): "ns", (1, 10**6): "µs", (1, 1000): "ms",
         (1, 100): "cs", (1, 10): "ds", (1, 1): "s", (10, 1): "das", (100, 1): "hs", (1000, 1): "ks", (10**6, 1): "Ms",
         (10**9, 1): "Gs", (10**12, 1): "Ts", (10**15, 1): "Ps", (10**18, 1): "Es", (60, 1): "m", (3600, 1): "h"}
FARTHEST_SECONDS = 10**15  # from here on no calendar is asked
DAYS_FROM_YEAR_0 = 719528  # to 1970-01-01


class Gone(Exception):
    """What begins or ends behind the end of a value that was cut."""


@dataclasses.dataclass
class Type:
    """`kind` is the first character of the description; of scalars `#`, of maps `:` or `*`."""
    kind: str
    tag: int = 0
    period: tuple = (1, 1)
    parts: list = dataclasses.field(default_factory=list)
    names: list = dataclasses.field(default_factory=list)
    least: int = 0  # bytes that every value takes


class Parser:
    """One description; raises Malformed where the table has no line for it."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def whole(self):
        if len(self.text) > MAX_BYTES:
            raise Malformed("a description of more than 4,096 bytes")
        parsed = self.type(1)
        if self.at != len(self.text):
            raise Malformed("more than a description", self.at)
        return parsed

    def match(self, pattern):
        found = pattern.match(self.text, self.at)
        if not found:
            raise Malformed("no description", self.at)
        self.at = found.end()
        return found

    def takes(self, text):
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def needs(self, text):
        if not self.takes(text):
            raise Malformed(f"{text!r} is missing", self.at)

    def type(self, depth):
        if depth > MAX_DEPTH:
            raise Malformed("more than 32 levels", self.at)
        if found := SCALAR.match(self.text, self.at):
            self.at = found.end()
            return Type("#", SCALARS[found[0]], least=FIXED_WIDTH[SCALARS[found[0]]])
        kind = self.text[self.at:self.at + 1].decode("ascii", "replace")
        self.at += 1
        if kind in ("s", "P"):
            return Type(kind, STRING, least=4)
        if kind == "h":
            return Type(kind, U64, least=8)
        if kind == "E":
            return Type(kind, least=8)
        if kind == ".":
            return Type(kind)
        if kind in ("d", "t"):
            return self.of_time(kind)
        if kind == "?":
            return Type(kind, parts=[self.type(depth + 1)], least=1)
        if kind in ("[", "{"):
            return self.range(kind, depth)
        if kind == "@":
            return self.structure(depth)
        if kind in ("(", "<"):
            return self.listed(kind, depth)
        raise Malformed("no description", self.at - 1)

    def of_time(self, kind):
        found = self.match(PERIOD)
        period = int(found[1]), int(found[2])
        if not all(1 <= number < 1 << 63 for number in period):
            raise Malformed("no period", self.at)
        return Type(kind, SCALARS[found[3]], period, least=8)

    def repeated(self, depth):
        part = self.type(depth + 1)
        if part.least == 0:
            raise Malformed("a sequence of what takes no bytes", self.at)
        return part

    def range(self, kind, depth):
        parts = [self.repeated(depth)]
        if kind == "{" and not self.takes(b"}"):
            kind = ":" if self.takes(b":") else "*"
            if kind == "*":
                self.needs(b"*")
            parts.append(self.type(depth + 1))
        if kind != "{":
            self.needs(b"]" if kind == "[" else b"}")
        return Type(kind, parts=parts, least=4)

    def counted(self, parts, depth):
        if len(parts) == MAX_PARTS:
            raise Malformed("more than 255 parts", self.at)
        parts.append(self.type(depth + 1))

    def listed(self, kind, depth):
        parts = []
        while not self.takes(b")" if kind == "(" else b">"):
            self.counted(parts, depth)
        if kind == "<" and not parts:
            raise Malformed("a variant of nothing", self.at)
        return Type(kind, parts=parts, least=1 if kind == "<" else sum(part.least for part in parts))

    def structure(self, depth):
        self.match(STRUCTURE)
        parts, names = [], []
        while not self.takes(b"}"):
            names.append(self.match(IDENTIFIER)[0].decode())
            self.needs(b"=")
            self.counted(parts, depth)
            self.needs(b";")
        return Type("@", parts=parts, names=names, least=sum(part.least for part in parts))


def described_type(tag, description):
    """The Type of an argument; None where it has no description that fits its tag."""
    try:
        parsed = Parser(description).whole()
    except Malformed:
        return None
    if parsed.kind in "#s":
        return None
    wanted = parsed.tag if parsed.kind in "Phdt" else STRUCTURED
    return parsed if tag == wanted else None


class ValueReader(WireReader):
    """The bytes of one value; what is missing of one that was cut is gone."""

    def __init__(self, data, truncated):
        super().__init__(data)
        self.truncated = truncated

    def begin(self):
        if self.truncated and self.left == 0:
            raise Gone

    def number(self, tag):
        if self.left < FIXED_WIDTH[tag] and self.truncated:
            self.at = self.end
            raise Gone
        return int.from_bytes(self.take(FIXED_WIDTH[tag]), "little", signed=tag in SIGNED)

    def string(self):
        length = self.number(U32)
        return self.take(min(length, self.left) if self.truncated else length)


def number_text(number):
    """%g, as libfmt prints it."""
    return f"{number:g}"


def as_float(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def duration_text(type_, bits):
    numerator, denominator = type_.period
    unit = UNITS.get(type_.period) or f"[{numerator}{f'/{denominator}' if denominator != 1 else ''}]s"
    return (number_text(as_float(bits)) if type_.tag == F64 else str(bits)) + unit


def instant(type_, bits):
    """Whole seconds and nanoseconds since the epoch, rounded down; None when it is too far away."""
    numerator, denominator = type_.period
    if type_.tag == F64:
        number = as_float(bits)
        if not math.isfinite(number):
            return None
        count, scale = number.as_integer_ratio()
        numerator, denominator, bits = numerator * count, denominator * scale, 1
    seconds, rest = divmod(bits * numerator, denominator)
    return (seconds, rest * 10**9 // denominator) if abs(seconds) < FARTHEST_SECONDS else None


def date_of(days):
    """Year, month, day of a count of days since 1970-01-01, in years of any number."""
    eras, of_era = divmod(days + DAYS_FROM_YEAR_0, 146097)
    date = datetime.date(2000, 1, 1) + datetime.timedelta(of_era)  # years 2000 to 2399 are an era
    return eras * 400 + date.year - 2000, date.month, date.day


def rfc3339(type_, bits):
    at = instant(type_, bits)
    if at is None:
        return duration_text(type_, bits)
    days, second = divmod(at[0], 86400)
    year, month, day = date_of(days)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return (f"{sign}{abs(year):04}-{month:02}-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            f".{at[1]:09}Z")


def shown_number(type_, bits):
    """A described argument of a fixed type."""
    if type_.kind == "h":
        return f"{bits:016x}"
    return duration_text(type_, bits) if type_.kind == "d" else rfc3339(type_, bits)


def shown_error(reader):
    value, category = reader.number(I32), reader.string().decode("utf-8", "replace")
    shown = {"category": category, "value": value}
    return {**shown, "message": os.strerror(value)} if category in ("generic", "system") else shown


def as_many(reader, count, part):
    """The parts up to the first that is gone."""
    shown = []
    try:
        for index in range(count):
            shown.append(part(index))
    except Gone:
        pass
    return shown


def shown_range(type_, reader):
    count = reader.number(U32)
    if not reader.truncated and count * type_.parts[0].least > reader.left:
        raise Malformed(f"{count} parts cannot fit into {reader.left} bytes", reader.at)
    if type_.kind in "[{":
        return as_many(reader, count, lambda _: shown_part(type_.parts[0], reader))
    if type_.kind == "*":
        return as_many(reader, count, lambda _: [shown_part(part, reader) for part in type_.parts])
    return dict(as_many(reader, count, lambda _: (key_text(type_.parts[0], reader), shown_part(type_.parts[1], reader))))


def key_text(type_, reader):
    """The text of a key; of one in several parts its JSON stands for it: no page says what libfmt prints."""
    shown = shown_part(type_, reader)
    if isinstance(shown, bool):
        return "true" if shown else "false"
    return shown if isinstance(shown, str) else str(shown)


def shown_part(type_, reader):
    reader.begin()
    if type_.kind == "#":
        return shown_plain(type_.tag, reader.number(type_.tag))
    if type_.kind in "sP":
        return reader.string().decode("utf-8", "replace")
    if type_.kind in "hdt":
        return shown_number(type_, reader.number(type_.tag))
    if type_.kind == "E":
        return shown_error(reader)
    if type_.kind == ".":
        return None
    if type_.kind == "?":
        flag = reader.number(U8)
        if flag > 1:
            raise Malformed(f"an optional has {flag} values", reader.at)
        return shown_part(type_.parts[0], reader) if flag else None
    if type_.kind == "<":
        index = reader.number(U8)
        if index == VALUELESS:
            return None
        if index >= len(type_.parts):
            raise Malformed(f"a variant of {len(type_.parts)} holds number {index}", reader.at)
        return shown_part(type_.parts[index], reader)
    if type_.kind in "(@":
        parts = as_many(reader, len(type_.parts), lambda index: shown_part(type_.parts[index], reader))
        return parts if type_.kind == "(" else dict(zip(type_.names, parts))
    return shown_range(type_, reader)


def shown_described(type_, data, truncated):
    """A value of tag 15; raises Malformed when its bytes do not fit, or nothing of it is there."""
    reader = ValueReader(data, truncated)
    try:
        shown = shown_part(type_, reader)
    except Gone:
        raise Malformed("nothing of the value is there") from None
    if reader.left:
        raise Malformed(f"{reader.left} bytes behind the value", reader.at)
    return shown
