#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's story: three producers and a collector, a producer and the collector killed with SIGKILL; all is counted.

Called by tools/demo with the programs in PATH. Each claim is a check with its own line; the last line is PASS or FAIL.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RATE = 100_000          # records per second of each producer: all live for seconds, so that they can be disturbed
RECORDS = 600_000       # of each producer at most; the victim gets twice as many, and is killed before their end
KILL_AT = 50_000        # records that every producer has stored when the killing begins
DEADLINE_SECONDS = 60   # for anything that is waited for
ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
ARCHIVE = DEMO / "archive"
LOSS = b'"template":"{count} records lost"'


class Failed(Exception):
    """The story cannot go on."""


def say(words):
    print(f"\n\033[1m== {words}\033[0m" if sys.stdout.isatty() else f"\n== {words}", flush=True)


def wait_for(what, ready):
    """Polls until `ready` gives something true, and returns it."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.01)
    raise Failed(f"waited {DEADLINE_SECONDS} s in vain for {what}")


Decoded = collections.namedtuple("Decoded", "records loss_records lost repeated")


class Checks:
    """Claims that were checked, each printed with its numbers."""

    def __init__(self):
        self.failed = 0

    def expect(self, claim, good):
        self.failed += not good
        print(f"  {'ok    ' if good else 'FAILED'} {claim}", flush=True)


class Producer:
    """A real process that logs through liblmlog."""

    def __init__(self, service, source, options, rings):
        self.service = service
        self.report_path = DEMO / f"{service}.json"
        command = ["lmlog-replay", *source, "--service", service, "--rate", str(RATE), *options]
        with open(self.report_path, "wb") as out, open(DEMO / f"{service}.log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=out, stderr=log, stdin=subprocess.DEVNULL,
                                            env={**os.environ, "LMLOG_RING_DIR": str(rings)})
        print(f"  pid {self.process.pid}: {' '.join(command)}")

    def report(self):
        """What the process says of itself at its end."""
        code = self.process.wait(timeout=DEADLINE_SECONDS)
        if code != 0:
            raise Failed(f"{self.service} ended with {code}: {(DEMO / f'{self.service}.log').read_text()[-500:]}")
        return json.loads(self.report_path.read_text(encoding="utf-8"))


def start_collector(rings, log_name):
    """Starts the daemon and waits until its status file is its own."""
    with open(DEMO / log_name, "wb") as log:
        process = subprocess.Popen(["lmlog-collector", "--rings", str(rings), "--archive", str(ARCHIVE)],
                                   stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def is_up():
        if process.poll() is not None:
            raise Failed(f"lmlog-collector ended with {process.returncode}: {(DEMO / log_name).read_text()[-500:]}")
        status = ARCHIVE / "status.json"
        return status.exists() and json.loads(status.read_text(encoding="utf-8"))["pid"] == process.pid

    wait_for("the collector", is_up)
    print(f"  pid {process.pid}: {' '.join(process.args)}")
    return process


def counters(rings, service):
    """Counters of a service's session in shared memory, or None."""
    done = subprocess.run(["lmlog-rings", "--json", str(rings)], capture_output=True, check=True)
    return next((s for s in json.loads(done.stdout) if s["service"] == service), None)


def stored_by(rings, producer):
    """Records that a producer has stored so far; 0 before its first call. It must be running."""
    if producer.process.poll() is not None:
        raise Failed(f"{producer.service} ended early: {(DEMO / f'{producer.service}.log').read_text()[-500:]}")
    seen = counters(rings, producer.service)
    return seen["stored"] if seen else 0


def decode(*arguments):
    """Output of lmlog-decode over the archive, as it is."""
    return subprocess.run(["lmlog-decode", *arguments, str(ARCHIVE)], capture_output=True, check=True).stdout.decode()


