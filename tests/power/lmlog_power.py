#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts under a collector with durability "fsync", on ext4 and xfs: at a random moment the file system is shut down,
collector and services are killed, it is mounted again. Every record below a tail that was released must be in the archive;
with the rings still there, the next collector goes on exactly once. In every other cut the rings are lost too, as a tmpfs
is. `--measure` cuts the power of collectors with durability "write", and says how much of what they had taken is lost.
Ends with 0, 1 and what is wrong, or 77 where it cannot run.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from disk_image import DiskImage, why_not

KINDS = ("ext4", "xfs")
THREADS = 2
CONFIG = """[collector]
durability = "{durability}"
block_seconds = {block_seconds}
flush_interval_ms = 10
[rotation]
segment_bytes = "64KiB"
[tier.hot]
block_records = 2000
"""


class Cut:
    """One life that ends with a power cut."""

    def __init__(self, options, disk, rate, durability, block_seconds=1):
        self.options, self.disk, self.rate = options, disk, rate
        self.rings = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-power-", dir="/dev/shm"))
        self.config = self.rings.with_suffix(".toml")
        self.config.write_text(CONFIG.format(durability=durability, block_seconds=block_seconds), encoding="utf-8")
        self.archive = disk.place / "archive"
        shutil.rmtree(self.archive, ignore_errors=True)
        self.stderr = self.config.with_suffix(".stderr")
        self.processes = []

    def collector(self, *more):
        return [self.options.collector, "--config", self.config, "--rings", self.rings, "--archive", self.archive, *more]

    def start(self, command, **options):
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, **options)
        self.processes.append(process)
        return process

    def live(self, seconds):
        with open(self.stderr, "wb") as errors:
            self.start(self.collector(), stderr=errors)
            # W2 counts up from 0 in each thread.
            self.start([self.options.replay, "synth", "--workload", "W2", "--threads", THREADS, "--records", 10**9, "--rate",
                        self.rate, "--policy", "block", "--ring-bytes", "64KiB"], stdout=subprocess.DEVNULL,
                       env={**os.environ, "LMLOG_RING_DIR": str(self.rings)})
            time.sleep(seconds)
            self.disk.cut_power()
            cut_at = time.time()
            time.sleep(self.options.after)  # the collector finds out; what it releases now, it must not
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.disk.unmount()
        self.disk.mount()
        return cut_at

    def decode(self, *paths):
        """{ring: {n: how often}}, {ring: {n: time}} of what is there: a ring has one thread here."""
        done = subprocess.run([self.options.decode, "--quiet", "-o", "json", *map(str, paths)], capture_output=True, text=True,
                              check=False)
        counts, times = collections.defaultdict(collections.Counter), collections.defaultdict(dict)
        for line in done.stdout.splitlines():
            record = json.loads(line)
            if "n" not in record.get("fields", {}):
                continue
            n, who = record["fields"]["n"], record["cursor"].split(":")[0]
            counts[who][n] += 1
            times[who][n] = int(record["time_unix_nano"]) / 1e9
        return counts, times, done

    def stored(self):
        """What the services wrote, by counters in shared memory."""
        done = subprocess.run([self.options.rings, "--json", self.rings], capture_output=True, text=True, check=False)
        return sum(session["stored"] for session in json.loads(done.stdout)) if done.returncode == 0 else None

    def acknowledged(self):
        """{thread: records below the released tail}: those that are still in the rings begin there."""
        in_rings, _, _ = self.decode(self.rings)
        return {thread: min(counts) for thread, counts in in_rings.items()}

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.rings, ignore_errors=True)
        self.config.unlink(missing_ok=True)
        self.stderr.unlink(missing_ok=True)


def gaps(counts):
    """What is wrong with 0, 1, 2, … of each thread."""
    for thread, seen in sorted(counts.items()):
        doubled = sum(n - 1 for n in seen.values())
        missing = max(seen) + 1 - len(seen)
        if doubled or missing:
            yield f"thread {thread}: {missing} of {max(seen) + 1} records are missing, {doubled} doubled"


def durable_cut(options, disk, seed):
    """(what is wrong, how many records were acknowledged)."""
    choice = random.Random(seed)
    cut = Cut(options, disk, choice.choice((2000, 20_000, 100_000)), "fsync")
    keep_rings = seed % 2 == 0
    wrong = []
    try:
        cut.live(choice.uniform(0.15, 0.9))
        acknowledged = cut.acknowledged()
        stored = cut.stored()
        in_archive, _, _ = cut.decode(cut.archive)
        for thread, count in acknowledged.items():
            missing = sum(n not in in_archive[thread] for n in range(count))
            if missing:
                wrong.append(f"thread {thread}: {missing} of {count} acknowledged records are not in the archive")
        if not keep_rings:
            for path in cut.rings.iterdir():
                path.unlink()
        recovered = subprocess.run([str(word) for word in cut.collector("--drain")], capture_output=True, text=True, timeout=60,
                                   check=False)
        if recovered.returncode != 0:
            wrong.append(f"the next collector ended with {recovered.returncode}: {recovered.stderr}")
        after, _, decoded = cut.decode(cut.archive)
        wrong += [f"after recovery: {line}" for line in gaps(after)]
        if decoded.returncode not in (0, 1):
            wrong.append(f"lmlog-decode gave {decoded.returncode}: {decoded.stderr}")
        total = sum(sum(seen.values()) for seen in after.values())
        if keep_rings and total != stored:
            wrong.append(f"{stored} records were written, {total} are archived")
        for thread, count in acknowledged.items():
            if len(after[thread]) < count:
                wrong.append(f"thread {thread}: {count} acknowledged, {len(after[thread])} archived")
        if wrong:
            wrong.append(f"rings {'kept' if keep_rings else 'lost'}; the collector said: {cut.stderr.read_text()[-600:]}")
            wrong.append(f"the next one said: {recovered.stderr[-600:]}")
        return wrong, sum(acknowledged.values())
    finally:
        cut.close()


