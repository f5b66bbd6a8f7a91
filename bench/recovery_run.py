#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How soon the collector notices a death and is back after its own, and what idle services cost it; called by
bench/recovery. Usage: recovery_run.py [deaths|crowd|idle|thousands|restart]... (all without)."""
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench-results" / "recovery"
HEAD, TAIL = 256, 320  # formats/spec/shm-abi.md, section 3
KILLS = 400
RESTARTS = 12
LIVING = 20
RING_BYTES = 65_536
SECOND = 1e9
# The defaults, but for a quota that is meant for one user among many.
CONFIG = "[quota]\nrings_per_uid = 100000\n"
# Many small segments, as after weeks.
SEGMENTS_CONFIG = CONFIG + '[rotation]\nsegment_bytes = "64KiB"\n[tier.hot]\nblock_records = 5000\n'

# What must hold.
DRAINED_P99_MS = 20
RESTART_MS = 200


def word(descriptor, offset):
    return struct.unpack("<Q", os.pread(descriptor, 8, offset))[0]


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Place:
    """A rings folder, an archive, and the collector between them."""

    def __init__(self, name):
        self.rings = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-recovery-", dir="/dev/shm"))
        self.archive = WORK / name
        self.environment = {**os.environ, "LMLOG_RING_DIR": str(self.rings)}
        self.started = []
        self.collector = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.started, self.collector]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.rings, ignore_errors=True)
        shutil.rmtree(self.archive, ignore_errors=True)

    def start_collector(self, config=CONFIG):
        file = WORK / "lmlog.toml"
        file.write_text(config, encoding="utf-8")
        command = ["lmlog-collector", "--config", file, "--rings", self.rings, "--archive", self.archive]
        with open(WORK / "collector.log", "ab") as log:
            self.collector = subprocess.Popen(list(map(str, command)), stderr=log, stdout=log)

    def stop_collector(self, signal_number=signal.SIGTERM):
        self.collector.send_signal(signal_number)
        code = self.collector.wait()
        if signal_number == signal.SIGTERM and code != 0:
            sys.exit(f"bench/recovery: the collector ended with {code}: see {WORK}/collector.log")

    def start(self, *command, **options):
        process = subprocess.Popen(list(map(str, command)), env=self.environment, stdout=subprocess.PIPE, **options)
        self.started.append(process)
        return process

    def start_replay(self, service, records, rate, workload="mix"):
        return self.start("lmlog-replay", "synth", "--workload", workload, "--threads", 1, "--records", records, "--rate", rate,
                          "--service", service, "--ring-bytes", RING_BYTES)

    def ring_files(self):
        return [path for path in self.rings.iterdir() if path.suffix == ".ring"]


class IdleServices:
    """Processes with rings, which log when they are told to."""

    def __init__(self, place, processes, threads):
        self.rings = processes * threads
        self.process = place.start("recovery-services", processes, threads, LIVING, RING_BYTES, stdin=subprocess.PIPE)
        self.log(1)

    def log(self, records):
        self.process.stdin.write(f"log {records}\n".encode())
        self.process.stdin.flush()
        if self.process.stdout.readline() != b"done\n":
            sys.exit("bench/recovery: recovery-services ended")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Victim:
    """A service that will be killed, seen through its files."""

    def __init__(self, place, number):
        self.process = place.start_replay(f"victim-{number % 4}", 1_000_000, 2_000)
        self.begun = time.monotonic()
        self.session = self.ring = None
        self.rings = place.rings

    def find_files(self):
        for path in self.rings.glob(f"*.{self.process.pid}.*.session"):
            self.session = os.open(path, os.O_RDONLY)
            rings = list(self.rings.glob(f"{path.name.split('.')[-2]}.*.ring"))
            if not rings:
                os.close(self.session)
                self.session = None
                return
            self.ring = os.open(rings[0], os.O_RDONLY)

    def is_ready(self):
        if self.session is None:
            self.find_files()
        return self.session is not None and word(self.ring, TAIL) != 0 and time.monotonic() - self.begun > 0.05

    def kill(self):
        """Milliseconds until: all its records are in the journal; its last losses too (then its ring goes); it is gone."""
        os.kill(self.process.pid, signal.SIGKILL)
        begin = time.monotonic()
        times = [None, None, None]
        while times[2] is None and time.monotonic() - begin < 10:
            now = (time.monotonic() - begin) * 1e3
            if times[0] is None and self.process.poll() is not None and word(self.ring, HEAD) == word(self.ring, TAIL):
                times[0] = now
            if times[1] is None and os.fstat(self.ring).st_nlink == 0:
                times[1] = now
            if os.fstat(self.session).st_nlink == 0:
                times[2] = now
            time.sleep(50e-6)
        self.process.wait()
        self.process.stdout.close()
        os.close(self.ring)
        os.close(self.session)
        if None in times:
            sys.exit(f"bench/recovery: a dead service was not drained and removed within 10 s: {times}")
        return times


class Table:
    """Markdown rows, and whether every promise held."""

    def __init__(self):
        self.rows, self.good = [], True

    def add(self, what, value, promise=None, measured=None):
        holds = ""
        if promise is not None:
            kept = measured <= promise
            self.good &= kept
            holds = f"at most {promise:,.0f} ms: {'holds' if kept else '**DOES NOT HOLD**'}"
        self.rows.append(f"| {what} | {value} | {holds} |")
        print(self.rows[-1], file=sys.stderr)

    def add_times(self, what, values, promise=None):
        p99 = percentile(values, 0.99)
        self.add(what, f"p50 {percentile(values, 0.5):.1f}, p99 {p99:.1f}, max {max(values):.1f} ms", promise, p99)

    def show(self):
        print("| | measured | must hold |\n|---|---|---|\n" + "\n".join(self.rows))


def measure_deaths(table, idle=0):
    beside = f" beside {idle:,} idle ones" if idle else ""
    with Place("deaths") as place:
        place.start_collector()
        services = IdleServices(place, idle, 1) if idle else None
        for number in range(LIVING):
            place.start_replay(f"living-{number % 4}", 100_000_000, 2_000)
        victims = []
        times = []
        number = 0
        while len(times) < KILLS:
            while len(victims) < 4:
                victims.append(Victim(place, number))
                number += 1
            for victim in list(victims):
                if not victim.is_ready():
                    continue
                victims.remove(victim)
                times.append(victim.kill())
                place.started.remove(victim.process)
            time.sleep(0.002)
        for victim in victims:
            victim.process.kill()
            victim.process.wait()
        if services:
            services.end()
        drained, found, removed = zip(*times)
        what = f"a service is killed, {KILLS} times, {LIVING} others log 2,000 records a second each{beside}: until "
        table.add_times(what + "all its records are in the journal", drained)
        table.add_times("… it is found dead and its losses are there too", found, DRAINED_P99_MS)
        table.add_times("… its files are gone", removed)


def cpu_seconds(pid):
    fields = pathlib.Path("/proc", str(pid), "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    text = pathlib.Path("/proc", str(pid), "status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmRSS"))


def measure_idle(table, processes, threads):
    with Place("idle") as place:
        place.start_collector()
        services = IdleServices(place, processes, threads) if processes else None
        deadline = time.monotonic() + 60
        rings = place.ring_files()
        while any(word_of(path, HEAD) != word_of(path, TAIL) for path in rings) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(5)
        pid = place.collector.pid
        before, begin = cpu_seconds(pid), time.monotonic()
        time.sleep(10)
        share = (cpu_seconds(pid) - before) / (time.monotonic() - begin)
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        table.add(f"{processes:,} idle sessions of {threads} rings",
                  f"{share * 100:.1f} % of a core, {resident_bytes(pid) / 2**20:.1f} MiB resident, {descriptors:,} descriptors")
        if services:
            services.end()


def word_of(path, offset):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return word(descriptor, offset)
    finally:
        os.close(descriptor)


def fill_archive(place):
    """Segments as of weeks, and a journal whose collector was killed with a minute's records in no segment."""
    place.start_collector(SEGMENTS_CONFIG)
    for turn in range(4):
        fillers = [place.start("lmlog-replay", "synth", "--workload", "mix", "--threads", 1, "--records", 400_000, "--policy", "block",
                               "--service", f"idle-{number}") for number in range(LIVING)]
        for filler in fillers:
            filler.communicate()
    place.stop_collector()