def count_decoded(service):
    """What the decoded JSON lines of a service hold: records, loss records and the losses that they tell, and how many
    cursors came again."""
    records, loss_records, lost, cursors = 0, 0, 0, set()
    with subprocess.Popen(["lmlog-decode", "-o", "json", "--service", service, str(ARCHIVE)],
                          stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            if LOSS in line:
                loss_records += 1
                lost += json.loads(line)["fields"]["count"]
                continue
            records += 1
            cursors.add(line[line.rindex(b'"cursor":"'):])
    if process.returncode not in (0, 1):
        raise Failed(f"lmlog-decode ended with {process.returncode}")
    return Decoded(records, loss_records, lost, records - len(cursors))


def in_words(ns):
    """What a call costs. The cost of an empty pair is subtracted, so that 0 is: below what the clock can see."""
    step = ns["clock_step"]

    def of(value):
        return f"below {step:.0f}" if value < step else f"{value:.0f}"

    return f"{of(ns['p50']):>9} {of(ns['p99']):>9}"


def bytes_as_text():
    """Size of all records as text."""
    total = 0
    with subprocess.Popen(["lmlog-decode", "-o", "text", "--color=never", str(ARCHIVE)],
                          stdout=subprocess.PIPE) as process:
        while chunk := process.stdout.read(1 << 20):
            total += len(chunk)
    if process.returncode != 0:
        raise Failed(f"lmlog-decode ended with {process.returncode}")
    return total


def sources():
    """(service, options) of the producers: tick data where it is, else synthetic records. The second is the victim."""
    data = pathlib.Path(os.environ.get("LMLOG_DATA") or ROOT.parent / "shared" / "data") / "ticks"
    limits = (RECORDS, 2 * RECORDS, RECORDS)
    if all((data / symbol).is_dir() for symbol in ("ibm", "bac", "aig")):
        return [(f"ticks-{symbol}", ["ticks", str(data / symbol), "--limit", str(limit), "--clock", "user_ns"])
                for symbol, limit in zip(("ibm", "bac", "aig"), limits)]
    print(f"  no tick data in {data} (set LMLOG_DATA): synthetic records")
    return [(f"synth-{workload.lower()}",
             ["synth", "--workload", workload, "--threads", "2", "--records", str(limit // 2)])
            for workload, limit in zip(("W3", "W4", "mix"), limits)]


def run_story(rings, checks, started):
    """Everything up to a sealed archive; returns service → counters."""
    say("a collector and three producers; the third drops when its small ring is full, the others wait")
    collector = start_collector(rings, "collector-1.log")
    started.append(collector)
    first, second, third = sources()
    victim = Producer(*second, ["--policy", "block"], rings)
    wait_for(f"the first records of {victim.service}", lambda: stored_by(rings, victim))
    steady = Producer(*first, ["--policy", "block"], rings)
    dropping = Producer(*third, ["--policy", "drop", "--ring-bytes", "64KiB"], rings)
    started += [steady.process, victim.process, dropping.process]
    wait_for(f"{KILL_AT:,} records of each", lambda: all(stored_by(rings, producer) >= KILL_AT
                                                         for producer in (steady, victim, dropping)))
    say("SIGKILL for the collector, then for the producer " + victim.service)
    collector.send_signal(signal.SIGKILL)
    collector.wait()
    before = counters(rings, dropping.service)["dropped"]
    wait_for(f"losses of {dropping.service}, which nobody drains now",
             lambda: counters(rings, dropping.service)["dropped"] > before)
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()
    dead = counters(rings, victim.service)
    checks.expect(f"the killed producer's counters in shared memory say: attempted {dead['attempted']:,}, "
                  f"stored {dead['stored']:,}", dead["attempted"] >= KILL_AT and dead["alive"] is False)

    say("the collector starts again; the two others finish; SIGTERM for the collector")
    collector = start_collector(rings, "collector-2.log")
    started.append(collector)
    reports = {victim.service: dead, steady.service: steady.report(), dropping.service: dropping.report()}
    collector.send_signal(signal.SIGTERM)
    code = collector.wait(timeout=DEADLINE_SECONDS)
    checks.expect(f"the collector drained, sealed and ended with {code}", code == 0)
    left = sorted(path.name for path in rings.iterdir() if path.suffix in (".session", ".ring"))
    checks.expect(f"no session and no ring is left behind{': ' if left else ''}{', '.join(left)}", not left)
    return reports, victim.service


def show_counts(reports, checks):
    """The table of processes, and the accounting of each; the sums of what was decoded."""
    say("each process: what it attempted, what is in the archive, what was lost, and ns a call")
    print(f"  {'':12} {'attempted':>10} {'stored':>10} {'lost':>8} {'decoded':>10} {'median':>9} {'99 %':>9}")
    all_decoded = {service: count_decoded(service) for service in reports}
    lost = {service: report["dropped"] + report["sampled_out"] + report["overwritten"]
            for service, report in reports.items()}
    for service, report in reports.items():
        ns = report.get("ns_per_call")
        print(f"  {service:12} {report['attempted']:>10,} {report['stored']:>10,} {lost[service]:>8,} "
              f"{all_decoded[service].records:>10,} {in_words(ns) if ns else 'killed before it could say':>19}")
    step = max(report["ns_per_call"]["clock_step"] for report in reports.values() if "ns_per_call" in report)
    print(f"  (one call in 64, by itself; the clock moves in steps of {step:.1f} ns. bench/run measures batches.)")
    for service, report in reports.items():
        decoded = all_decoded[service]
        checks.expect(f"{service}: decoded {decoded.records:,} = stored {report['stored']:,}, "
                      f"and {decoded.repeated} came twice", decoded.records == report["stored"] and not decoded.repeated)
        checks.expect(f"{service}: attempted {report['attempted']:,} = stored + lost "
                      f"{report['stored'] + lost[service]:,}, and the archive tells of {decoded.lost:,} lost",
                      report["attempted"] == report["stored"] + lost[service] and lost[service] == decoded.lost)
    return sum(d.records for d in all_decoded.values()), sum(d.loss_records for d in all_decoded.values())


def show_archive(records, loss_records, checks):
    """Sizes against the same records as text, and the archive's own check."""
    say("the archive")
    size = sum(path.stat().st_size for path in ARCHIVE.rglob("*.lms"))
    text = bytes_as_text()
    print(f"  {records:,} records, and {loss_records:,} that tell of losses, "
          f"in {size:,} bytes: {size / records:.2f} bytes a record")
    print(f"  the same as text: {text:,} bytes, {text / records:.1f} a record: {text / size:.0f} times as much")
    checks.expect("the archive is smaller than the text", 0 < size < text)
    done = subprocess.run(["lmlog-decode", "verify", str(ARCHIVE)], capture_output=True, text=True, check=False)
    verdict = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    checks.expect("lmlog-decode verify demo/archive: " + re.sub(r" \([^)]*\)", "", verdict), done.returncode == 0)


def show_records(victim, checks):
    """What a person sees."""
    say("the last ten lines of all: lmlog-decode -n 10 demo/archive")
    lines = decode("-o", "text", "--color=always", "-n", "10")
    print(lines, end="")
    say(f"one record as JSON: lmlog-decode -o json -n 1 --service {victim} demo/archive")
    one = decode("-o", "json", "-n", "1", "--service", victim)
    print(one, end="")
    say(f"the last records of {victim}, which was killed: lmlog-decode -n 3 --service {victim} demo/archive")
    last = decode("-o", "text", "--color=always", "-n", "3", "--service", victim)
    print(last, end="")
    checks.expect("ten lines, one record, three last records",
                  (lines.count("\n"), json.loads(one)["service"], last.count("\n")) == (10, victim, 3))


def main():
    shutil.rmtree(DEMO, ignore_errors=True)
    ARCHIVE.mkdir(parents=True)
    rings = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm", prefix="lmlog-demo-"))
    checks, started, begin = Checks(), [], time.monotonic()
    try:
        reports, victim = run_story(rings, checks, started)
        records, loss_records = show_counts(reports, checks)
        show_archive(records, loss_records, checks)
        show_records(victim, checks)
    except (Failed, OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError) as error:
        checks.expect(f"{type(error).__name__}: {error}", False)
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(rings, ignore_errors=True)
    print(f"\n{time.monotonic() - begin:.0f} s; look around: build/gcc/decoder/lmlog-decode demo/archive | less")
    print("FAIL" if checks.failed else "PASS")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
