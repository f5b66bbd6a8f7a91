# SPDX-License-Identifier: Apache-2.0
"""Runs the real producer, collector and decoder for end_to_end_test.py, each run in a folder of its own."""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from cases import Skipped  # noqa: E402
from served import Served  # noqa: E402


class Workplace(Served):
    """Rings and an archive, where the programs are built."""

    def __init__(self, *programs):
        missing = [program for program in programs if not shutil.which(program)]
        if missing:
            raise Skipped(f"not built: {', '.join(missing)}")

    def __enter__(self):
        super().__enter__()
        self.environment["TZ"] = "UTC"
        self.archive.mkdir()
        return self

    def replay(self, *options):
        """Runs lmlog-replay synth to its end; gives its summary."""
        return super().replay("synth", *options)

    def drain(self):
        done = self.collect("--drain")
        assert done.returncode == 0, f"lmlog-collector --drain gave {done.returncode}: {done.stderr}"

    def decode(self, *paths):
        """Records of lmlog-decode as objects."""
        done = self.run("lmlog-decode", "cat", "-o", "json", *paths)
        # 1: nothing to show.
        assert done.returncode == 0 or done.returncode == 1 and not done.stdout, \
            f"lmlog-decode: {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]
