#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""README and docs/ cannot rot: their C++ compiles, their JSON is what is decoded, their commands and links exist.
usage: documentation_test.py LIBRARY TESTING_LIBRARY COMPILER...     (called by meson)"""
import os
import pathlib
import stat
import sys
import tempfile

sys.dont_write_bytecode = True
import doc_checks  # noqa: E402
from doc_blocks import Block, blocks_of, links_of  # noqa: E402
from tap import Tap  # noqa: E402


def pages_of(root):
    """README, the pages at the top, docs/ and the specifications."""
    pages = [root / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [page for page in pages + sorted((root / "docs").rglob("*.md")) + sorted((root / "formats/spec").glob("*.md"))
            if page.exists()]


def broken_links(root, page, text):
    return [f"{page.relative_to(root)}: link to nothing: {target}" for target in links_of(text)
            if not (page.parent / target).exists()]


def filled_archive(folder):
    """Rings and an archive with some records, for the blocks that are run."""
    rings, archive = folder / "rings", folder / "archive"
    rings.mkdir(mode=0o700)
    environment = {**os.environ, "LMLOG_RING_DIR": str(rings), "ARCHIVE": str(archive)}
    for service, drain in (("matching-engine", True), ("gateway", False)):
        made = doc_checks.run(["lmlog-replay", "synth", "--workload", "mix", "--threads", "2", "--records", "5000",
                               "--service", service], env=environment)
        if drain and made.returncode == 0:
            made = doc_checks.run(["lmlog-collector", "--drain", "--rings", str(rings), "--archive", str(archive)],
                                  env=environment)
        if made.returncode:
            raise RuntimeError(f"cannot make records for the documentation: {made.stderr}")
    return environment


def accept(path, shown, decoded):
    """Writes what was decoded into the page (LMLOG_ACCEPT=1), to be looked at before it is committed."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"```text\n{shown.text}```", f"```text\n{decoded}```", 1), encoding="utf-8")


def check_blocks(tap, root, blocks, compiler, commands):
    """One case for each block that is code."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="lmlog-doc-") as folder:
        environment = None
        for index, block in enumerate(blocks):
            name = f"{block.where()} ({block.language})"
            if block.language in ("c", "cpp") and "decoded below" in block.note:
                shown = blocks[index + 1]
                problems = doc_checks.check_decoded(block, shown, compiler)
                if problems and os.environ.get("LMLOG_ACCEPT") == "1" and shown.language == "text":
                    accept(root / shown.path, shown, doc_checks.run_and_decode(block, compiler, "text"))
                tap.case(name + " prints what is shown below it", problems)
            elif block.language == "cpp" and block.note == "run":
                tap.case(name + " runs", doc_checks.check_program(block, compiler))
            elif block.language == "cpp":
                tap.case(name + " compiles", compiler.check(block))
            elif block.language == "sh":
                tap.case(name + " names what exists", commands.check(block))
                if block.note == "run":
                    environment = environment or filled_archive(pathlib.Path(folder))
                    tap.case(name + " runs", doc_checks.check_run(block, environment, folder))


def check_the_checks(tap, compiler, root):
    """Each check is shown to fail on a broken block."""
    def cpp(text, note=""):
        return Block("made-up.md", 1, "cpp", text, note)

    good = cpp('LMLOG_INFO("order {order_id} filled at {px}", id, px);\n', "given: int id = 1; double px = 2;")
    tap.case("a good C++ block compiles", compiler.check(good))
    tap.case("a C++ block with a misspelt macro is caught",
             [] if compiler.check(cpp('LMLOG_INFOO("up");\n')) else ["it was not"])
    tap.case("a C++ block with a wrong placeholder count is caught",
             [] if compiler.check(cpp('LMLOG_INFO("{} {}", 1);\n')) else ["it was not"])
    shown = Block("made-up.md", 9, "json", '{"message":"order 1 filled at 3"}\n', "")
    tap.case("JSON that is not what is decoded is caught",
             [] if doc_checks.check_decoded(good, shown, compiler) else ["it was not"])
    line = "2026-11-22T21:44:15.123456789Z INFO   [main] order 1 filled at 2\n"
    for text, is_good in ((line, True), (line.replace("21:44", "08:30").replace("main", "other"), True),
                          (line.replace("at 2", "at 3"), False), (line + line, False), ("", False)):
        problems = doc_checks.check_decoded(good, Block("made-up.md", 9, "text", text, ""), compiler)
        tap.case(f"text that is {'decoded' if is_good else 'not what is decoded'} is {'accepted' if is_good else 'caught'}",
                 problems if is_good else [] if problems else ["it was not"])
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "lmlog-made-up")
        program.write_text("#!/bin/sh\necho 'usage: lmlog-made-up [--good] [-n N]'\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{folder}:{before}"
        commands = doc_checks.CommandCheck(root)
        for text, is_good in (("lmlog-made-up --good -n 3 | head\n", True), ("lmlog-made-up --goo\n", False),
                              ("lmlog-made-up 'x | y' --good >out\n", True), ("lmlog-missing --good\n", False),
                              ("frobnicate\n", False), ("tools/tset\n", False), ("tools/test --short\n", False)):
            problems = commands.check(Block("made-up.md", 1, "sh", text, ""))
            tap.case(f"the command '{text.strip()}' is {'accepted' if is_good else 'caught'}",
                     [] if bool(problems) != is_good else problems or ["it was not"])
        os.environ["PATH"] = before
    failing = doc_checks.check_run(Block("made-up.md", 1, "sh", "true\nfalse | cat\n", ""), dict(os.environ), "/")
    tap.case("a shell block that fails is caught", [] if failing else ["it was not"])
    try:
        blocks_of("made-up.md", "```sh\nls\n")
        tap.case("a block without an end is caught", ["it was not"])
    except ValueError:
        tap.case("a block without an end is caught", [])


def main():
    root = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
    compiler = doc_checks.Compiler(sys.argv[3:], root, pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    commands = doc_checks.CommandCheck(root)
    tap = Tap()
    for page in pages_of(root):
        text = page.read_text(encoding="utf-8")
        name = str(page.relative_to(root))
        tap.case(f"{name}: every link leads somewhere", broken_links(root, page, text))
        check_blocks(tap, root, blocks_of(name, text), compiler, commands)
    check_the_checks(tap, compiler, root)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
