#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every golden file through the reference reader: good ones say what their CASE.json says, broken ones break as it says."""
import json
import os
import pathlib
import sys

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from lmlog_reference.files import read_file  # noqa: E402

GOLDEN = pathlib.Path(os.environ.get("LMLOG_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]), "tests", "golden")
# Kinds of damage.py as tests/golden/README.md names them; all others are `damaged`.
CODES = {"torn": "truncated", "unknown": "unsupported", "version": "unsupported", "flags": "unsupported",
         "truncated": "truncated", "not_ours": "not_ours"}
# What this reader says of a record besides; `length` and `index` of a piece are compared where CASE.json has them.
KNOWN_MORE = {"cursor", "time", "session", "service", "host", "pid"}


def code_of(damage):
    return CODES.get(damage["kind"], "damaged")


def differences(mine, expected, place):
    """Where the reading lacks, or contradicts, what is expected; a record must not have more than is expected either."""
    if isinstance(expected, dict) and isinstance(mine, dict):
        for key in expected:
            if key not in mine:
                yield f"{place}.{key} is missing"
            else:
                yield from differences(mine[key], expected[key], f"{place}.{key}")
        if "kind" in expected and "raw_time" in expected:
            for key in set(mine) - set(expected) - KNOWN_MORE:
                # The collector's records have no place in the ring; columns that cannot be read leave empty fields.
                if mine[key] not in (None, {}) and not mine.get("by_collector"):
                    yield f"{place}.{key} is not expected: {mine[key]!r}"
    elif isinstance(expected, list) and isinstance(mine, (list, tuple)):
        if len(mine) != len(expected):
            yield f"{place} has {len(mine)} items where {len(expected)} are expected"
        for index, (my_item, item) in enumerate(zip(mine, expected)):
            yield from differences(my_item, item, f"{place}[{index}]")
    elif repr(mine) != repr(expected):  # tells 0.0 from -0.0 and 1 from 1.0 and True
        yield f"{place} is {mine!r} where {expected!r} is expected"


def check(case):
    """One golden file against its CASE.json."""
    expected = json.loads(case.read_text(encoding="utf-8"))
    found = json.loads(json.dumps(read_file(str(case.parent / expected["file"]))))
    verdict = "refused" if "refused" in found else "damaged" if found["damage"] else "good"
    equal((verdict, found["damage"] if verdict == "damaged" else []),
          (expected["verdict"], found["damage"] if expected["verdict"] == "damaged" else []))
    if verdict == "refused":
        equal(code_of(found["refused"]), expected["code"])
        return
    equal([(code_of(damage), damage["offset"], damage["length"]) for damage in found["damage"]],
          [(damage["code"], damage["offset"], damage["length"]) for damage in expected.get("damage", [])])
    problems = list(differences(found, expected["content"], expected["file"]))
    assert not problems, "\n".join(problems[:20])


def test_there_are_golden_files_of_every_kind_and_verdict():
    verdicts = {}
    for case in GOLDEN.glob("*/*.json"):
        verdicts.setdefault(case.parent.name, set()).add(json.loads(case.read_text(encoding="utf-8"))["verdict"])
    equal(verdicts, {kind: {"good", "damaged", "refused"} for kind in ("sessions", "rings", "journals", "segments")})


def cases():
    """One test for each file, so that each is counted."""
    for case in sorted(GOLDEN.glob("*/*.json")):
        yield f"test_{case.parent.name}_{case.stem}", lambda case=case: check(case)


if __name__ == "__main__":
    sys.exit(run({**globals(), **dict(cases())}))
