#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recorded market data through the whole chain: rings, collector, archive, JSON; every value of every row compared.

usage: ticks_roundtrip_test.py [LIMIT]   (without a limit: all 4,528,400 rows)
The expectation is read from the zips by Python alone (tick_rows.py). Compared are times, messages, templates, the
fields with their types (48.0 stays a double), the order in each thread, the merged order over all threads, cursors
(each once), and the counts: attempted = stored = decoded.
"""
import datetime
import json
import os
import subprocess
import sys

import tick_rows
from served import Served

DEADLINE_SECONDS = 280
SERVICE = "ticks-roundtrip"


def fail(words):
    print("FAILED: " + words)
    sys.exit(1)


def replay_through_collector(served, folder, limit):
    """Rows into the archive; returns what the replayer says of itself."""
    collector = served.start_collector()
    done = served.run("lmlog-replay", "ticks", folder, "--service", SERVICE, "--policy", "block", "--clock", "user_ns",
                      *(["--limit", limit] if limit else []), timeout=DEADLINE_SECONDS)
    if done.returncode != 0:
        fail(f"lmlog-replay ended with {done.returncode}: {done.stderr}")
    if (end := served.stop(collector, DEADLINE_SECONDS)) != (0, ""):
        fail(f"lmlog-collector ended after SIGTERM with {end}")
    return json.loads(done.stdout)


def rfc3339(time_ns):
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


class Comparison:
    """Takes decoded lines, one after the other, and compares each with the next row of its thread."""

    def __init__(self, folder, limit):
        counts = tick_rows.limited(folder, limit)
        self.rows = {symbol.encode(): tick_rows.expected(symbol, path, counts[symbol])
                     for symbol, path in tick_rows.symbols(folder).items()}
        self.lines, self.last_time, self.last_position, self.times = 0, b"", {}, {}

    def head(self, time_ns):
        """The line up to the service; times repeat, so that most are made once."""
        if time_ns not in self.times:
            if len(self.times) > 100_000:
                self.times.clear()
            self.times[time_ns] = (f'{{"time":"{rfc3339(time_ns)}","time_unix_nano":"{time_ns}","severity":"INFO",'
                                   f'"severity_number":9,"service":"{SERVICE}",').encode()
        return self.times[time_ns]

    def take(self, line):
        self.lines += 1
        at = line.find(b'"thread":"') + 10
        thread = line[at:line.find(b'"', at)]
        row = next(self.rows.get(thread, iter(())), None)
        if row is None:
            fail(f"a record more than there are rows, or of an unknown thread:\n{line.decode()}")
        time_ns, message, fields = row
        if not (line.startswith(self.head(time_ns)) and message in line and fields in line):
            fail(f"record {self.lines} differs from its row\nexpected {self.head(time_ns).decode()}…"
                 f"{message.decode()}…{fields.decode()}\ndecoded  {line.decode()}")
        time = line[9:39]
        if time < self.last_time:
            fail(f"record {self.lines} is older than the one before it:\n{line.decode()}")
        self.last_time = time
        self.check_cursor(line)

    def check_cursor(self, line):
        """ring:position, unique because positions of a ring only grow."""
        at = line.rfind(b'"cursor":"') + 10
        ring, _, position = line[at:line.find(b'"', at)].partition(b":")
        if int(position) <= self.last_position.get(ring, -1):
            fail(f"record {self.lines} repeats a position of its ring:\n{line.decode()}")
        self.last_position[ring] = int(position)

    def finish(self):
        for thread, rest in self.rows.items():
            if (row := next(rest, None)) is not None:
                fail(f"{thread.decode()}: rows are missing from {row} on")


def compare(folder, archive, limit):
    """Number of decoded records, each compared."""
    comparison = Comparison(folder, limit)
    last = b""
    with subprocess.Popen(["lmlog-decode", "-o", "json", archive], stdout=subprocess.PIPE, bufsize=1 << 20) as decoder:
        for last in decoder.stdout:
            comparison.take(last)
    if decoder.returncode != 0:
        fail(f"lmlog-decode ended with {decoder.returncode}")
    comparison.finish()
    # The pieces above were compared as text; that a line as a whole is JSON is another matter.
    keys = list(json.loads(last))
    order = ["time", "time_unix_nano", "severity", "severity_number", "service", "host", "pid", "tid", "thread",
             "message", "template", "site", "file", "line", "function", "fields", "session", "cursor"]
    if keys != order:
        fail(f"the keys of a record are {keys}, not {order}")
    return comparison.lines


def main():
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = tick_rows.data_folder()
    if not folder.is_dir():
        print(f"skipped: no tick data in {folder}; set LMLOG_DATA to the folder that holds ticks/")
        sys.exit(77)
    with Served() as served:
        report = replay_through_collector(served, folder, limit)
        if limit and report["attempted"] != limit:
            fail(f"{report['attempted']} records were attempted, not {limit}")
        if (code := subprocess.run(["lmlog-decode", "verify", served.archive], stdout=subprocess.DEVNULL,
                                   check=False).returncode) != 0:
            fail(f"lmlog-decode verify ended with {code}")
        decoded = compare(folder, served.archive, limit)
        if not decoded == report["attempted"] == report["stored"]:
            fail(f"attempted {report['attempted']}, stored {report['stored']}, decoded {decoded}")
        left = [name for name in os.listdir(served.rings) if name.endswith((".ring", ".session"))]
        if left:
            fail(f"the collector left files of the ended session: {left}")
        size = sum(path.stat().st_size for path in served.archive.rglob("*.lms"))
        print(f"{decoded:,} rows came back with all values, types, times and orders; {size / decoded:.2f} bytes each")


if __name__ == "__main__":
    main()
