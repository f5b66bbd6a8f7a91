# SPDX-License-Identifier: Apache-2.0
"""Catalog entries (shm-abi.md section 4): statements with their site hash recomputed, and loggers."""
import dataclasses
import re
import typing

from .registry import (DESCRIBED, FIRST_STATEMENT_ID, IN_MESSAGE, LAST_STATEMENT_ID, LEVELS, NAMED, TYPE_NAMES, is_valid_type,
                       site_hash)
from .wire import Malformed, WireReader, round_up_8

ENTRY_HEADER_BYTES = 8
MAX_ENTRY_BYTES = 1 << 20
STATEMENT, LOGGER = 1, 2
TIME_IS_GIVEN = 1
PLACEHOLDER = re.compile(rb"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class WrongHash(Malformed):
    """An entry whose stored site hash is not that of its parts."""


class Argument(typing.NamedTuple):
    """Texts are bytes; the description is empty without the flag."""
    tag: int
    flags: int
    name: bytes
    description: bytes = b""

    def shown_name(self, index):
        return self.name.decode("utf-8", "replace") if self.flags & NAMED else str(index)

    def shown(self):
        shown = {"type": TYPE_NAMES.get(self.tag, str(self.tag)), "in_message": bool(self.flags & IN_MESSAGE),
                 "named": bool(self.flags & NAMED), "name": self.name.decode("utf-8", "replace")}
        return {**shown, "description": self.description.decode("utf-8", "replace")} if self.description else shown


@dataclasses.dataclass
class Statement:
    """A site at a file, line and function."""
    id: int
    line: int
    site: int
    level: int
    flags: int
    format: bytes
    file: bytes
    function: bytes
    logger_id: int
    arguments: list
    raw: bytes

    @property
    def tags(self):
        return [argument.tag for argument in self.arguments]

    def shown(self):
        return {
            "id": self.id, "site": f"{self.site:016x}", "severity": LEVELS[self.level][0],
            "template": self.format.decode("utf-8", "replace"), "file": self.file.decode("utf-8", "replace"),
            "line": self.line, "function": self.function.decode("utf-8", "replace"), "logger_id": self.logger_id,
            "time_is_given": bool(self.flags & TIME_IS_GIVEN),
            "arguments": [argument.shown() for argument in self.arguments]}

    def remarks(self):
        """What the page asks of a writer and a reader can do without."""
        names = [match[1] for match in PLACEHOLDER.finditer(self.format) if match[1] is not None]
        shown = [argument.name for argument in self.arguments if argument.flags & IN_MESSAGE]
        if len(names) != len(shown):
            yield f"statement {self.id}: {len(names)} placeholders for {len(shown)} arguments in the message"
        elif any(asked.split(b":")[0] not in (b"", name) for asked, name in zip(names, shown)):
            yield f"statement {self.id}: placeholders and arguments have different names"
        if any(bool(argument.flags & NAMED) != bool(argument.name) for argument in self.arguments):
            yield f"statement {self.id}: a name without the flag, or the flag without a name"


class Catalog:
    """Statements by id and loggers by id, of one session."""

    def __init__(self):
        self.statements, self.loggers, self.skipped = {}, {}, 0

    def add(self, entry):
        if isinstance(entry, Statement):
            self.statements[entry.id] = entry
        elif isinstance(entry, tuple):
            self.loggers[entry[0]] = entry[1]
        else:
            self.skipped += 1

    def shown(self):
        return {"statements": [self.statements[key].shown() for key in sorted(self.statements)],
                "loggers": {str(key): self.loggers[key].decode("utf-8", "replace") for key in sorted(self.loggers)},
                "skipped_entries": self.skipped}


def parse_statement(reader, raw):
    head = reader.at
    id_, line, site = reader.u32(), reader.u32(), reader.u64()
    level, count, flags = reader.u8(), reader.u8(), reader.u16()
    format_bytes, file_bytes, function_bytes, logger_id = reader.u32(), reader.u16(), reader.u16(), reader.u32()
    if level not in LEVELS:
        raise Malformed(f"statement {id_}: no such level: {level}", head)
    if not FIRST_STATEMENT_ID <= id_ <= LAST_STATEMENT_ID:
        raise Malformed(f"statement id {id_} is not between {FIRST_STATEMENT_ID} and {LAST_STATEMENT_ID}", head)
    shapes = [(reader.u8(), reader.u8(), reader.u16()) for _ in range(count)]
    for index, (tag, _, _) in enumerate(shapes):
        if not is_valid_type(tag):
            raise Malformed(f"statement {id_}: argument {index} has type {tag}, which is never valid", head)
    format_text = reader.take(format_bytes, "format")
    file, function = reader.take(file_bytes, "file"), reader.take(function_bytes, "function")
    names = [reader.take(size, "argument name") for _, _, size in shapes]
    arguments = [Argument(tag, argument_flags, name,
                          reader.take(reader.u16(), "description") if argument_flags & DESCRIBED else b"")
                 for (tag, argument_flags, _), name in zip(shapes, names)]
    computed = site_hash(level, arguments, format_text)
    if computed != site:
        raise WrongHash(f"statement {id_}: stored site hash {site:016x}, its parts give {computed:016x}", head)
    return Statement(id_, line, site, level, flags, format_text, file, function, logger_id, arguments, raw)


def parse_entry(raw):
    """A Statement, (logger id, name), or None for a type that this version skips; `raw` is one entry without padding."""
    reader = WireReader(raw)
    size, type_ = reader.u32(), reader.u16()
    reader.u16()
    if size != len(raw):
        raise Malformed(f"catalog entry says {size} bytes and has {len(raw)}")
    if type_ == STATEMENT:
        return parse_statement(reader, raw)
    if type_ == LOGGER:
        return reader.u32(), reader.take(reader.u16(), "logger name")
    return None


def walk_entries(data, start, end):
    """Yields (offset, raw entry) of entries back to back at multiples of 8; raises Malformed where one does not fit."""
    at = start
    while at < end:
        if end - at < ENTRY_HEADER_BYTES:
            raise Malformed(f"{end - at} bytes are no catalog entry", at)
        size = WireReader(data, at, end).u32()
        if not ENTRY_HEADER_BYTES <= size <= min(MAX_ENTRY_BYTES, end - at):
            raise Malformed(f"catalog entry of {size} bytes, with {end - at} left", at)
        yield at, bytes(data[at:at + size])
        at += round_up_8(size)


def read_catalog(data, start, end, findings, catalog, next_id):
    """Reads entries into the catalog up to the first bad one, which is reported; gives the next statement id.

    `next_id` None: the first statement may have any id (a part of a catalog).
    """
    at = start
    try:
        for at, raw in walk_entries(data, start, end):
            entry = parse_entry(raw)
            if isinstance(entry, Statement):
                if next_id is not None and entry.id != next_id:
                    raise Malformed(f"statement {entry.id} where {next_id} is next", 0)
                next_id = entry.id + 1
                for remark in entry.remarks():
                    findings.note(remark)
            catalog.add(entry)
            at += round_up_8(len(raw))
    except Malformed as problem:
        kind = "hash" if isinstance(problem, WrongHash) else "structure"
        findings.report(kind, at, end - at, f"the catalog ends here: {problem}")
    return next_id
