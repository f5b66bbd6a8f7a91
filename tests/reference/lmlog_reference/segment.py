# SPDX-License-Identifier: Apache-2.0
"""Segments (segment-format.md): the walk over parts with its damage, and what footer and end say against it."""
from .block import BlockDirectory, ColumnStore, inflate_frames
from .block_records import BlockRecords
from .damage import Findings, Refused
from .parts import (BLOCK, CATALOG, CHECKPOINT, END_BYTES, FIRST_SKIPPED_PART, FOOTER, HEADER, HEADER_COPY, HEADER_MAGIC,
                    MAX_HEADER_COPY_OFFSET, PART_NAMES, BadBody, end_offset, next_part, part_at, read_end)
from .segment_bodies import Footer, SegmentHeader, read_catalog_part, read_checkpoint
from .segment_index import check_footer, check_rings
from .wire import Malformed


class Segment:
    """One segment file, read to its end."""

    def __init__(self, data):
        self.data, self.findings = data, Findings()
        self.header, self.footer, self.footer_offset, self.footer_end = None, None, None, None
        self.checkpoints, self.sessions, self.footer_sessions, self.blocks = [], {}, {}, []
        self.skipped_parts, self.kept_catalog = 0, None
        self.footer_at = read_end(data)
        self._read_header()
        self._walk(self.header_part.end)
        if self.footer_at is None:
            self.findings.note("no valid end: the segment was not closed, or was cut")
        if self.footer is not None and not self.findings.damage:
            check_footer(self)
        check_rings(self)

    def _read_header(self):
        self.header_part = part_at(self.data, 0)
        if self.header_part is None or self.header_part.type != HEADER:
            problem = Refused("checksum", "the check of the header part's header fails", 0, next_part(self.data, 0))
            if self.data[8:16] != HEADER_MAGIC:
                problem = Refused("not_ours", "no segment: the magic at offset 8 is not LMLOGSEG")
            return self._read_header_copy(problem)
        after = next_part(self.data, self.header_part.end)
        try:
            self.header = SegmentHeader(self.header_part.body(self.data))
        except BadBody as problem:
            self._read_header_copy(Refused(problem.kind, f"header: {problem}", 0, after))
        except Malformed as problem:
            raise Refused("structure", f"header: {problem}", 0, after) from problem

    def _read_header_copy(self, problem):
        """The copy serves where the header is damaged; without one the file is refused for the `problem`."""
        at = next_part(self.data, 1)
        part = part_at(self.data, at)
        try:
            if part is None or part.type != HEADER_COPY or at > MAX_HEADER_COPY_OFFSET:
                raise problem
            self.header = SegmentHeader(part.body(self.data))
        except Malformed:
            raise problem from None
        self.header_part = part
        self.findings.report("checksum", 0, at, f"{problem}; its copy serves")

    def _catalog_of_footer(self):
        """The footer's catalog serves where a catalog part is damaged. What it finds is reported by the walk."""
        part = part_at(self.data, self.footer_at) if self.footer_at is not None else None
        sessions = {}
        try:
            if part is not None and part.type == FOOTER:
                Footer(part.body(self.data), sessions, lambda *_: None)
        except (Malformed, Refused):
            return {}
        return sessions

    def _walk(self, at):
        end = end_offset(self.data) if self.footer_at is not None else len(self.data)
        while at < end:
            part = part_at(self.data, at)
            if part is None and at == self.footer_end and len(self.data) - at == END_BYTES:
                self.findings.report("checksum", at, END_BYTES, "the end behind a good footer fails its checks")
                self.footer_at = self.footer_offset
                return
            if part is None:
                at = self._lost(at, next_part(self.data, at + 1), "checksum", "no part with a valid header")
                continue
            try:
                body = part.body(self.data)
            except BadBody as problem:
                after = next_part(self.data, min(part.end, len(self.data)) if problem.kind != "truncated" else at + 1)
                at = self._lost(at, after, problem.kind, f"{self._name(part)}: {problem}")
                continue
            if part.type >= FIRST_SKIPPED_PART:
                self.skipped_parts += 1
                at = part.end
            elif part.type not in PART_NAMES:
                self.findings.report("unknown", at, len(self.data) - at, f"part type {part.type} must be understood, and "
                                                                         "is not known to this reader (1.0)")
                return
            else:
                at = self._take(part, body)
        reported = any(damage["offset"] == self.footer_at for damage in self.findings.damage)
        if self.footer_at is not None and self.footer_offset != self.footer_at and not reported:
            self.findings.report("structure", end_offset(self.data), END_BYTES, f"the end points at {self.footer_at}, where "
                                                                                "no footer was read")

    @staticmethod
    def _name(part):
        return PART_NAMES.get(part.type, f"part of type {part.type}")

    def _lost(self, at, after, kind, message):
        """Damage up to the next part; a torn end if the bytes are not good, none follows and the segment was not closed."""
        if kind in ("checksum", "truncated") and after >= len(self.data) and self.footer_at is None:
            kind = "torn"
        self.findings.report(kind, at, after - at, message)
        return after

    def _take(self, part, body):
        """Reads one good part; gives the offset of what follows."""
        try:
            if part.type == BLOCK:
                return self._take_block(part, body)
            if part.type == CHECKPOINT:
                self.checkpoints.append(read_checkpoint(body))
            elif part.type == CATALOG:
                read_catalog_part(body, self.sessions, lambda kind, message: self.findings.report(
                    kind, part.offset, part.end - part.offset, message))
            elif part.type == FOOTER:
                self.footer_sessions = {}
                self.footer = Footer(body, self.footer_sessions, lambda kind, message: self.findings.report(
                    kind, part.offset, part.end - part.offset, message))
                self.footer_offset, self.footer_end = part.offset, part.end
            elif part.type == HEADER_COPY:
                if SegmentHeader(body).shown() != self.header.shown():
                    raise Malformed("it is not what the header is")
            else:
                raise Malformed("a second header")
        except (Malformed, Refused) as problem:
            return self._lost(part.offset, next_part(self.data, part.end), getattr(problem, "kind", "structure"),
                              f"{self._name(part)}: {problem}")
        return part.end

    def _take_block(self, part, body):
        after = part.end
        try:
            directory = BlockDirectory(body)
            after = part.end + directory.frame_bytes
            if after > len(self.data):
                raise BadBody("truncated", "its frames are not all there")
            contents = inflate_frames(directory, self.data, part.end)
            store = ColumnStore(directory, contents, self.findings.note)
            rebuilt = BlockRecords(directory, store, self._sessions_for_blocks(),
                                   lambda kind, message: self.findings.report(kind, part.offset, after - part.offset, message),
                                   self.findings.note)
        except Malformed as problem:
            kind = getattr(problem, "kind", "structure")
            if kind == "truncated":
                after = part.offset + 1
            elif part_at(self.data, after):
                self.findings.report(kind, part.offset, after - part.offset, f"block: {problem}")
                return after
            return self._lost(part.offset, next_part(self.data, after), kind, f"block: {problem}")
        self.blocks.append((part.offset, after - part.offset, directory, rebuilt.records))
        return after

    def _sessions_for_blocks(self):
        """Sessions of the catalog parts so far; the footer's where those are damaged."""
        if self.findings.damage and self.kept_catalog is None:
            self.kept_catalog = self._catalog_of_footer()
        return {**self.sessions, **(self.kept_catalog or {})}

    def records(self):
        """All records of the segment, in its order."""
        return [record for *_, records in self.blocks for record in records]

    def shown(self):
        return {"type": "segment", "header": self.header.shown(), "closed": self.footer_at is not None,
                "checkpoints": [[{**ring, "state": ring["state"].shown()} for ring in rings]
                                for rings in self.checkpoints],
                "sessions": [{"number": session.number, "uid": session.uid, "descriptor": session.descriptor.shown(),
                              "catalog": session.catalog.shown()} for session in self.sessions.values()],
                "blocks": [{"offset": offset, "length": length, **directory.shown(), "records": records}
                           for offset, length, directory, records in self.blocks],
                "skipped_parts": self.skipped_parts, "footer": self.footer.shown() if self.footer else None,
                "footer_offset": self.footer_offset}
