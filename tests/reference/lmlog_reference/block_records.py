# SPDX-License-Identifier: Apache-2.0
"""From a block's columns back to records, with every statement of the directory checked against them."""
from .arguments import arguments_size
from .block import GAP_COLUMN, SLACK_COLUMN, STATEMENT_COLUMN, TIME_COLUMN
from .clock import Timeline
from .record_bodies import decode_body
from .records import (EXTENDED_HEADER_BYTES, HEADER_BYTES, MAX_SHORT_BYTES, Record, Source, present_kind,
                      present_statement)
from .registry import (FIRST_STATEMENT_ID, FIXED_WIDTH, KIND_NAMES, LEVEL_OF_KINDS, LEVELS, PAD, STRING, is_ring_size)
from .wire import MASK64, Malformed, round_up_8

MAX_TIME = (1 << 63) - 1  # index values: no earlier than the epoch, no later than this
NO_RECORDS = (MASK64, 0)


def record_length(arguments_bytes, slack):
    """Bytes of a record in its ring, from its arguments and the slack column."""
    needed = round_up_8(HEADER_BYTES + arguments_bytes)
    if needed > MAX_SHORT_BYTES:
        needed = round_up_8(EXTENDED_HEADER_BYTES + arguments_bytes)
    return needed + slack


class SiteColumns:
    """Hands out the argument values of one site, record by record, from the columns that hold them."""

    def __init__(self, site, store, tags):
        mine = [key for key in [*store.types, *store.unreadable] if key[0] == site + 1]
        self.store, self.own_runs = store, {run for _, run, _ in mine if run}
        if tags is None:  # no catalog entry: the columns themselves say what they are
            count = 1 + max((argument for _, _, argument in mine), default=-1)
            tags = [next((store.types[key] for key in mine if key[2] == argument and key in store.types), STRING)
                    for argument in range(count)]
        self.site, self.tags, self.taken = site, tags, {}
        for run in self.own_runs | ({0} if any(not run for _, run, _ in mine) else set()):
            for argument, tag in enumerate(tags):
                key = (site + 1, run, argument)
                if key in store.unreadable:
                    continue
                if key not in store.types:
                    raise Malformed(f"site {site} has columns of run {run} for some of its arguments only")
                if store.types[key] != tag:
                    raise Malformed(f"column {key} has type {store.types[key]}; the catalog says {tag}")
        for _, _, argument in mine:
            if argument >= len(tags):
                raise Malformed(f"site {site} has a column for argument {argument} of {len(tags)}")

    def next_values(self, run):
        """Argument values of the site's next record in this run (an index); None for an unreadable column."""
        group = run + 1 if run + 1 in self.own_runs else 0
        at = self.taken.get(group, 0)
        self.taken[group] = at + 1
        values = []
        for argument in range(len(self.tags)):
            key = (self.site + 1, group, argument)
            if key in self.store.unreadable:
                values.append(None)
            elif key not in self.store.values or at >= len(self.store.values[key]):
                raise Malformed(f"site {self.site} has more records than values in column {key}")
            else:
                values.append(self.store.values[key][at])
        return values

    def check_used_up(self):
        for key, values in self.store.values.items():
            if key[0] == self.site + 1 and self.taken.get(key[1], 0) != len(values):
                raise Malformed(f"column {key} has {len(values)} values for {self.taken.get(key[1], 0)} records")


