#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random SIGKILLs of producers and collector under load; then what lmlog-decode gives is compared with the producers'
witnesses: of archive and rings together before the last drain, and of the archive after it.

0 committed records lost, 0 doubled, 0 invented, order per thread kept, every checksum right; for producers that may drop:
stored + lost = calls. Ends with 0, or 1 and what is wrong. The seed repeats the driver's decisions, not the machine's.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CONFIG = """[collector]
block_seconds = 1
durability = "{durability}"
[rotation]
segment_bytes = "256KiB"
segment_age = "2s"
[tier.hot]
block_records = 3000
"""
SERVICES = ("torture-a", "torture-b")


class Torture:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-torture-", dir=options.work))
        self.rings = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-torture-", dir="/dev/shm"))
        self.archive = self.folder / "archive"
        self.config = self.folder / "lmlog.toml"
        self.config.write_text(CONFIG.format(durability=options.durability), encoding="utf-8")
        self.errors = open(self.folder / "stderr.txt", "wb")
        self.producers = {}
        self.next_producer = 1
        self.kills = {"producer": 0, "collector": 0}
        self.ended = 0
        self.bad_ends = []
        self.collector = None

    def start_producer(self, service):
        number = self.next_producer
        self.next_producer += 1
        policy = "drop" if self.random.random() < 0.3 else "block"
        command = [self.options.producer, str(self.folder / f"witness.{number}"), service, str(number),
                   str(self.random.randrange(1 << 30)), policy]
        self.producers[number] = (service, subprocess.Popen(
            command, env={**os.environ, "LMLOG_RING_DIR": str(self.rings)}, stderr=self.errors))

    def collector_command(self, *more):
        return [self.options.collector, "--config", str(self.config), "--rings", str(self.rings), "--archive", str(self.archive),
                *more]

    def start_collector(self):
        self.collector = subprocess.Popen(self.collector_command(), stderr=self.errors)

    def kill_producer(self):
        number = self.random.choice(sorted(self.producers))
        service, process = self.producers.pop(number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.kills["producer"] += 1
        self.start_producer(service)

    def kill_collector(self):
        self.collector.send_signal(signal.SIGKILL)
        self.collector.wait()
        self.kills["collector"] += 1
        self.start_collector()

    def look_after_ends(self):
        for number, (service, process) in list(self.producers.items()):
            if process.poll() is None:
                continue
            del self.producers[number]
            self.ended += 1
            if process.returncode != 0:
                self.bad_ends.append(f"producer {number} ended with {process.returncode}")
            self.start_producer(service)
        if self.collector.poll() is not None:
            self.bad_ends.append(f"the collector ended by itself with {self.collector.returncode}")
            self.start_collector()

    def run(self):
        for i in range(self.options.producers):
            self.start_producer(SERVICES[i % len(SERVICES)])
        self.start_collector()
        begin = time.monotonic()
        while time.monotonic() - begin < self.options.seconds and not self.bad_ends:
            time.sleep(self.random.uniform(0.002, 0.08))
            self.look_after_ends()
            if self.random.random() < 0.4:
                self.kill_collector()
            else:
                self.kill_producer()
        seconds = time.monotonic() - begin
        for _, process in self.producers.values():
            process.kill()
        for _, process in self.producers.values():
            process.wait()
        self.collector.kill()
        self.collector.wait()
        return seconds

    def drain(self):
        drained = subprocess.run(self.collector_command("--drain"), stderr=self.errors, timeout=120, check=False)
        if drained.returncode != 0:
            self.bad_ends.append(f"the last drain ended with {drained.returncode}")

    def left_behind(self):
        left = [path.name for path in self.rings.iterdir()]
        left += [path.name for path in (self.archive / "journal").iterdir()]
        # A .tmp file of a killed producer is removed when it is 10 s old.
        return [name for name in left if not name.endswith(".tmp")]

    def check(self, *paths):
        """What the decoder gives of these paths, against the witnesses."""
        witnesses = sorted(str(path) for path in self.folder.glob("witness.*"))
        decoder = subprocess.Popen([self.options.decode, "--quiet", "-o", "json", *map(str, paths)], stdout=subprocess.PIPE,
                                   stderr=self.errors)
        result = subprocess.run([self.options.check, *witnesses], stdin=decoder.stdout, capture_output=True, text=True, check=False)
        decoder.stdout.close()
        if decoder.wait() != 0:
            self.bad_ends.append(f"lmlog-decode ended with {decoder.returncode}")
        if result.returncode not in (0, 1):
            self.bad_ends.append(f"the check ended with {result.returncode}: {result.stderr[-500:]}")
        sys.stderr.write(result.stderr)
        return {"good": result.returncode == 0, **(json.loads(result.stdout) if result.stdout else {})}

    def close(self, keep):
        self.errors.close()
        shutil.rmtree(self.rings, ignore_errors=True)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--producer", required=True)
    parser.add_argument("--collector", required=True)
    parser.add_argument("--decode", required=True)
    parser.add_argument("--check", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--producers", type=int, default=3)
    parser.add_argument("--durability", choices=("write", "fsync"), default="write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", default=None, help="folder for archive and witnesses (default: that of temporary files)")
    parser.add_argument("--keep", action="store_true", help="leave archive and witnesses when something is wrong")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    torture = Torture(options)
    keep = False
    try:
        seconds = torture.run()
        undrained = torture.check(torture.archive, torture.rings)
        torture.drain()
        left = torture.left_behind()
        verdict = torture.check(torture.archive)
        kills = sum(torture.kills.values())
        enough = kills > 0 and torture.kills["collector"] * 10 >= kills
        bad = not (undrained["good"] and verdict["good"]) or bool(left) or bool(torture.bad_ends) or not enough
        keep = options.keep and bad
        print(json.dumps({"seed": options.seed, "seconds": round(seconds, 1), "kills": torture.kills,
                          "kills_per_second": round(kills / seconds, 1), "ended": torture.ended,
                          "left_behind": left, "bad_ends": torture.bad_ends, "before_the_last_drain": undrained,
                          **verdict}))
        stderr = (torture.folder / "stderr.txt").read_text(encoding="utf-8", errors="replace")
        if bad:
            sys.stderr.write(stderr[-4000:])
            print(f"FAIL{f': see {torture.folder}' if keep else ''}")
        else:
            print("PASS")
        return 1 if bad else 0
    finally:
        if torture.collector is not None and torture.collector.poll() is None:
            torture.collector.kill()
            torture.collector.wait()
        for _, process in torture.producers.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        torture.close(keep)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