def measure_restart(table, processes, threads):
    with Place("restart") as place:
        fill_archive(place)
        place.start_collector()
        services = IdleServices(place, processes, threads)
        fillers = [place.start_replay(f"idle-{number}", 60_000, 30_000) for number in range(LIVING)]
        for filler in fillers:
            filler.communicate()
        time.sleep(1)  # the fillers' files go
        rings = [os.open(path, os.O_RDONLY) for path in place.ring_files()]
        wait_until_drained(rings)
        place.stop_collector(signal.SIGKILL)
        services.log(20)  # what waits in the rings
        segments = len(list(place.archive.rglob("*.lms")))
        journal = sum(path.stat().st_size for path in (place.archive / "journal").iterdir())
        times = []
        for _ in range(RESTARTS):
            begin = time.monotonic()
            place.start_collector()
            times.append((wait_until_drained(rings) - begin) * 1e3)
            place.stop_collector(signal.SIGKILL)
            services.log(20)
        table.add_times(f"restart with {len(rings):,} rings in {processes:,} sessions, {segments} segments, a journal of "
                        f"{journal / 2**20:.0f} MiB: from exec until the last ring is drained, {RESTARTS} times", times,
                        RESTART_MS if len(rings) <= 1100 else None)
        for descriptor in rings:
            os.close(descriptor)
        services.end()


def wait_until_drained(rings):
    """When the last of these rings was released up to its head."""
    waiting = list(rings)
    deadline = time.monotonic() + 120
    while waiting:
        if time.monotonic() > deadline:
            sys.exit(f"bench/recovery: {len(waiting)} rings were not drained within 2 minutes")
        waiting = [ring for ring in waiting if word(ring, HEAD) != word(ring, TAIL)]
        time.sleep(200e-6)
    return time.monotonic()


def main():
    chosen = sys.argv[1:] or ["deaths", "crowd", "idle", "thousands", "restart"]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    load_before = " ".join(f"{value:.2f}" for value in os.getloadavg())
    table = Table()
    if "deaths" in chosen:
        measure_deaths(table)
    if "crowd" in chosen:
        measure_deaths(table, 1_000)
    if "idle" in chosen:
        for processes, threads in ((0, 0), (20, 1), (1_000, 1), (100, 100)):
            measure_idle(table, processes, threads)
    if "thousands" in chosen:
        measure_idle(table, 9_500, 1)  # a session and a ring are two descriptors, and 20,000 a usual limit
    if "restart" in chosen:
        measure_restart(table, 100, 10)
        measure_restart(table, 100, 100)
    print(f"\n{machine.describe(load_before)}\n")
    table.show()
    return 0 if table.good else 1


if __name__ == "__main__":
    sys.exit(main())