class BlockRecords:
    """Rebuilds the records of a block. `sessions`: SegmentSession by number; `report(kind, message)`: what disagrees."""

    def __init__(self, directory, store, sessions, report, note):
        self.directory, self.store, self.report, self.note = directory, store, report, note
        self.records, self.times, self.keys, self.levels, self.counts = [], [], [], 0, {}
        self.sources = [self._source(number, anchors, sessions) for number, anchors in directory.sessions]
        self.statements = [self._statement(*statement) for statement in directory.statements]
        self.sites = [SiteColumns(site, store, self._tags(site)) for site in range(len(directory.sites))]
        self._rebuild()

    @staticmethod
    def _source(number, anchors, sessions):
        """Gives the Source of a ring of this session, by the ring's id."""
        session = sessions.get(number)
        if session is None:
            raise Malformed(f"no catalog part before the block has session {number}")
        timeline = Timeline(anchors, session.descriptor.tsc_hz)
        return lambda ring_id: Source(ring_id, session.descriptor.clock, timeline, session.catalog, session.descriptor)

    def _statement(self, session, id_, site):
        """(id, Statement or None, site) of an entry of the statement table, checked against site and catalog."""
        hash_, level, _ = self.directory.sites[site]
        if id_ < FIRST_STATEMENT_ID:
            if id_ in (0, PAD) or (hash_, level) != (id_, LEVEL_OF_KINDS):
                raise Malformed(f"record kind {id_} with site {hash_:016x} of level {level}")
            return id_, None, site
        statement = self.sources[session](b"").catalog.statements.get(id_)
        if level not in LEVELS:
            raise Malformed(f"site {hash_:016x} has level {level}")
        if statement is None:
            self.report("accounting", f"no catalog part before the block has statement {id_}")
        elif (statement.site, statement.level) != (hash_, level):
            raise Malformed(f"statement {id_} belongs to site {statement.site:016x}; the block says {hash_:016x}")
        return id_, statement, site

    def _tags(self, site):
        """Argument types of a site by its statements' catalog entries; None if there are none."""
        known = [(id_, statement) for id_, statement, its_site in self.statements if its_site == site]
        if known and known[0][0] < FIRST_STATEMENT_ID:
            return [STRING]
        return next((statement.tags for _, statement in known if statement), None)

    def _rebuild(self):
        count = self.directory.records
        columns = [self.store.block_column(argument, count)
                   for argument in (STATEMENT_COLUMN, TIME_COLUMN, GAP_COLUMN, SLACK_COLUMN)]
        if columns[STATEMENT_COLUMN] is None:
            self.note("the statement column is not readable: no record is")
            return
        at = 0
        for number, run in enumerate(self.directory.runs):
            self._rebuild_run(number, run, [column and column[at:at + run.records] for column in columns])
            at += run.records
        for site, columns_of_site in enumerate(self.sites):
            columns_of_site.check_used_up()
            if self.counts.get(site, 0) != self.directory.sites[site][2]:
                raise Malformed(f"site {site}: {self.directory.sites[site][2]} records stated, "
                                f"{self.counts.get(site, 0)} in the block")
        self._check_index()

    def _rebuild_run(self, number, run, columns):
        source, state = self.sources[run.session](run.ring_id), run.state_at_start.copy()
        position, lost = run.start, {}
        if not run.by_collector and not is_ring_size(run.data_bytes):
            raise Malformed(f"run {number}: a ring of {run.data_bytes} data bytes")
        statements, times, gaps, slacks = columns
        whole = times is not None and gaps is not None and slacks is not None
        for at in range(run.records):
            if statements[at] >= len(self.statements):
                raise Malformed(f"statement index {statements[at]} of {len(self.statements)}")
            id_, statement, site = self.statements[statements[at]]
            if self.directory.statements[statements[at]][0] != run.session:
                raise Malformed(f"run {number}: a statement of another session")
            values = self.sites[site].next_values(number)
            self.counts[site] = self.counts.get(site, 0) + 1
            record = self._record(run, id_, self.sites[site].tags, values, position + gaps[at] if whole else 0,
                                  slacks[at] if whole else 0, times[at] if whole else 0)
            if record.length is None and whole:
                self.note(f"run {number}: positions are not known behind a string that is not readable")
                whole = False
            if not run.by_collector and whole:
                self._check_place(number, run, record)
                position = record.position + record.length
            shown, new = self._present(record, statement, values, state, source)
            if run.by_collector:
                shown["by_collector"] = True
            for reason, count in new.items():
                lost[reason] = lost.get(reason, 0) + count
            self._count_for_index(shown, statement, state, source)
        if whole:
            self._check_end(number, run, position, state, lost, source)

    @staticmethod
    def _record(run, id_, tags, values, position, slack, time):
        """A kind's body is its one argument as it is; of a statement only the length is known."""
        if run.by_collector:
            return Record(run.cursor_position, 0, id_, time, values[0][0] if values[0] else b"")
        if id_ < FIRST_STATEMENT_ID:
            if values[0] is None:
                return Record(position, None, id_, time, b"")
            return Record(position, record_length(len(values[0][0]), slack), id_, time, values[0][0])
        known = all(value is not None or tag in FIXED_WIDTH for tag, value in zip(tags, values))
        return Record(position, record_length(arguments_size(tags, values), slack) if known else None, id_, time, b"")

    @staticmethod
    def _check_place(number, run, record):
        end = record.position + record.length
        if record.position % 8 or record.length % 8 or record.length < HEADER_BYTES or end > run.end:
            raise Malformed(f"run {number} [{run.start}, {run.end}): a record at [{record.position}, {end})")
        if record.position // run.data_bytes != (end - 1) // run.data_bytes:
            raise Malformed(f"run {number}: the record at {record.position} crosses the wrap")

    def _present(self, record, statement, values, state, source):
        """The record as JSON shows it, and what it reports newly lost; the state goes past it."""
        if record.id < FIRST_STATEMENT_ID:
            if values[0] is None:
                self.note("the bodies of record kinds are not readable: states behind them are not known")
                self.records.append({"kind": KIND_NAMES.get(record.id, f"unknown {record.id}"), "raw_time": record.time,
                                     "cursor": None, "time_unix_nano": None, "unreadable": True})
                return self.records[-1], {}
            try:
                decoded = decode_body(record.id, record.body)
            except Malformed as problem:
                raise Malformed(f"body of the record at {record.position}: {problem}") from problem
            before = dict(state.losses)
            shown = present_kind(record, decoded, state, source)
            new = {reason: count - before.get(reason, 0) for reason, count in state.losses.items()
                   if count != before.get(reason, 0)}
            self.records.append(shown)
            return shown, new
        shown = present_statement(record, statement, values, state, source)
        state.apply(record.id, None, record.time)
        self.records.append(shown)
        return shown, {}

    def _count_for_index(self, shown, statement, state, source):
        if statement is not None:
            self.levels |= 1 << statement.level
        if shown["time_unix_nano"] is not None:
            self.times.append(min(max(int(shown["time_unix_nano"]), 0), MAX_TIME))
            self.keys.append(min(max(source.time_of(state, shown["sort_key"]), 0), MAX_TIME))

    def _check_end(self, number, run, position, state, lost, source):
        different = state.differences(run.state_at_end, source.session_clock)
        if different:
            self.report("accounting", f"run {number}: the state at its end differs in {', '.join(different)}")
        if lost != {reason: count for reason, count in run.losses.items() if count}:
            self.report("accounting", f"run {number}: losses {run.losses} stated, {lost} in its loss records")

    def _check_index(self):
        index = self.directory.index
        if len(self.times) == self.directory.records:
            for what, values, stated in (("times", self.times, (index.min_time, index.max_time)),
                                         ("sort keys", self.keys, (index.min_sort_key, index.max_sort_key))):
                true = (min(values), max(values)) if values else NO_RECORDS
                if true != stated:
                    self.report("accounting", f"{what} {stated} stated, {true} in the block")
        if self.levels & ~self.directory.level_mask:
            self.report("accounting", f"levels {self.directory.level_mask:#x} stated, {self.levels:#x} in the block")
        elif self.levels != self.directory.level_mask:
            self.note(f"the level mask {self.directory.level_mask:#x} has levels that no statement of the block has")
