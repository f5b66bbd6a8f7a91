#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the markdown table of bench/run out of Google Benchmark's JSON, and checks what must hold.

usage: call_table.py 'LOAD BEFORE' CALLS.json [OTHER.json...]     (each with an rdtsc of its own)
"""
import collections
import json
import sys

import machine

WORKLOADS = ("W1", "W2", "W3", "W4", "W5")
MARGIN_NS = 3.0  # LMLog's W3 over rdtsc
# Random interleaving also shuffles the output: this is the order of the table.
LIBRARIES = ("rdtsc", "rdtscp", "clock_gettime", "LMLog", "LMLog, time given", "LMLog, named logger",
             "LMLog, clock coarse", "LMLog, policy overwrite", "LMLog, level off", "lttng-ust", "spdlog async",
             "spdlog async, level off")


def read(path):
    """{(library, workload, temperature): {statistic: ns}}"""
    with open(path, encoding="utf-8") as file:
        runs = json.load(file)["benchmarks"]
    found = collections.defaultdict(dict)
    for run in runs:
        library, workload, temperature = run["run_name"].split("/")[:3]
        scale = {"ns": 1, "us": 1e3, "ms": 1e6}[run["time_unit"]]
        found[library, workload, temperature][run["aggregate_name"]] = run["real_time"] * scale
    return found


def cell(figures):
    return f"{figures['median']:.1f} ({figures['p10']:.1f}–{figures['p90']:.1f})" if figures else "–"


def main():
    load, first, *others = sys.argv[1:]
    found = read(first)
    rdtsc = found["rdtsc", "-", "warm"]["median"]
    rdtsc_of = collections.defaultdict(lambda: rdtsc)
    for path in others:
        other = read(path)
        for library, workload, temperature in other.keys() - found.keys():
            found[library, workload, temperature] = other[library, workload, temperature]
            rdtsc_of[library] = other["rdtsc", "-", "warm"]["median"]
    print(f"\n{machine.describe(load)}\n")
    print("ns a call: median of 1,000 batches of 1,000 calls (10th to 90th percentile of the batches)\n")
    print("| | " + " | ".join(WORKLOADS) + " | W3 ÷ rdtsc |\n|---|" + "---|" * (len(WORKLOADS) + 1))
    for library in LIBRARIES:
        row = [found.get((library, workload, "warm")) for workload in WORKLOADS]
        alone = found.get((library, "-", "warm"))
        if alone:
            print(f"| *{library}* | " + " | ".join([cell(alone)] + [""] * (len(WORKLOADS) - 1)) +
                  f" | {alone['median'] / rdtsc:.2f} |")
        elif any(row):
            ratio = f"{row[2]['median'] / rdtsc_of[library]:.2f}" if row[2] else "–"
            print(f"| {library} | " + " | ".join(cell(figures) for figures in row) + f" | {ratio} |")
    print("\nW3 cold, ns: single calls, 2 MiB of other memory read before each\n")
    print("| | p50 | p90 | p99 | p50 ÷ LMLog |\n|---|---|---|---|---|")
    ours = found["LMLog", "W3", "cold"]["median"]
    for library in LIBRARIES:
        if figures := found.get((library, "W3", "cold")):
            print(f"| {library} | {figures['median']:.0f} | {figures['p90']:.0f} | {figures['p99']:.0f} "
                  f"| {figures['median'] / ours:.1f} |")
    over = found["LMLog", "W3", "warm"]["median"] - rdtsc
    holds = over <= MARGIN_NS
    print(f"\nMust hold: W3 within {MARGIN_NS:.0f} ns of rdtsc: {over:+.1f} ns: {'holds' if holds else 'DOES NOT HOLD'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
