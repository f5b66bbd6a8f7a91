#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What collector and decoder reach on one core each, with real producers; called by bench/pipeline.

Drain: producers that wait (policy block) push as fast as the collector takes; from their start until the collector has
sealed its archive and ended. Decode: full JSON records into a pipe that another core empties. Memory: the largest
resident set of the process over its life.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench-results" / "pipeline"
DRAIN_RECORDS = 12_000_000  # seconds of drain, minutes of nothing
MIB = 1 << 20

# What must hold.
DRAIN_PER_SECOND = 2_000_000
DECODE_PER_SECOND = 1_500_000
MEMORY_BYTES = 128 * MIB


def cores():
    """(core of the process under test, cores of the others)"""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], allowed[:-1] or allowed


class Process:
    """A process on given cores; after `wait` it knows its wall and CPU time and its largest resident set."""

    def __init__(self, command, on, **options):
        self.begin = time.monotonic()
        on_cores = ["taskset", "--cpu-list", ",".join(map(str, on))]
        self.process = subprocess.Popen([*on_cores, *(str(word) for word in command)], **options)
        self.peak_bytes = 0
        self.ended = threading.Event()
        self.sampler = threading.Thread(target=self.sample_peak)
        self.sampler.start()

    def sample_peak(self):
        """The kernel keeps the peak, but ru_maxrss would begin with that of the Python that forked."""
        status = pathlib.Path("/proc", str(self.process.pid), "status")
        while not self.ended.wait(0.02):
            found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"), re.M)
            if found:
                self.peak_bytes = int(found.group(1)) * 1024

    def wait(self):
        # It stays a zombie, whose /proc is there, until the sampler is done with it.
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        self.seconds = time.monotonic() - self.begin
        self.ended.set()
        self.sampler.join()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return self.process.returncode


def must_end_with_0(process, what):
    if (code := process.wait()) != 0:
        sys.exit(f"bench/pipeline: {what} ended with {code}")


class Run:
    """One archive made by a collector on one core out of what producers on the others log."""

    def __init__(self, name):
        self.archive = WORK / name
        self.rings = tempfile.mkdtemp(prefix="lmlog-pipeline-", dir="/dev/shm")
        self.environment = {**os.environ, "LMLOG_RING_DIR": self.rings}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.rings, ignore_errors=True)
        shutil.rmtree(self.archive, ignore_errors=True)

    def collect(self, producers):
        """Runs the producers (argument lists of lmlog-replay) through a collector; fills in what was measured."""
        core, others = cores()
        with open(WORK / "collector.log", "ab") as log:
            collector = Process(["lmlog-collector", "--rings", self.rings, "--archive", self.archive], [core],
                                stderr=log, stdout=log)
            replays = [Process(["lmlog-replay", *options, "--policy", "block"], others, env=self.environment,
                               stdout=subprocess.PIPE) for options in producers]
            reports = []
            for replay in replays:
                reports.append(json.loads(replay.process.stdout.read()))
                must_end_with_0(replay, "lmlog-replay")
            producers_done = time.monotonic()
            collector.process.send_signal(signal.SIGTERM)
            must_end_with_0(collector, "lmlog-collector")
            # From the first call of a producer, not from its start: it reads its data first.
            self.seconds = max(report["seconds"] for report in reports) + time.monotonic() - producers_done
        self.records = sum(report["stored"] for report in reports)
        if self.records != sum(report["attempted"] for report in reports):
            sys.exit(f"bench/pipeline: not all records were stored: {reports}")
        self.collector = collector
        self.bytes = sum(path.stat().st_size for path in self.archive.rglob("*.lms"))
        return self

    def decode(self):
        """Decodes all into a pipe; the decoder's process, and how many lines came."""
        core, others = cores()
        read_end, write_end = os.pipe()
        counted = []
        os.sched_setaffinity(0, others)

        def count_lines():
            # Into one buffer: a new one for each piece costs more than reading it.
            lines, buffer = 0, bytearray(MIB)
            while count := os.readv(read_end, [buffer]):
                lines += buffer.count(b"\n", 0, count)
            counted.append(lines)

        reader = threading.Thread(target=count_lines)
        reader.start()
        decoder = Process(["lmlog-decode", "-o", "json", self.archive], [core], stdout=write_end)
        os.close(write_end)
        reader.join()
        must_end_with_0(decoder, "lmlog-decode")
        os.close(read_end)
        os.sched_setaffinity(0, [core, *others])
        if counted != [self.records]:
            sys.exit(f"bench/pipeline: {self.records} records were stored, {counted} lines decoded")
        return decoder


