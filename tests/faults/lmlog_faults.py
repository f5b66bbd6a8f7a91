#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Enumerates faults through one life of the collector: SIGKILL at every system call, every error and short transfers at
every call that reaches a file, disks that fail for a while. After each: no record lost, none doubled; what was said is
clear; a collector without faults takes over at once. Ends with 0, or 1 and how to replay what failed.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import sys
import time

from fault_grid import Fault, arguments, file_calls, lasting, name_of, own_calls, thinned, whole_grid
from fault_life import Life, Tools

MOST_CALLS = 300
RECOVERY_MS = 1000
# Said for people: what cannot be done, and what follows from it or can be done about it.
SENTENCE = re.compile(r"^lmlog-collector: .{15,}(?:[.;:,] |\().{10,}", re.DOTALL)
AGAIN = re.compile(r"^lmlog-collector: .* again")


def unclear(stderr):
    return [line for line in stderr.splitlines() if not SENTENCE.match(line) and not AGAIN.match(line)]


def problems(tools, fault):
    """Lives once with this fault; whether it was met, and what was wrong."""
    wrong = []
    with Life(tools) as life:
        placed = fault._replace(below=str(life.archive)) if fault.below else fault
        run = life.run(*arguments(placed))
        complete = not list(life.leftovers())
        wrong += life.wrong_records("before recovery")
        if fault.what == "kill":
            if run.hit and run.signal != 9:
                wrong.append(f"it was not killed: {run.code}, signal {run.signal}")
        elif run.signal or run.code not in (0, 4):
            wrong.append(f"it ended with {run.code}, signal {run.signal}")
        else:
            wrong += [f"unclear: {line}" for line in unclear(run.stderr)]
            if run.code == 0 and not complete and not run.stderr:
                wrong += ["it said nothing, and was not done", *life.leftovers()]
            if run.code == 4 and not run.stderr:
                wrong.append("it gave up and said nothing")
            if run.code == 4 and run.since_fault_ms is not None and run.since_fault_ms > 100:
                wrong.append(f"it gave up {run.since_fault_ms:.0f} ms after the fault's end")
            wrong += [f"{call['path']} was {call['call']}ed again after its sync had failed" for call in run.calls
                      if call.get("trusted")]
            if run.since_fault_ms is not None and run.since_fault_ms > RECOVERY_MS:
                wrong.append(f"it took {run.since_fault_ms:.0f} ms to recover")
        wrong += life.recover()
        if wrong and run.stderr:
            wrong.append(f"it said: {run.stderr.strip()}")
        if wrong and run.hit:
            wrong.append(f"the call was {run.hit['call']} of {run.hit['path'].replace(str(life.place), '')}")
    return run, wrong


def parse(arguments_given):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("collector", "decode", "injector", "service"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--durability", choices=("write", "fsync"), default="fsync")
    parser.add_argument("--whole", action="store_true", help="the whole grid (default: a part that misses no kind)")
    parser.add_argument("--only", help="one fault, as a failure names it: WHAT,CALL,THREAD,K[,FOR_MS]")
    parser.add_argument("--calls", help="these kinds of calls alone: A,B,…")
    parser.add_argument("--work", default="/dev/shm")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="the calls of a life without faults")
    return parser.parse_args(arguments_given)


def replayed(fault):
    return ";".join(map(str, fault[:5]))


def faults_of(options, tools):
    """The calls of a life without faults, and the faults to try."""
    if options.only:
        what, call, thread, k, for_ms = options.only.split(";")
        return [], [Fault(what, call, int(thread), int(k), int(for_ms), "archive" if int(for_ms) else None)]
    with Life(tools) as life:
        run = life.run()
        assert run.code == 0 and not run.stderr, (run.code, run.stderr)
        assert not (wrong := [*life.leftovers(), *life.wrong_records("without a fault")]), wrong
        calls = own_calls(run.calls[:-1] if "end" in run.calls[-1] else run.calls)
        archive = str(life.archive)
    grid = [fault for fault in whole_grid(calls) if not options.calls or fault.call in options.calls.split(",")]
    if not options.whole:
        grid = list(thinned(grid))
    return calls, grid + ([] if options.calls else list(lasting(calls, archive)))


def main(given):
    options = parse(given)
    tools = Tools(options)
    begin = time.monotonic()
    try:
        tools.prepare()
        calls, faults = faults_of(options, tools)
        if options.list:
            for call in calls:
                print(json.dumps(call))
            return 0
        injectable = len(file_calls(calls))
        print(f"one life: {len(calls)} calls, {injectable} of them of files", flush=True)
        assert injectable < MOST_CALLS, f"{injectable} calls: at most {MOST_CALLS}"
        table = collections.defaultdict(lambda: [0, 0, 0])
        longest_ms = 0
        failures = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for fault, (run, wrong) in zip(faults, pool.map(lambda fault: problems(tools, fault), faults)):
                row = table[fault.call if not fault.for_ms else "(lasting)", fault.what]
                row[0] += 1
                row[1] += run.hit is None
                row[2] += bool(wrong)
                if fault.what != "kill" and run.hit:
                    longest_ms = max(longest_ms, run.since_fault_ms)
                if wrong:
                    failures += 1
                    print(f"FAILED: {name_of(fault)}; again: --only '{replayed(fault)}'")
                    for line in wrong:
                        print(f"    {line}", flush=True)
        show(table)
        print(f"{len(faults)} lives in {time.monotonic() - begin:.1f} s, {failures} failed; "
              f"longest from a fault's end to the end of the work: {longest_ms:.0f} ms")
        print("FAIL" if failures else "PASS")
        return 1 if failures else 0
    finally:
        tools.close()


def show(table):
    whats = sorted({what for _, what in table}, key=lambda what: (what.isupper(), what))
    print(f"{'runs (not met) failed':22}" + "".join(f"{what:>14}" for what in whats))
    for call in sorted({call for call, _ in table}):
        cells = []
        for what in whats:
            runs, unmet, failed = table.get((call, what), (0, 0, 0))
            text = f"{runs}{f' ({unmet})' if unmet else ''}{f' {failed}!' if failed else ''}" if runs else "·"
            cells.append(f"{text:>14}")
        print(f"{call:22}" + "".join(cells))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
