#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads session, ring, journal and segment files by the pages in formats/spec/ alone and prints JSON.

usage: lmlog_reference.py FILE...    exit codes: 0 good, 2 usage, 3 damaged or refused, 4 cannot be read
"""
import json
import os
import pathlib
import sys

# This file and the package have one name; the folder of the package comes first in the search.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
from lmlog_reference.files import read_file  # noqa: E402


def main(paths):
    if not paths or any(path.startswith("-") for path in paths):
        print(__doc__.strip(), file=sys.stderr)
        return 0 if paths in (["-h"], ["--help"]) else 2
    results, code = [], 0
    for path in paths:
        try:
            result = read_file(path, paths)
        except OSError as problem:
            print(f"{path}: {problem.strerror}", file=sys.stderr)
            code = 4
            continue
        for damage in result["damage"]:
            end = damage["offset"] + damage["length"]
            print(f"{path}: [{damage['offset']}, {end}): {damage['kind']}: {damage['message']}", file=sys.stderr)
            code = code or 3
        results.append(result)
    try:
        json.dump(results, sys.stdout, indent=1)
        print()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
