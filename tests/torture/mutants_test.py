#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the torture test: each mutant of the collector breaks the protocol on purpose, and must be found, by the command
and the seed of the test that the collector itself passes.

Usage: mutants_test.py COMMAND...
"""
import os
import subprocess
import sys

MUTANTS = ("tail_before_journal", "tail_trusted_at_restart")


def found(command, mutant):
    result = subprocess.run([sys.executable, *command], capture_output=True, text=True, env={**os.environ, "LMLOG_MUTANT": mutant},
                            check=False)
    print(f"{mutant}: {result.stdout.strip()}")
    if result.returncode not in (0, 1):
        print(result.stderr)
    return result.returncode == 1


def main(*command):
    missed = [mutant for mutant in MUTANTS if not found(command, mutant)]
    for mutant in missed:
        print(f"the torture test did not find the mutant {mutant}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
