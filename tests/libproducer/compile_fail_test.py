# SPDX-License-Identifier: Apache-2.0
"""Bad log statements are compile errors with one readable message each, under g++ and clang++.
usage: compile_fail_test.py PROGRAM... -- COMPILER...     (called by meson)
Each program names its message in its second line ("with one error", or "first error" where the compiler adds words of
its own); control.cpp must compile without a warning, also with a sanitizer, which
makes the compilers know less."""
import multiprocessing.pool
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
sys.path.insert(0, str(ROOT / "tests" / "meta"))
from tap import Tap  # noqa: E402

FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-fdiagnostics-color=never",
         *(f"-I{ROOT / area / 'include'}" for area in ("libproducer", "formats"))]


def version(compiler):
    return subprocess.run(compiler + ["--version"], capture_output=True, text=True, check=False).stdout


def compile_program(compiler, program, *flags):
    return subprocess.run([*compiler, *FLAGS, "-fsyntax-only", *flags, str(program)], capture_output=True, text=True, check=False)


def precompiled(compiler, folder):
    """The option that spares a program the reading of lmlog.hpp, three quarters of its time."""
    header = pathlib.Path(folder, f"{pathlib.Path(compiler[-1]).name}.hpp")
    header.write_text("#include <lmlog/lmlog.hpp>\n", encoding="utf-8")
    subprocess.run([*compiler, *FLAGS, "-x", "c++-header", str(header), "-o", f"{header}.gch"], check=True)
    return ["-include", str(header)]


def problems(run, alone, expected):
    """What is wrong with the compiler's answer."""
    errors = re.findall(r"^.*\berror: (.*)$", run.stderr, re.MULTILINE)
    if run.returncode == 0:
        yield "it compiles"
    elif not errors or alone and len(errors) != 1:
        yield f"{len(errors)} errors instead of one:"
        yield from run.stderr.splitlines()
    elif expected not in errors[0]:
        yield f"says: {errors[0]}"
        yield f"instead of: {expected}"


def expectation(program):
    """Whether the error stands alone, and the message that the program's second line promises."""
    line = program.read_text(encoding="utf-8").splitlines()[1]
    found = re.fullmatch(r"// Must not compile, (with one|first) error: (.*)", line)
    return (found.group(1) == "with one", found.group(2)) if found else None


def check(job):
    """Name of the case and its problems."""
    title, compiler, spared, program = job
    if program.stem == "control":
        warned = [compile_program(compiler, program, *flags).stderr for flags in ([], ["-fsanitize=undefined"])]
        return f"{title} takes good statements without a warning", "".join(warned).splitlines()
    sets_macros = "#define LMLOG_" in program.read_text(encoding="utf-8")
    run = compile_program(compiler, program, *([] if sets_macros else spared))
    expected = expectation(program)
    wrong = list(problems(run, *expected)) if expected else ["its second line names no message"]
    return f"{title} refuses {program.stem}", wrong


def main():
    split = sys.argv.index("--")
    programs = [pathlib.Path(name) for name in sys.argv[1:split]]
    compilers = {"the build's compiler": sys.argv[split + 1:]}
    other = "g++" if "clang" in version(sys.argv[split + 1:]) else "clang++-14"
    if shutil.which(other):
        compilers[other] = [other]
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, multiprocessing.pool.ThreadPool(os.cpu_count()) as pool:
        jobs = [(title, compiler, spared, program) for title, compiler in compilers.items()
                for spared in [precompiled(compiler, folder)] for program in programs]
        for name, wrong in pool.imap(check, jobs):
            tap.case(name, wrong)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
