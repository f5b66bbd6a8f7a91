# SPDX-License-Identifier: Apache-2.0
"""Runs the functions of a test script whose names start with test_ as one TAP case each."""
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "meta"))
from tap import Tap  # noqa: E402


class Skipped(Exception):
    """A case that cannot run here; its text says why."""


def run(namespace):
    """Runs the cases of a module's globals() in their order; gives the exit code."""
    tap = Tap()
    for name, function in list(namespace.items()):
        if not name.startswith("test_"):
            continue
        sentence = name.removeprefix("test_").replace("_", " ")
        try:
            function()
        except Skipped as reason:
            tap.skip(sentence, str(reason))
        except Exception:  # any failure of a case is its problem
            tap.case(sentence, [traceback.format_exc(limit=-4)])
        else:
            tap.case(sentence, [])
    return tap.finish()


def equal(found, expected):
    assert found == expected, f"{found!r} where {expected!r} was expected"
