#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Readers that leave out one check must be found by the flips that pass without the mistake.
usage: mutants_test.py SEGMENT_FLIPS JOURNAL_FLIPS     (both built with -DLMLOG_MUTANT_BUILD)"""
import os
import subprocess
import sys

FLIPS = ["--stride", "97"]


def flips(program, mutant):
    """Whether the flips pass with the mistake, and the last line they say."""
    environment = dict(os.environ)
    environment.pop("LMLOG_MUTANT", None)
    if mutant:
        environment["LMLOG_MUTANT"] = mutant
    done = subprocess.run([program] + FLIPS, env=environment, stdout=subprocess.PIPE, text=True, timeout=120)
    lines = done.stdout.splitlines() or ["nothing was said"]
    return done.returncode == 0, lines[-1]


def main():
    segment, journal = sys.argv[1:3]
    failed = False
    for program, mutants in ((segment, ["part_unchecked", "frame_unchecked"]), (journal, ["entry_unchecked"])):
        for mutant in [None] + mutants:
            passed, said = flips(program, mutant)
            print(f"{mutant or 'without a mistake'}: {'passed' if passed else 'found'}: {said}")
            failed |= passed != (mutant is None)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
