#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the kill torture: each mutant breaks the protocol in one line, and must be found, by the command and the seed that
the shipped programs pass (the test `kill torture`). (Those that only a torn or lost write shows are the simulation's to
find.)

Usage: mutants_test.py TORTURE COLLECTOR DECODE REAL_COLLECTOR REAL_DECODE ARGUMENTS...     (the first three are mutable)
"""
import dataclasses
import json
import os
import subprocess
import sys
import time

ROUND = ("--kills", "3000", "--round-kills", "100", "--seed", "1", "--any-histogram")
RECORDS_ARE_WRONG = {"lost", "doubled", "invented", "changed", "miscounted", "refused", "disordered"}


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    what: str
    found_by: frozenset  # one of these must be wrong
    mutable_collector: bool = True
    mutable_decode: bool = False


def mutant(name, what, *found_by, **programs):
    return Mutant(name, what, frozenset(found_by or RECORDS_ARE_WRONG), **programs)


MUTANTS = (
    mutant("tail_before_journal", "tails are released before the journal is written", "lost", "miscounted"),
    mutant("tail_trusted_at_restart", "a ring goes on at its tail, not where the archive ends", "doubled", "miscounted"),
    mutant("living_declared_dead", "a living producer is taken for dead", "lost", "miscounted", "left_behind"),
    mutant("head_before_body", "a producer publishes a record before it writes it"),
    mutant("head_after_body", "the collector copies first, and then reads how far the ring goes"),
    mutant("stamp_unchecked", "a record's stamp is not looked at", "doubled", "unreadable"),
    mutant("rename_unchecked", "a producer does not look whether its ring has got its name", "miscounted"),
    mutant("handed_over_without_state", "a thread takes over a ring without saying so", "misattributed"),
    mutant("replaces_ignored", "the collector leaves what another segment replaces", "replaced_twice"),
    mutant("replaces_ignored", "the decoder reads what another segment replaces", "doubled", mutable_collector=False,
           mutable_decode=True),
)


def torture(programs, arguments, one):
    """What was wrong, by name; None when the run gave no result."""
    torture_program, collector, decode, real_collector, real_decode = programs
    environment = {**os.environ, "LMLOG_MUTANT": one.name}
    command = [torture_program, *arguments, *ROUND, "--collector", collector if one.mutable_collector else real_collector,
               "--decode", decode if one.mutable_decode else real_decode]
    begin = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)
    seconds = time.monotonic() - begin
    try:
        said = json.loads(result.stdout.splitlines()[0])
    except (IndexError, ValueError):
        print(result.stdout, result.stderr)
        return None
    wrong = {name for kind in ("faults", "checks") for name, count in said[kind].items() if count}
    print(f"{one.name} ({one.what}): {', '.join(sorted(wrong)) or 'nothing'} after {said['kills']} kills, {seconds:.1f} s",
          flush=True)
    return wrong


def main(*arguments):
    programs, rest = arguments[:5], arguments[5:]
    missed = 0
    for one in MUTANTS:
        wrong = torture(programs, rest, one)
        if wrong is None or not wrong & one.found_by:
            print(f"the torture did not find the mutant {one.name} by {' or '.join(sorted(one.found_by))}")
            missed += 1
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
