# SPDX-License-Identifier: Apache-2.0
"""Shipped code is what it would be without the mutants: every source that has one, and a file of log calls, compile to
the same assembly when each mutant(...) is a plain `false`.
usage: mutants_test.py CALL_SITES.cpp COMPILER...     (called by meson)"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from tap import Tap  # noqa: E402

ROOT = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
BUILD = pathlib.Path(os.environ["LMLOG_BUILD_ROOT"])
HEADER = pathlib.Path("lmlog", "formats", "mutant.hpp")
NO_MUTANT = """
namespace lmlog::formats { inline constexpr bool kNoMutant = false; }
#define mutant(which) kNoMutant
"""
FOLDERS = ("formats", "libproducer", "collector", "decoder")


def text_of(path):
    return path.read_text(encoding="utf-8")


def sources_with_mutants():
    """What is compiled; a header's mutants are in the sources of its includers, of which the log calls stand for all."""
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.cpp"))
            if re.search(r"\bmutant\(", text_of(path))]


def assembly(compiler, source, *first):
    """Without debug information, which has line numbers; the version goes into a data section."""
    includes = [f"-I{path}" for path in (*first, ROOT, BUILD, ROOT / "libproducer/include", ROOT / "formats/include")]
    return subprocess.run([*compiler, "-std=c++20", "-O2", "-g0", "-fPIC", "-S", *includes, str(source), "-o", "-"], check=True,
                          capture_output=True, text=True).stdout


def main(call_sites, *compiler):
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        without = pathlib.Path(folder) / HEADER
        without.parent.mkdir(parents=True)
        without.write_text(text_of(ROOT / "formats/include" / HEADER) + NO_MUTANT, encoding="utf-8")
        # The folder comes first; a header that is included beside its includer would be found there before.
        for source in (pathlib.Path(call_sites), *sources_with_mutants()):
            same = assembly(compiler, source) == assembly(compiler, source, pathlib.Path(folder))
            tap.case(f"{source.relative_to(ROOT)} is compiled as if it had no mutant",
                     [] if same else ["the assembly differs"])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
