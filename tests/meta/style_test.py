#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source keeps the house rules and its layout, and each rule is shown to catch a file that breaks it."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import style  # noqa: E402
from tap import Tap  # noqa: E402

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n// A sentence.\n"
PRAGMA = "#pragma once\n"

# Rule, file name, text that breaks it.
BROKEN = [
    ("short_enough", "ring_writer.cpp", LICENCE + "int x;\n" * 460),
    ("has_licence", "ring_writer.cpp", "// A sentence.\nint x;\n"),
    ("says_what_it_is", "ring_writer.cpp", "// SPDX-License-Identifier: Apache-2.0\n\n#include <vector>\n"),
    ("is_finished", "ring_writer.cpp", LICENCE + "// TO" + "DO: later\n"),
    ("has_a_noun_for_a_name", "string_utils.cpp", LICENCE),
    ("has_a_noun_for_a_name", "RingWriter.cpp", LICENCE),
    ("has_pragma_once", "ring_writer.hpp", LICENCE + "int x;\n"),
    ("includes_own_header_first", "ring_writer.cpp", LICENCE + "#include <vector>\n#include \"ring_writer.hpp\"\n"),
    ("has_clean_lines", "ring_writer.cpp", LICENCE + "int x; \n"),
    ("skips_aloud", "ring_test.cpp", LICENCE + "TEST(A, B) { GTEST_SKIP()" + "; }\n"),
    ("skips_aloud", "ring_test.cpp", LICENCE + "TEST(A, DISA" + "BLED_B) {}\n"),
    ("is_portable", "ring_test.cpp", LICENCE + "// see /home" + "/me/x\n"),
    ("is_built", "ring_writer.cpp", LICENCE),
]


def catches(rule_name, file_name, text):
    """Problems that a rule finds in a made-up tree of one bad file and a header."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder, "tree")
        (root / "formats").mkdir(parents=True)
        (root / "meson_options.txt").write_text("")
        (root / "formats" / "meson.build").write_text("files('other.cpp')\n")
        (root / "formats" / "ring_writer.hpp").write_text(LICENCE + PRAGMA)
        (root / "formats" / file_name).write_text(text)
        return list(style.problems_of_tree(root, getattr(style, rule_name)))


def badly_formatted(root):
    """C++ files that clang-format would change."""
    files = [str(path) for path in style.sources(root) if style.is_cpp(path)]
    run = subprocess.run(["clang-format-14", "--dry-run", "-Werror", "--ferror-limit=1", *files],
                         capture_output=True, text=True, check=False)
    bad = sorted({line.split(":", 1)[0] for line in run.stderr.splitlines() if "error:" in line})
    return [f"{os.path.relpath(path, root)}: run clang-format-14 -i on it" for path in bad]


def main():
    tap = Tap()
    root = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
    for rule in style.RULES:
        tap.case(f"every source {rule.__name__.replace('_', ' ')}", list(style.problems_of_tree(root, rule)))
    for rule_name, file_name, text in BROKEN:
        found = catches(rule_name, file_name, text)
        tap.case(f"{rule_name} catches a bad {file_name}", [] if found else ["it found nothing"])
    if shutil.which("clang-format-14"):
        tap.case("every C++ file is laid out by .clang-format", badly_formatted(root))
    else:
        tap.skip("every C++ file is laid out by .clang-format", "clang-format-14 is not installed")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