def loss_window(options, disk, seconds):
    """(milliseconds, records) of what a collector with durability "write" had taken and lost."""
    cut = Cut(options, disk, 2000, "write", block_seconds=5)
    try:
        cut_at = cut.live(seconds)
        acknowledged = cut.acknowledged()
        in_archive, times, _ = cut.decode(cut.archive)
        _, ring_times, _ = cut.decode(cut.rings)
        lost = sum(sum(n not in in_archive[thread] for n in range(count)) for thread, count in acknowledged.items())
        window = 0.0
        for thread, count in acknowledged.items():
            first = next((n for n in range(count) if n not in in_archive[thread]), None)
            if first is None:
                continue
            # A record every so often: the time of one that is lost follows from its number.
            begin = ring_times[thread][count] - count * THREADS / cut.rate
            window = max(window, cut_at - (begin + first * THREADS / cut.rate))
        del times
        return 1000 * window, lost
    finally:
        cut.close()


def percentiles(values):
    ordered = sorted(values)
    at = lambda share: ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]  # noqa: E731
    return f"p50 {at(0.5):,.0f}, p99 {at(0.99):,.0f}, largest {ordered[-1]:,.0f}"


def measure(options, folder):
    """Cuts on several file systems at once: most of the time is waiting for the kernel to write."""
    results = {kind: [] for kind in KINDS}

    def one(kind, number):
        place = folder / f"{kind}.{number}"
        place.mkdir()
        disk = DiskImage(place, kind)
        disk.mount()
        try:
            results[kind].append(loss_window(options, disk, options.seconds + random.Random(number).uniform(0, 10)))
        finally:
            disk.unmount()

    threads = [threading.Thread(target=one, args=(kind, n)) for kind in KINDS for n in range(options.cuts // len(KINDS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for kind, found in results.items():
        if found:
            print(f"{kind}: durability = \"write\", {len(found)} cuts after {options.seconds} to {options.seconds + 10} s: "
                  f"lost ms {percentiles([ms for ms, _ in found])}; records at 2,000/s {percentiles([n for _, n in found])}")
    return 0


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("collector", "decode", "replay", "rings"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--cuts", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="of the first cut; each is replayed by --cuts 1 --seed N")
    parser.add_argument("--kind", choices=KINDS, help="this file system alone (default: in turn)")
    parser.add_argument("--after", type=float, default=0.05, help="seconds from the cut to the end of the processes")
    parser.add_argument("--measure", action="store_true", help="the loss window of durability = \"write\"")
    parser.add_argument("--seconds", type=float, default=45, help="with --measure: of life before each cut, at least")
    parser.add_argument("--work", default=None)
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    kinds = [kind for kind in ([options.kind] if options.kind else KINDS) if not why_not(kind)]
    for kind in KINDS:
        if why_not(kind):
            print(f"SKIP: {kind}: {why_not(kind)}")
    if not kinds:
        return 77
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-power-", dir=options.work))
    disks = {}
    begin = time.monotonic()
    try:
        if options.measure:
            return measure(options, folder)
        for kind in kinds:
            try:
                disks[kind] = DiskImage(folder, kind)
                disks[kind].mount()
            except AssertionError as why:
                print(f"SKIP: {kind}: {why}")
                return 77
        failures, total = 0, 0
        for seed in range(options.seed, options.seed + options.cuts):
            # Pairs: each file system with its rings kept and lost.
            kind = kinds[seed // 2 % len(kinds)]
            wrong, acknowledged = durable_cut(options, disks[kind], seed)
            total += acknowledged
            if wrong:
                failures += 1
                print(f"FAILED: {kind}, cut {seed}; again: --cuts 1 --seed {seed} --kind {kind}")
                for line in wrong:
                    print(f"    {line}", flush=True)
        print(f"{options.cuts} cuts in {time.monotonic() - begin:.1f} s on {' and '.join(kinds)}: {total} records were "
              f"acknowledged, {failures} cuts with something wrong")
        assert total > 0, "nothing was acknowledged: nothing was tested"
        print("FAIL" if failures else "PASS")
        return 1 if failures else 0
    finally:
        for disk in disks.values():
            disk.unmount()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