class Table:
    """Markdown rows, and whether every promise held."""

    def __init__(self):
        self.rows, self.good = [], True

    def add(self, what, value, unit, promise=None, at_most=False):
        holds = ""
        if promise is not None:
            kept = value <= promise if at_most else value >= promise
            self.good &= kept
            holds = f"{'at most' if at_most else 'at least'} {promise:,.1f}: {'holds' if kept else '**DOES NOT HOLD**'}"
        self.rows.append(f"| {what} | {value:,.2f} {unit} | {holds} |")

    def show(self):
        print("| | measured | must hold |\n|---|---|---|\n" + "\n".join(self.rows))


def per_second(records, seconds):
    return records / seconds / 1e6


def measure_source(table, name, producers, promised):
    with Run(name) as run:
        run.collect(producers)
        table.add(f"{name}: drained to sealed segments, one core", per_second(run.records, run.seconds), "M records/s",
                  DRAIN_PER_SECOND / 1e6 if promised else None)
        table.add(f"{name}: the same by the collector's CPU time", per_second(run.records, run.collector.cpu_seconds),
                  "M records/s")
        table.add(f"{name}: archive", run.bytes / run.records, "bytes/record")
        decoder = run.decode()
        table.add(f"{name}: decoded to full JSON records into a pipe, one core",
                  per_second(run.records, decoder.seconds), "M records/s",
                  DECODE_PER_SECOND / 1e6 if promised else None)
        table.add(f"{name}: the same by the decoder's CPU time", per_second(run.records, decoder.cpu_seconds),
                  "M records/s")
        table.add(f"{name}: decoder, largest resident set", decoder.peak_bytes / MIB, "MiB", MEMORY_BYTES / MIB, True)


def measure_memory(table):
    producers = [["synth", "--workload", "mix", "--threads", 4, "--records", 500_000, "--service", f"memory-{n}"]
                 for n in range(4)]
    with Run("memory") as run:
        run.collect(producers)
        table.add("collector, largest resident set at 4 producers × 4 threads", run.collector.peak_bytes / MIB, "MiB",
                  MEMORY_BYTES / MIB, True)
        decoder = run.decode()
        table.add("decoder of that archive, largest resident set", decoder.peak_bytes / MIB, "MiB", MEMORY_BYTES / MIB,
                  True)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    load_before = " ".join(f"{value:.2f}" for value in os.getloadavg())
    table = Table()
    synth = ["synth", "--threads", 1, "--records", DRAIN_RECORDS]
    measure_source(table, "W3", [[*synth, "--workload", "W3"]], promised=True)
    measure_source(table, "mix", [[*synth, "--workload", "mix"]], promised=False)
    data = pathlib.Path(os.environ.get("LMLOG_DATA") or ROOT.parent / "shared" / "data") / "ticks"
    if data.is_dir():
        measure_source(table, "ticks", [["ticks", data, "--clock", "user_ns"]], promised=True)
    else:
        print(f"no tick data in {data} (set LMLOG_DATA): without it", file=sys.stderr)
    measure_memory(table)
    print(f"\n{machine.describe(load_before)}\n")
    table.show()
    return 0 if table.good else 1


if __name__ == "__main__":
    sys.exit(main())
