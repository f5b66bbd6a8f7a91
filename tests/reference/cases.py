# SPDX-License-Identifier: Apache-2.0
"""Runs the functions of a test script whose names start with test_ as one TAP case each."""
import contextlib
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "meta"))
from tap import Tap  # noqa: E402


class Skipped(Exception):
    """A case that cannot run here; its text says why."""


def run(namespace, place=None):
    """Runs the cases of a module's globals() in their order, or those that the command line names, each in a `place` of
    its own if there is one; gives the exit code."""
    tap = Tap()
    for name, function in list(namespace.items()):
        if not name.startswith("test_") or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        sentence = name.removeprefix("test_").replace("_", " ")
        try:
            with place() if place else contextlib.nullcontext() as here:
                function(*([here] if place else []))
        except Skipped as reason:
            tap.skip(sentence, str(reason))
        except Exception:  # any failure of a case is its problem
            tap.case(sentence, [traceback.format_exc(limit=-4)])
        else:
            tap.case(sentence, [])
    return tap.finish()


def equal(found, expected):
    assert found == expected, f"{found!r} where {expected!r} was expected"
