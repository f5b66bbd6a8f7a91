# SPDX-License-Identifier: Apache-2.0
"""A block's directory and frames (segment-format.md, part 4): parsed, checked, and its columns decoded."""
import dataclasses

from .columns import (ENCODING_NAMES, UnknownEncoding, decode_column, read_statistics, true_statistics)
from .inflate import inflate
from .parts import MAX_INFLATED_BYTES, BadBody
from .registry import I64, TYPE_NAMES, U32, U64, is_valid_type
from .segment_bodies import read_index, read_reasons
from .state import parse_state
from .wire import Malformed, WireReader
from .xxh3 import xxh3_64

MAX_RECORDS, MAX_RUNS, MAX_SESSIONS, MAX_COLUMNS, MAX_BLOCK_BYTES = 1 << 20, 1 << 16, 1 << 16, 1 << 20, 256 << 20
STATEMENT_COLUMN, TIME_COLUMN, GAP_COLUMN, SLACK_COLUMN = range(4)
BLOCK_COLUMNS = {STATEMENT_COLUMN: ("statement", U32), TIME_COLUMN: ("time", U64), GAP_COLUMN: ("gap", U64),
                 SLACK_COLUMN: ("slack", I64)}
BY_COLLECTOR = 1


@dataclasses.dataclass
class Run:
    """A stretch of one ring."""
    session: int
    ring_id: bytes
    data_bytes: int
    flags: int
    start: int
    end: int
    records: int
    losses: dict
    state_at_start: object
    state_at_end: object

    @property
    def by_collector(self):
        return bool(self.flags & BY_COLLECTOR)

    @property
    def cursor_position(self):
        """Of a record that the collector made."""
        return self.end + (self.flags >> 1 & 7)


@dataclasses.dataclass
class Column:
    """An entry of the column directory; site and run are indices plus 1."""
    site: int
    run: int
    argument: int
    type: int
    encoding: int
    frame: int
    offset: int
    size: int
    count: int
    statistics: bytes

    @property
    def key(self):
        return self.site, self.run, self.argument

    def shown(self):
        return {"site": self.site, "run": self.run, "argument": self.argument,
                "type": TYPE_NAMES.get(self.type, str(self.type)),
                "encoding": ENCODING_NAMES.get(self.encoding, str(self.encoding)), "frame": self.frame,
                "offset": self.offset, "bytes": self.size, "values": self.count,
                "statistics": read_statistics(self.statistics, self.type)}


def below(index, limit, what):
    if index >= limit:
        raise Malformed(f"{what} {index} of {limit}")
    return index


class BlockDirectory:
    """The body of a block part."""

    def __init__(self, body):
        reader = WireReader(body)
        self.flags, self.records = reader.uv(), reader.uv()
        if self.records > MAX_RECORDS:
            raise Malformed(f"{self.records} records in a block")
        self.index, self.received_ns, self.level_mask = read_index(reader), reader.uv(), reader.u8()
        self.frames = [(reader.uv(), reader.uv(), reader.u64()) for _ in range(reader.counted("frames", 10))]
        self.sessions = [self._read_session(reader) for _ in range(reader.counted("sessions", 2, MAX_SESSIONS))]
        self.runs = [self._read_run(reader) for _ in range(reader.counted("runs", 25, MAX_RUNS))]
        self.sites = [(reader.u64(), reader.u8(), reader.uv()) for _ in range(reader.counted("sites", 10))]
        self.statements = [self._read_statement(reader) for _ in range(reader.counted("statements", 3))]
        self.columns = [self._read_column(reader) for _ in range(reader.counted("columns", 10, MAX_COLUMNS))]
        for _, inflated, _ in self.frames:
            if inflated > MAX_INFLATED_BYTES:
                raise Malformed(f"a frame of {inflated} bytes; at most 64 MiB")
        if self.frame_bytes > MAX_BLOCK_BYTES:
            raise Malformed(f"{self.frame_bytes} bytes of frames in a block")
        if sum(run.records for run in self.runs) != self.records:
            raise Malformed(f"{self.records} records, {sum(run.records for run in self.runs)} in its runs")

    @property
    def frame_bytes(self):
        return sum(stored for stored, _, _ in self.frames)

    @staticmethod
    def _read_session(reader):
        number = reader.uv()
        return number, [(reader.u64(), reader.i64(), reader.i64()) for _ in range(reader.counted("anchors", 24))]

    def _read_run(self, reader):
        session = below(reader.uv(), len(self.sessions), "session")
        ring_id, data_bytes, flags, start, end, records = (reader.take(16), reader.uv(), reader.uv(), reader.uv(),
                                                           reader.uv(), reader.uv())
        losses = read_reasons(reader)
        run = Run(session, ring_id, data_bytes, flags, start, end, records, losses, parse_state(reader.blob("state")),
                  parse_state(reader.blob("state")))
        if end < start:
            raise Malformed(f"a run [{start}, {end})")
        if run.by_collector and (records != 1 or start != end):
            raise Malformed(f"a run of the collector's own record with {records} records in [{start}, {end})")
        return run

    def _read_statement(self, reader):
        return below(reader.uv(), len(self.sessions), "session"), reader.uv(), below(reader.uv(), len(self.sites), "site")

    def _read_column(self, reader):
        column = Column(reader.uv(), reader.uv(), reader.uv(), reader.u8(), reader.u8(), reader.uv(), reader.uv(),
                        reader.uv(), reader.uv(), reader.blob("statistics"))
        below(column.site, len(self.sites) + 1, "site")
        below(column.run, len(self.runs) + 1, "run")
        below(column.frame, len(self.frames), "frame")
        if column.offset + column.size > self.frames[column.frame][1]:
            raise Malformed(f"column {column.key} does not fit into its frame")
        if column.count > self.records:
            raise Malformed(f"column {column.key} has {column.count} values for {self.records} records")
        if not is_valid_type(column.type):
            raise Malformed(f"column {column.key} has type {column.type}")
        return column

    def shown(self):
        return {"flags": self.flags, "records": self.records, "index": self.index.shown(),
                "received_ns": self.received_ns, "level_mask": self.level_mask,
                "frames": [{"stored": stored, "inflated": inflated} for stored, inflated, _ in self.frames],
                "sessions": [{"number": number, "anchors": anchors} for number, anchors in self.sessions],
                "runs": [{"session": run.session, "ring": run.ring_id.hex(), "data_bytes": run.data_bytes,
                          "flags": run.flags, "from": run.start, "to": run.end, "records": run.records,
                          "losses": {str(reason): count for reason, count in run.losses.items()},
                          "state_at_from": run.state_at_start.shown(), "state_at_to": run.state_at_end.shown()}
                         for run in self.runs],
                "sites": [{"site": f"{hash_:016x}", "level": level, "records": records}
                          for hash_, level, records in self.sites],
                "statements": [{"session": session, "statement": id_, "site": site}
                               for session, id_, site in self.statements],
                "columns": [column.shown() for column in self.columns]}


