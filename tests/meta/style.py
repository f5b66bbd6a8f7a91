# SPDX-License-Identifier: Apache-2.0
"""House rules that a script can check: each rule takes a file and gives its problems."""
import pathlib
import re

CODE_SUFFIXES = {".hpp", ".cpp", ".h", ".c", ".py", ".sh"}
MAX_LINES = 450  # past it a file is two ideas
NO_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}
SKIPPED_FOLDERS = {"build", "demo", ".git", "__pycache__", "subprojects"}


def is_cpp(path):
    return path.suffix in {".hpp", ".cpp", ".h", ".c"}


def is_script(path):
    """A file without suffix that starts with #!, as tools/test."""
    if path.suffix or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def sources(root):
    """Code and scripts of the tree, in path order."""
    for path in sorted(root.rglob("*")):
        top = path.relative_to(root).parts[0]
        if top in SKIPPED_FOLDERS or top.startswith("build-") or "__pycache__" in path.parts or not path.is_file():
            continue
        if path.suffix in CODE_SUFFIXES or is_script(path):
            yield path


def short_enough(path, text):
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{lines} lines; at most {MAX_LINES}"


def has_licence(path, text):
    if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.splitlines()[:3]):
        yield "no SPDX line in the first three lines"


def says_what_it_is(path, text):
    """The line after SPDX (and #!) opens with a sentence."""
    rest = [line for line in text.splitlines()[:6] if line and not line.startswith("#!") and "SPDX" not in line]
    if not rest or not re.match(r'(//|#|"""|/\*|\*) ?\S|#$', rest[0].strip()) or rest[0].startswith("#include"):
        yield "no sentence at the top that says what the file is"


UNFINISHED = re.compile(r"\b(TO" "DO|FIX" "ME|XX" "X|HA" r"CK)\b")  # in pieces: this file is checked too


def is_finished(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"line {number}: unfinished work: {line.strip()}"


def has_a_noun_for_a_name(path, text):
    if set(re.split(r"[_.]", path.stem)) & NO_NAMES:
        yield "name the idea: no utils, common, helpers or misc"
    if not re.fullmatch(r"[a-z0-9_]+", path.stem):
        yield "file names are snake_case"


def has_pragma_once(path, text):
    if path.suffix in {".hpp", ".h"} and not re.search(r"^#pragma once$", text, re.MULTILINE):
        # A C header that C programs include may guard itself with a macro.
        if not (path.suffix == ".h" and "#ifndef" in text):
            yield "no #pragma once"


def includes_own_header_first(path, text):
    if path.suffix != ".cpp":
        return
    first = re.search(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.MULTILINE)
    if path.with_suffix(".hpp").exists() and first and pathlib.PurePath(first.group(1)).stem != path.stem:
        yield f"its own header comes first, not {first.group(1)}"


def has_clean_lines(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip() or "\t" in line and is_cpp(path):
            yield f"line {number}: trailing blank or tab"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "ends with exactly one newline"


def skips_aloud(path, text):
    """A test that is skipped says why; none is switched off."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if re.search(r"GTEST_SKIP\(\)\s*;", line):
            yield f"line {number}: GTEST_SKIP() without a reason"
        if re.search(r"\bTEST(_F|_P)?\(\s*\w+\s*,\s*DISABLED_", line):
            yield f"line {number}: a disabled test"
        if re.search(r"\bexit\(77\)", line) and "print" not in "".join(lines[max(0, number - 4):number]):
            yield f"line {number}: exit 77 without a printed reason"


def is_portable(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"(?<![\w.])/(work|root|home)/", line):
            yield f"line {number}: a path of one machine: {line.strip()}"


def is_built(path, text):
    """Source lists are explicit: a .cpp that no meson.build names is dead."""
    if path.suffix != ".cpp":
        return
    for folder in path.parents:
        build_file = folder / "meson.build"
        if build_file.exists() and path.relative_to(folder).as_posix() in build_file.read_text(encoding="utf-8"):
            return
        if build_file.exists() and path.name in build_file.read_text(encoding="utf-8"):
            return
        if (folder / "meson_options.txt").exists():
            break
    yield "no meson.build lists it"


RULES = [short_enough, has_licence, says_what_it_is, is_finished, has_a_noun_for_a_name, has_pragma_once,
         includes_own_header_first, has_clean_lines, skips_aloud, is_portable, is_built]


def problems_of_tree(root, rule):
    """Problems that one rule finds in a tree, as 'path: sentence'."""
    root = pathlib.Path(root)
    for path in sources(root):
        for problem in rule(path, path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}: {problem}"
