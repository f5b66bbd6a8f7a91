#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts test cases over several meson test runs and prints them; used by tools/test.

Meson counts executables, and calls a gtest program with skipped cases passed: so the cases are taken from
the junit file of each run. That file misses what ends a program outside a case (a crash, a leak found at
exit, a timeout), so each program's own verdict is taken from the JSON log beside it.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

BAD = {"FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS"}


class Tally:
    """Passed, failed and skipped cases, with the names and reasons that a reader wants."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, verdict, name, reason=""):
        if verdict == "passed":
            self.passed += 1
        else:
            getattr(self, verdict).append(name + (f": {reason}" if reason else ""))


def programs_of(path):
    """name → JSON entry of every test program of a run."""
    with open(path, encoding="utf-8") as lines:
        return {entry["name"]: entry for entry in map(json.loads, lines)}


def owner_of(suite_name, programs):
    """The program that a junit suite 'lmlog.PROGRAM' or 'lmlog.PROGRAM.GTEST_SUITE' belongs to."""
    candidates = [name for name in programs
                  if suite_name.endswith("." + name) or f".{name}." in suite_name]
    return max(candidates, key=len, default=None)


def case_verdict(case):
    """Verdict and reason of one junit test case."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed", ""
    skipped = case.find("skipped")
    if skipped is not None:
        words = skipped.get("message") or case.findtext("system-out") or ""
        return "skipped", words.strip().splitlines()[-1] if words.strip() else ""
    if case.get("status") == "notrun":
        return "skipped", "disabled"
    return "passed", ""


def count_run(label, junit, programs, tally):
    """Adds the cases of one meson test run."""
    bad_owners, counted = set(), set()
    for suite in ElementTree.parse(junit).getroot():
        owner = owner_of(suite.get("name", ""), programs)
        if owner is None:
            continue  # programs that are one case each: taken from the JSON log below
        counted.add(owner)
        for case in suite.iter("testcase"):
            verdict, reason = case_verdict(case)
            tally.add(verdict, f"[{label}] {owner}: {case.get('classname')}.{case.get('name')}", reason)
            if verdict == "failed":
                bad_owners.add(owner)
    for name, entry in programs.items():
        result = entry["result"]
        if name in counted:
            if result in BAD and name not in bad_owners:
                tally.add("failed", f"[{label}] {name}", f"{result} outside its cases")
        elif result == "SKIP":
            words = (entry.get("stdout") or entry.get("stderr") or "").strip()
            tally.add("skipped", f"[{label}] {name}", words.splitlines()[-1] if words else "")
        else:
            tally.add("failed" if result in BAD else "passed", f"[{label}] {name}", result if result in BAD else "")


def main():
    folder = pathlib.Path(sys.argv[1])
    tally = Tally()
    for log in sorted(folder.glob("*.json")):
        label = log.name.removesuffix(".json")
        junit = folder / f"{label}.junit.xml"
        if not junit.exists():
            tally.add("failed", f"[{label}] meson test", "stopped before its end")
            continue
        before = (tally.passed, len(tally.failed), len(tally.skipped))
        count_run(label, junit, programs_of(log), tally)
        after = (tally.passed, len(tally.failed), len(tally.skipped))
        print("{:8} {} passed, {} failed, {} skipped".format(label, *(b - a for a, b in zip(before, after))))
    steps = folder / "steps.tsv"
    if steps.exists():
        for line in steps.read_text(encoding="utf-8").splitlines():
            verdict, name = line.split("\t", 1)
            tally.add(verdict, name)
    for name in tally.skipped:
        print("skipped", name)
    for name in tally.failed:
        print("FAILED ", name)
    if not tally.passed:
        tally.add("failed", "no test case was run")
        print("FAILED  no test case was run")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
