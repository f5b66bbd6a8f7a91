# SPDX-License-Identifier: Apache-2.0
"""The compilers warn of arguments that are named like secrets, by name, at the lines of secret_names.cpp that say so and
nowhere else; with LMLOG_SECRET_NAMES_ARE_ERRORS these are errors.
usage: secret_names_test.py SECRET_NAMES.cpp     (called by meson)"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
sys.path.insert(0, str(ROOT / "tests" / "meta"))
from tap import Tap  # noqa: E402

FLAGS = ["-std=c++20", "-c", "-o", os.devnull, "-Wall", "-Wextra", "-Wpedantic", "-fdiagnostics-color=never"]
ADVICE = "lmlog: an argument is named like a secret: wrap it in lmlog::secret(), hashed() or not_secret()"


def expected(program):
    lines = program.read_text(encoding="utf-8").splitlines()
    return {number: found.group(1) for number, line in enumerate(lines, 1) if (found := re.search(r"// warns: (\w+)$", line))}


def reports(errors, kind, program):
    """Line of the statement and text of each report, and how many reports of this kind there are at all. g++ names the
    statement before its report, clang++ behind it."""
    found, total, place, report = [], 0, None, None
    for line in errors.splitlines():
        here = re.match(rf"{re.escape(str(program))}:(\d+):", line)
        inlined = re.search(rf"inlined from .* at {re.escape(str(program))}:(\d+):", line)
        if inlined or (here and "required from here" in line):
            place = int((inlined or here).group(1))
        if re.search(rf"\b{kind}: ", line):
            total += 1
            if here:
                found.append((int(here.group(1)), line))
            elif place is not None:
                found.append((place, line))
            else:
                report = line
        elif here and report is not None and "requested here" in line:
            found.append((int(here.group(1)), report))
            report = None
    return found, total


def problems(compiler, program, kind, flags, includes="-I"):
    wanted = expected(program)
    headers = [word for area in ("libproducer", "formats") for word in (includes, str(ROOT / area / "include"))]
    # A compiler cache may change the paths in what the compiler says.
    done = subprocess.run([compiler, *FLAGS, *flags, *headers, str(program)], capture_output=True, text=True, check=False,
                          env={**os.environ, "CCACHE_DISABLE": "1"})
    if (done.returncode != 0) != (kind == "error"):
        yield f"{compiler} gave {done.returncode}"
    found, total = reports(done.stderr, kind, program)
    lines = sorted(line for line, _ in set(found))  # g++ repeats itself where it copied a branch
    if lines != sorted(wanted) or total != len(found):
        yield f"{total} reports, at lines {lines} instead of {sorted(wanted)}:"
        yield from done.stderr.splitlines()
    for line, text in found:
        if ADVICE not in text:
            yield f"line {line}: {text}"
    if compiler == "g++" and kind == "warning":
        for line, name in wanted.items():
            if not any(f'"{name}"' in text for at, text in found if at == line):
                yield f"no report at line {line} names {name}"


def main():
    program = pathlib.Path(sys.argv[1])
    tap = Tap()
    for compiler in ("g++", "clang++-14"):
        if not shutil.which(compiler):
            tap.skip(f"{compiler} and names of secrets", "no such compiler")
            continue
        tap.case(f"{compiler} warns of names of secrets", list(problems(compiler, program, "warning", [])))
        if compiler == "g++":
            tap.case("g++ warns of them also where lmlog is a part of the system",
                     list(problems(compiler, program, "warning", [], "-isystem")))
        tap.case(f"{compiler} makes errors of them where that is wanted",
                 list(problems(compiler, program, "error", ["-DLMLOG_SECRET_NAMES_ARE_ERRORS"])))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
