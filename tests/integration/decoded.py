# SPDX-License-Identifier: Apache-2.0
"""Archives of real processes and lmlog-decode on them, for the tests of its command line."""
import json
import os
import pathlib

from cases import equal

GOLDEN = pathlib.Path(os.environ.get("LMLOG_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]), "tests", "golden")
DONE, NOTHING, USAGE, DAMAGED, IO, INTERRUPTED = 0, 1, 2, 3, 4, 130
# lmlog-replay mix: W1 to W5 in turn, and 1 in 1,000 WARN.
MIX = 5000


def archive(served, service="orders", records=MIX):
    """An archive with the records of one process, and its report."""
    report = served.replay("synth", "--workload", "mix", "--records", records, "--policy", "drop", "--ring-bytes", "4MiB",
                           "--service", service)
    equal(served.collect("--drain").returncode, DONE)
    equal(report["stored"], records)
    return served.archive


def decode(served, *arguments, **options):
    return served.run("lmlog-decode", *arguments, **options)


def lines(served, *arguments):
    done = decode(served, "-o", "json", *arguments, served.archive)
    assert done.returncode in (DONE, NOTHING) and not done.stderr, done
    equal(done.returncode, DONE if done.stdout else NOTHING)
    return [json.loads(line) for line in done.stdout.splitlines()]
