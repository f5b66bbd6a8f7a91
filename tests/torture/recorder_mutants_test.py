#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the test of the flight recorder: a decoder and a collector that do not read the floor again after they have
copied a ring must be found by it, each by the case that the real program passes.

Usage: recorder_mutants_test.py FLIGHT_RECORDER_TEST RECORDER_SERVICE DECODE_MUTANT COLLECTOR_MUTANT
"""
import os
import pathlib
import subprocess
import sys
import tempfile

CASES = {"lmlog-decode": "test_a_ring_is_read_while_it_is_overwritten_at_full_speed",
         "lmlog-collector": "test_a_collector_archives_what_it_can_and_says_what_was_overwritten"}
TRIES = 12  # the collector looks seldom while the floor moves: about every second run has such a moment


def found(test, service, program, mutant):
    with tempfile.TemporaryDirectory(prefix="lmlog-mutant-") as folder:
        pathlib.Path(folder, program).symlink_to(mutant)
        environment = {**os.environ, "PATH": folder + os.pathsep + os.environ["PATH"], "LMLOG_MUTANT": "floor_not_read_again"}
        for _ in range(TRIES):
            result = subprocess.run([sys.executable, test, service, CASES[program]], capture_output=True, text=True,
                                    env=environment, check=False)
            if result.returncode != 0:
                print(f"{program}: {result.stdout[:2000]}")
                return True
    return False


def main(test, service, decoder, collector):
    missed = [program for program, mutant in (("lmlog-decode", decoder), ("lmlog-collector", collector))
              if not found(test, service, program, mutant)]
    for program in missed:
        print(f"the test did not find the mutant of {program}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