def inflate_frames(directory, data, start):
    """Contents of the frames that lie back to back from `start`; raises BadBody if one is not as stated."""
    frames, at = [], start
    for number, (stored, inflated, check) in enumerate(directory.frames):
        frame = data[at:at + stored]
        if len(frame) != stored:
            raise BadBody("truncated", f"frame {number} is cut off")
        if xxh3_64(frame) != check:
            raise BadBody("checksum", f"the check of frame {number} fails")
        frames.append((frame, inflated))
        at += stored
    contents = inflate(frames)
    for number, content in enumerate(contents):
        if content is None:
            raise BadBody("structure", f"frame {number} is not one zstd frame of the stated size")
    return contents


class ColumnStore:
    """Decoded columns by (site, run, argument), as in the directory. An unknown encoding costs its column alone."""

    def __init__(self, directory, contents, note):
        self.values, self.types, self.unreadable = {}, {}, {}
        for column in directory.columns:
            if column.key in self.types or column.key in self.unreadable:
                raise Malformed(f"two columns for {column.key}")
            data = contents[column.frame][column.offset:column.offset + column.size]
            try:
                values, unused = decode_column(column.type, column.encoding, data, column.count)
            except UnknownEncoding as problem:
                self.unreadable[column.key] = column.encoding
                note(f"column {column.key}: {problem}: it is not readable")
                continue
            except Malformed as problem:
                raise Malformed(f"column {column.key}: {problem}") from problem
            if unused:
                note(f"column {column.key} has {unused} unused bytes at its end")
            self.values[column.key], self.types[column.key] = values, column.type
            self._check_statistics(column, values)

    @staticmethod
    def _check_statistics(column, values):
        """Statistics may be wider than the values; values outside would let a reader skip what matches."""
        stated = read_statistics(column.statistics, column.type)
        true = true_statistics(column.type, values) if stated else {}
        if "minimum" in stated and "minimum" in true and stated["minimum"] > true["minimum"]:
            raise Malformed(f"column {column.key}: minimum {stated['minimum']}, but it holds {true['minimum']}")
        if "maximum" in stated and "maximum" in true and stated["maximum"] < true["maximum"]:
            raise Malformed(f"column {column.key}: maximum {stated['maximum']}, but it holds {true['maximum']}")

    def block_column(self, argument, count):
        """Values of a column of the block itself, None if it cannot be read."""
        key = (0, 0, argument)
        name, tag = BLOCK_COLUMNS[argument]
        if key in self.unreadable:
            return None
        if key not in self.values:
            if count == 0:
                return []
            raise Malformed(f"the block has no column '{name}'")
        if self.types[key] != tag or len(self.values[key]) != count:
            raise Malformed(f"the column '{name}' has type {self.types[key]} and {len(self.values[key])} values")
        return self.values[key]
