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

sys.dont_write_bytecode = True
MUTANT = "floor_not_read_again"
CASE = "test_a_ring_is_read_while_it_is_overwritten_at_full_speed"
CALLS = 20_000_000  # so many that the floor moves while the collector copies
TRIES = 20  # a busy machine may stop the service just while the mutant looks


def decoder_is_found(test, service, mutant):
    with tempfile.TemporaryDirectory(prefix="lmlog-mutant-") as folder:
        pathlib.Path(folder, "lmlog-decode").symlink_to(pathlib.Path(mutant).resolve())
        environment = {**os.environ, "PATH": folder + os.pathsep + os.environ["PATH"], "LMLOG_MUTANT": MUTANT}
        return any(subprocess.run([sys.executable, test, service, CASE], capture_output=True, env=environment,
                                  check=False).returncode for _ in range(TRIES))


def quarantined(test, service, collector):
    """What the collector refuses of an honest service."""
    for folder in (pathlib.Path(test).parent, pathlib.Path(test).parent.parent / "reference"):
        sys.path.insert(0, str(folder))
    from served import Served
    with Served() as served:
        served.environment["LMLOG_MUTANT"] = MUTANT
        process = served.start(collector, "--rings", served.rings, "--archive", served.archive)
        producer = served.start(service, 64 << 10, CALLS, 0)
        producer.stdout.readline()
        process.terminate()
        process.communicate()
        return served.status()["quarantined"]


def main(test, service, decoder, collector):
    problems = []
    if not decoder_is_found(test, service, decoder):
        problems.append("the test did not find the mutant of lmlog-decode")
    if not any(quarantined(test, service, collector) for _ in range(TRIES)):
        problems.append("the mutant of lmlog-collector met nothing wrong")
    if refused := quarantined(test, service, "lmlog-collector"):
        problems.append(f"the real lmlog-collector refused {refused}")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
