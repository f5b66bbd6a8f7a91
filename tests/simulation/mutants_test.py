#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the simulation: each mutant of the collector breaks one promise on purpose, and must be found by seeds that the
collector itself passes (those of the test of the suite torture).

Usage: mutants_test.py PROGRAM SEEDS
"""
import os
import re
import subprocess
import sys

MUTANTS = ("tail_before_journal", "tail_before_sync", "tail_trusted_at_restart", "failed_sync_trusted", "folder_not_synced",
           "segment_rename_unchecked", "torn_end_not_cut", "last_write_unchecked", "replaces_ignored")


def first_found(program, seeds, mutant):
    """The first seed that fails, or None."""
    done = subprocess.run([program, "--seeds", f"1..{seeds}", "--failures", "1"], capture_output=True, text=True,
                          env={**os.environ, "LMLOG_MUTANT": mutant}, check=False)
    found = re.search(r"^seed (\d+) failed.*\n  (.*)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1) != bool(found):
        raise SystemExit(f"{mutant}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    if found:
        print(f"{mutant}: found by seed {found[1]}: {found[2]}")
        return int(found[1])
    return None


def main(program, seeds):
    missed = [mutant for mutant in MUTANTS if first_found(program, seeds, mutant) is None]
    for mutant in missed:
        print(f"the simulation did not find the mutant {mutant} in {seeds} seeds")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
