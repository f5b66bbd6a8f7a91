#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the torture test: each mutant of the collector breaks the protocol on purpose, and must be found.

Usage: mutants_test.py TORTURE PRODUCER MUTANT_COLLECTOR CHECK
"""
import os
import subprocess
import sys

MUTANTS = ("tail_before_journal", "tail_trusted_at_restart")
TRIES = 3  # of 10 s each: a mistake that needs a kill in a short moment may be missed once


def found(command, mutant):
    for attempt in range(TRIES):
        result = subprocess.run([*command, "--seconds", "10", "--seed", str(attempt + 1)], capture_output=True, text=True,
                                env={**os.environ, "LMLOG_MUTANT": mutant}, check=False)
        print(f"{mutant}, try {attempt + 1}: {result.stdout.strip()}")
        if result.returncode not in (0, 1):
            print(result.stderr)
            return False
        if result.returncode == 1:
            return True
    return False


def main(torture, producer, collector, check):
    command = [sys.executable, torture, "--producer", producer, "--collector", collector, "--check", check]
    missed = [mutant for mutant in MUTANTS if not found(command, mutant)]
    for mutant in missed:
        print(f"the torture test did not find the mutant {mutant}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
