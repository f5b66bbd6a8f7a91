#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of bench/against: for each call the median over the rounds of before and after, and their ratio.

usage: against_table.py RESULTS COMMIT 'LOAD BEFORE'
"""
import pathlib
import statistics
import sys

import call_table
import machine


def medians(folder, side):
    """{(library, workload, temperature): [median of each round]}"""
    found = {}
    for path in sorted(folder.glob(f"{side}.*.json")):
        for call, figures in call_table.read(path).items():
            found.setdefault(call, []).append(figures["median"])
    return found


def cell(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def main():
    folder, commit, load = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    before, after = medians(folder, "before"), medians(folder, "after")
    print(f"\n{machine.describe(load)}\n")
    print(f"ns a call: median (least–most) of the rounds' medians; before: {commit}\n")
    print("| | before | after | ratio |\n|---|---|---|---|")
    for call in sorted(after):
        name = " ".join(part for part in call if part != "-")
        if call in before:
            ratio = statistics.median(after[call]) / statistics.median(before[call])
            print(f"| {name} | {cell(before[call])} | {cell(after[call])} | {ratio:.3f} |")
        else:
            print(f"| {name} | – | {cell(after[call])} | |")


if __name__ == "__main__":
    main()
