# SPDX-License-Identifier: Apache-2.0
"""Checks of documentation blocks: C++ compiles, what is shown as decoded is what is decoded, commands and their
options exist. Each check gives a list of problems, as 'path:line: sentence'."""
import itertools
import json
import os
import pathlib
import re
import subprocess
import tempfile

from doc_blocks import commands_of, program_of, variables_of

# Commands of the system that our pages may use.
KNOWN_COMMANDS = {"apt-get", "cat", "cd", "cp", "curl", "df", "du", "export", "git", "head", "install", "jq", "kill",
                  "less", "ls", "meson", "mkdir", "mount", "mv", "ninja", "ps", "python3", "rm", "run-clang-tidy-14",
                  "sort", "systemctl", "systemd-run", "tail", "umount", "useradd", "wc", "zstd", "clang-format-14",
                  "setfacl", "journalctl", "zcat", "g++", "c++", "pkg-config", "true", "test"}
OWN_PREFIX = "lmlog-"
# Keys of a decoded record that differ from run to run.
CHANGING_KEYS = {"time", "time_unix_nano", "host", "pid", "tid", "thread", "session", "cursor", "file", "line"}


def run(words, **kwargs):
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120,
                          **kwargs)


TESTING_LIBRARIES = ["-lzstd", "-lxxhash", "-lfmt"]


