# SPDX-License-Identifier: Apache-2.0
"""The workplace of the tools' tests: what producers left in its rings, as the independent reader finds it."""
import pathlib
import sys

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "integration"), str(TESTS / "reference")]
from lmlog_reference.files import read_file  # noqa: E402
from workplace import Workplace  # noqa: E402


class RingsRead(Workplace):
    """Rings that nobody drains."""

    def records(self):
        """{thread: its statements in order}, as the independent reader finds them in the ring files."""
        threads = {}
        for path in sorted(self.rings.glob("*.ring")):
            found = read_file(str(path))
            assert found["damage"] == [], found["damage"]
            for record in found["records"]:
                if record["kind"] == "statement":
                    threads.setdefault(record["thread"], []).append(record)
        return threads

    def argument_types(self):
        """{template: its argument types}, from the session's catalog."""
        (path,) = self.rings.glob("*.session")
        return {statement["template"]: [argument["type"] for argument in statement["arguments"]]
                for statement in read_file(str(path))["catalog"]["statements"]}
