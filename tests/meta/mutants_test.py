# SPDX-License-Identifier: Apache-2.0
"""Shipped code is what it would be without the mutants: every source that has one, and a file of log calls, compile to
the same assembly when each mutant(...) is a plain `false`.
usage: mutants_test.py FOLDERS CALL_SITES.cpp COMPILER...     (FOLDERS by commas: where sources are looked for)"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from tap import Tap  # noqa: E402

ROOT = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"]).resolve()
BUILD = pathlib.Path(os.environ["LMLOG_BUILD_ROOT"])
WITHOUT = BUILD / "tests" / "meta" / "without-mutants"  # holds the header, before all others
HEADER = pathlib.Path("lmlog", "formats", "mutant.hpp")
NO_MUTANT = """
namespace lmlog::formats { inline constexpr bool kNoMutant = false; }
#define mutant(which) kNoMutant
"""


def text_of(path):
    return path.read_text(encoding="utf-8")


def sources_with_mutants(folders):
    """What is compiled; a header's mutants are in the sources of its includers, of which the log calls stand for all."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.cpp"))
            if re.search(r"\bmutant\(", text_of(path))]


def assembly(compiler, source, without):
    """Without debug information, which has line numbers. Files of the build folder, so that ccache knows them again."""
    first = [WITHOUT] if without else []
    includes = [f"-I{path}" for path in (*first, ROOT, BUILD, ROOT / "libproducer/include", ROOT / "formats/include")]
    made = WITHOUT / ("-".join(source.relative_to(ROOT).parts) + (".without.s" if without else ".s"))
    subprocess.run([*compiler, "-std=c++20", "-O2", "-g0", "-fPIC", "-S", *includes, str(source), "-o", str(made)], check=True)
    return text_of(made)


def main(folders, call_sites, *compiler):
    tap = Tap()
    (WITHOUT / HEADER).parent.mkdir(parents=True, exist_ok=True)
    (WITHOUT / HEADER).write_text(text_of(ROOT / "formats/include" / HEADER) + NO_MUTANT, encoding="utf-8")
    sources = [pathlib.Path(call_sites).resolve(), *sources_with_mutants(folders.split(","))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pairs = list(pool.map(lambda source: [assembly(compiler, source, without) for without in (False, True)], sources))
    for source, (shipped, without) in zip(sources, pairs):
        tap.case(f"{source.relative_to(ROOT)} is compiled as if it had no mutant", [] if shipped == without else ["the assembly differs"])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