class Compiler:
    """The C++ compiler with the flags that a service uses, and the C compiler beside it."""

    def __init__(self, words, source_root, library=None, testing_library=None):
        folders = ("libproducer/include", "formats/include", "tools/testing/include")
        warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-Wno-unused-but-set-variable"]
        self.include = [f"-I{source_root / folder}" for folder in folders]
        self.link_words = words
        self.words = [*words, "-std=c++20", *warnings, *self.include]
        self.c_words = ["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *self.include]
        self.library = library
        self.testing_library = testing_library

    def check(self, block):
        """A block that does not compile is a problem."""
        done = subprocess.run([*self.words, "-fsyntax-only", "-x", "c++", "-"], input=program_of(block), text=True,
                              capture_output=True, check=False)
        return [] if done.returncode == 0 else [f"{block.where()}: does not compile:\n{done.stderr[:2000]}"]

    def build(self, block, folder):
        """An executable from a block; raises ValueError with the compiler's words."""
        source = pathlib.Path(folder, f"block.{block.language}")
        program, made = pathlib.Path(folder, "block"), pathlib.Path(folder, "block.o")
        source.write_text(program_of(block), encoding="utf-8")
        words = self.c_words if block.language == "c" else self.words
        libraries = [self.testing_library, *TESTING_LIBRARIES] if "lmlog/testing/" in block.text else []
        done = run([*words, "-c", str(source), "-o", str(made)])
        if done.returncode == 0:
            done = run([*self.link_words, str(made), *map(str, libraries), str(self.library), "-pthread", "-o", str(program)])
        if done.returncode:
            raise ValueError(f"{block.where()}: cannot be built:\n{done.stderr[:2000]}")
        return str(program)


def check_program(block, compiler):
    """Runs a C++ block, which must end with 0."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="lmlog-doc-") as folder:
        try:
            done = run([compiler.build(block, folder)], env={**os.environ, "LMLOG_RING_DIR": folder}, cwd=folder)
        except ValueError as error:
            return [str(error)]
    return [] if done.returncode == 0 else [f"{block.where()}: ended with {done.returncode}: {done.stderr[:800]}"]


def run_and_decode(block, compiler, form):
    """Runs a C++ block; what lmlog-decode says of its rings. ValueError if either does not work."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="lmlog-doc-") as folder:
        program = compiler.build(block, folder)
        rings = pathlib.Path(folder, "rings")
        rings.mkdir(mode=0o700)
        environment = {**os.environ, "LMLOG_RING_DIR": str(rings), **variables_of(block)}
        ran = run([program], env=environment, cwd=folder)
        decoded = run(["lmlog-decode", "-o", form, "--color", "never", str(rings)], env=environment)
    if ran.returncode or decoded.returncode:
        raise ValueError(f"{block.where()}: program ended with {ran.returncode}, lmlog-decode with {decoded.returncode}: "
                         f"{ran.stderr}{decoded.stderr}")
    return decoded.stdout


def check_decoded(block, shown, compiler):
    """Compares what lmlog-decode says of a C++ block's run with the block `shown`, which is json or text."""
    try:
        decoded = run_and_decode(block, compiler, "text" if shown.language == "text" else "json")
    except ValueError as error:
        return [str(error)]
    return same_text(shown, decoded) if shown.language == "text" else same_json(shown, decoded)


def without_changing_parts(line):
    """A line of text output: time and thread differ from run to run, and where pointers point."""
    line = re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ", "TIME ", line)
    line = re.sub(r"0x[0-9a-f]{8,}", "ADDRESS", line)
    return re.sub(r"^(TIME [A-Z]+ +)\[\S+?([ \]])", r"\1[THREAD\2", line)


def same_text(shown, decoded):
    pairs = itertools.zip_longest(shown.text.splitlines(), decoded.splitlines(), fillvalue="(no line)")
    return [f"{shown.where()}: line {number}: shown {want!r}, decoded {got!r}" for number, (want, got) in enumerate(pairs, 1)
            if without_changing_parts(want) != without_changing_parts(got)]


def same_json(shown, decoded):
    expected = [json.loads(text) for text in json_values(shown.text)]
    actual = [json.loads(line) for line in decoded.splitlines()]
    problems = []
    if len(expected) != len(actual):
        problems.append(f"{shown.where()}: shows {len(expected)} records, decoded were {len(actual)}")
    for number, (want, got) in enumerate(zip(expected, actual), 1):
        for key in [*want, *(key for key in got if key not in want)]:
            if (key in want) != (key in got) or key not in CHANGING_KEYS and want[key] != got[key]:
                problems.append(f"{shown.where()}: record {number}, {key}: shown {want.get(key, 'nothing')!r}, "
                                f"decoded {got.get(key, 'nothing')!r}")
        if list(want) != list(got):
            problems.append(f"{shown.where()}: record {number}: keys in another order: {list(got)}")
    return problems


def json_values(text):
    """The JSON texts of a block: one value after the other, each on one line or on several."""
    decoder, position = json.JSONDecoder(), 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        end = decoder.raw_decode(text, position)[1]
        yield text[position:end]
        position = end


class CommandCheck:
    """Commands of shell blocks: known, and with options that their own --help names."""

    def __init__(self, source_root):
        self.source_root = source_root
        self.helps = {}

    def help_of(self, words):
        key = tuple(words)
        if key not in self.helps:
            try:
                done = run([*words, "--help"], cwd=self.source_root)
                self.helps[key] = done.stdout + done.stderr if done.returncode == 0 else None
            except FileNotFoundError:
                self.helps[key] = None
        return self.helps[key]

    def check(self, block):
        problems = []
        for words in commands_of(block.text):
            problems.extend(f"{block.where()}: {problem}" for problem in self.check_command(words))
        return problems

    def check_command(self, words):
        name = words[0]
        if name.startswith(OWN_PREFIX):
            return self.check_own(words)
        if "/" in name:
            return self.check_script(words)
        return [] if name in KNOWN_COMMANDS else [f"unknown command '{name}'"]

    def check_script(self, words):
        path = self.source_root / words[0]
        if re.match(r"^(\./)?build", words[0]):
            return []  # what a reader has just built
        if not os.access(path, os.X_OK):
            return [f"no such script: {words[0]}"]
        return self.missing_options([str(path)], words)

    def check_own(self, words):
        program = [words[0]]
        text = self.help_of(program)
        if text is None:
            return [f"'{words[0]} --help' does not work"]
        if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]) and self.help_of([words[0], words[1]]) is not None:
            program = words[:2]
        return self.missing_options(program, words)

    def missing_options(self, program, words):
        helps = (self.help_of(program[:1]) or "") + (self.help_of(program) or "")
        options = [word.split("=", 1)[0] for word in words[1:] if re.match(r"^-{1,2}[a-zA-Z]", word)]
        return [f"'{' '.join(program)} --help' does not name {option}" for option in options
                if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", helps)]


def check_run(block, environment, folder):
    """Runs a shell block with bash; it must end with 0."""
    done = run(["bash", "-euo", "pipefail", "-c", block.text], env=environment, cwd=folder)
    if done.returncode == 0:
        return []
    return [f"{block.where()}: ended with {done.returncode}:\n{done.stdout[-800:]}{done.stderr[-800:]}"]
