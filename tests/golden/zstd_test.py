#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A segment is a valid zstd stream: the zstd program tests every whole golden segment."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "meta"))
sys.dont_write_bytecode = True
from tap import Tap  # noqa: E402


def problems_of(zstd, path):
    """What zstd -t says against the file."""
    done = subprocess.run([zstd, "-t", "-q", str(path)], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"zstd -t ends with {done.returncode}: {done.stderr.strip()}"]


def main():
    tap, zstd = Tap(), shutil.which("zstd")
    folder = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"]) / "tests" / "golden" / "segments"
    whole = [path for path in sorted(folder.glob("*.json")) if json.loads(path.read_text())["verdict"] == "good"]
    for path in whole:
        name = f"zstd -t takes {path.stem}.lms"
        if not zstd:
            tap.skip(name, "there is no zstd program")
        else:
            tap.case(name, problems_of(zstd, path.with_suffix(".lms")))
    tap.case("there are good segments", [] if len(whole) >= 5 else [f"only {len(whole)}"])
    if zstd:
        tap.case("zstd -t refuses a segment that is cut within a frame",
                 [] if problems_of(zstd, folder / "torn_frames.lms") else ["it took it"])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
