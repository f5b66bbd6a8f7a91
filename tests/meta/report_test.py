#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/test_report.py counts cases and not programs: shown on a real meson project whose tests pass, fail, skip,
crash, time out, and fail outside their cases. usage: report_test.py MESON..."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from tap import Tap  # noqa: E402

MESON_BUILD = """
project('made-up', 'cpp', default_options: ['cpp_std=c++17', 'buildtype=plain'])
python = find_program('python3')
program = executable('cases', 'cases.cpp', dependencies: dependency('gtest_main'))
test('cases', program, protocol: 'gtest', args: '--gtest_filter=Good.*')
test('one bad case', program, protocol: 'gtest', args: '--gtest_filter=Good.Passes:Bad.Fails')
test('bad exit', program, protocol: 'gtest', args: '--gtest_filter=Good.Passes', env: {'EXIT_WITH': '3'})
test('crash', program, protocol: 'gtest', args: '--gtest_filter=Good.Passes:Crash.*')
test('script good', python, args: ['-c', 'pass'])
test('script bad', python, args: ['-c', 'raise SystemExit(1)'])
test('script skips', python, args: ['-c', 'print("no data"); raise SystemExit(77)'])
test('script late', python, args: ['-c', 'import time; time.sleep(60)'], timeout: 1)
test('tap', python, protocol: 'tap', args: ['-c', 'print("1..3\\\\nok 1\\\\nok 2 # SKIP no tool\\\\nnot ok 3")'])
"""

CASES_CPP = """
#include <gtest/gtest.h>
#include <cstdlib>
#include <unistd.h>
struct EndOfProgram : testing::Environment {
  void TearDown() override { if (auto* code = std::getenv("EXIT_WITH")) std::atexit([] { _exit(3); }), (void)code; }
};
[[maybe_unused]] const auto* const end = testing::AddGlobalTestEnvironment(new EndOfProgram);
TEST(Good, Passes) {}
TEST(Good, PassesToo) {}
TEST(Good, Skips) { GTEST_SKIP() << "no tmpfs"; }
TEST(Bad, Fails) { FAIL(); }
TEST(Crash, Dies) { std::abort(); }
"""

# Good: 2 passed, 1 skipped. one bad case: 1 + 1 failed. bad exit: 1 passed, and 1 failed outside. crash: no report is
# written: 1 failed. Scripts: 1 passed, 2 failed, 1 skipped. TAP: 1 passed, 1 skipped, 1 failed.
EXPECTED = "6 passed, 6 failed, 3 skipped"


def report_of(folder, root):
    """Last lines and exit code of the report over a folder of results."""
    done = subprocess.run([sys.executable, str(root / "tools/test_report.py"), str(folder)], text=True,
                          capture_output=True, check=False)
    return done.stdout.splitlines(), done.returncode


def main():
    tap, root, meson = Tap(), pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"]), sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "meson.build").write_text(MESON_BUILD)
        (folder / "cases.cpp").write_text(CASES_CPP)
        for command in (["setup", "build"], ["compile", "-C", "build"], ["test", "-C", "build", "--logbase", "made-up"]):
            done = subprocess.run([*meson, *command], cwd=folder, text=True, capture_output=True, check=False)
        results = folder / "results"
        results.mkdir()
        for log in (folder / "build/meson-logs").glob("made-up.*"):
            shutil.copy(log, results)
        lines, code = report_of(results, root)
        tap.case("the last line counts cases", [] if lines and lines[-1] == EXPECTED else
                 [f"expected {EXPECTED}, got:", *lines, done.stdout[-1500:]])
        tap.case("a failure gives a failing exit code", [] if code == 1 else [f"it was {code}"])
        wanted = ["no tmpfs", "no data", "no tool", "bad exit: FAIL outside its cases", "script late: TIMEOUT"]
        tap.case("reasons of skipped and failed cases are shown",
                 [f"missing: {words}" for words in wanted if not any(words in line for line in lines)])
        (results / "steps.tsv").write_text("passed\tfuzz-x\nfailed\tbuild in build/y\n")
        lines, _ = report_of(results, root)
        tap.case("steps that are no meson test count too",
                 [] if lines[-1] == "7 passed, 7 failed, 3 skipped" else lines[-3:])
        (results / "made-up.junit.xml").unlink()
        lines, _ = report_of(results, root)
        tap.case("a run that stopped before its end is a failure",
                 [] if lines[-1] == "1 passed, 2 failed, 0 skipped" else lines[-3:])
        empty = folder / "empty"
        empty.mkdir()
        lines, code = report_of(empty, root)
        tap.case("no test at all is a failure", [] if code == 1 and lines[-1].startswith("0 passed") else lines)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
