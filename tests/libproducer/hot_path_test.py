# SPDX-License-Identifier: Apache-2.0
"""The fast path of a log call, read from the machine code of canonical call sites: two branches, no call (but memcpy for
a string), no lock prefix, no fence, few instructions.
usage: hot_path_test.py CALL_SITES.cpp     (called by meson)"""
import collections
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

Instruction = collections.namedtuple("Instruction", "address name operands")

# Longest fast path that is still a fast path, in instructions, prologue and return included; and branches on it: the
# control word, the room, and for a string its bound and its length.
LIMITS = {
    "site_heartbeat": (45, 2),
    "site_sequence": (50, 2),
    "site_order": (55, 2),
    "site_order_at": (50, 2),
    "site_order_of_logger": (62, 4),  # is there a variant, and is it this logger's?
    "site_user": (80, 5),
    "site_printf": (55, 2),
    "site_event": (300, 20),
}
LOADS_IN_ORDER = ("site_heartbeat", "site_sequence", "site_order", "site_order_at")
CALLS_ALLOWED = {"site_user": {"memcpy"}, "site_event": {"memcpy"}}
# Gates: a call that is suppressed makes at most one atomic operation.
GATES = ("site_every_n", "site_once")
SERIALIZING = re.compile(r"^(lock|xchg|mfence|lfence|sfence|cpuid|rdtscp)\b")


def disassemble(compiler, source, flag):
    """Instructions of each function, with the targets of calls in place of relocations; and symbols that are unique."""
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / "call_sites.o"
        includes = [f"-I{ROOT / area / 'include'}" for area in ("libproducer", "formats")]
        subprocess.run([compiler, "-std=c++20", "-O2", "-c", flag, *includes, source, "-o", str(made)], check=True)
        text = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", "-M", "intel", str(made)], check=True,
                              capture_output=True, text=True).stdout
        symbols = subprocess.run(["readelf", "-sW", str(made)], check=True, capture_output=True, text=True).stdout
    functions, code = {}, []
    for line in text.splitlines():
        start = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        instruction = re.match(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$", line)
        relocation = re.match(r"^\s*[0-9a-f]+: R_X86_64_\w+\s+(\S+?)([-+]0x[0-9a-f]+)?$", line)
        if start:
            code = functions.setdefault(start.group(1), [])
        elif relocation and code:
            code[-1] = code[-1]._replace(operands=relocation.group(1))
        elif instruction:
            code.append(Instruction(int(instruction.group(1), 16), instruction.group(2), instruction.group(3)))
    # STB_GNU_UNIQUE would keep a plugin loaded after dlclose; hidden symbols are not in the plugin's table.
    unique = [line for line in symbols.splitlines() if re.search(r" UNIQUE +DEFAULT ", line)]
    return functions, unique


def fast_paths(code, calls_allowed):
    """All ways from the entry to a return that make no other call and stay in the function; a loop is entered once."""
    at = {instruction.address: index for index, instruction in enumerate(code)}
    waiting = [(0, [], frozenset())]
    while waiting:
        index, path, seen = waiting.pop()
        if index >= len(code) or index in seen:
            continue
        instruction = code[index]
        path, seen = path + [instruction], seen | {index}
        if instruction.name == "ret":
            yield path
            continue
        if instruction.name == "call" and instruction.operands not in calls_allowed:
            continue
        target = re.match(r"^([0-9a-f]+) <", instruction.operands)
        if instruction.name.startswith("j") and target and int(target.group(1), 16) in at:
            waiting.append((at[int(target.group(1), 16)], path, seen))
        if instruction.name != "jmp":
            waiting.append((index + 1, path, seen))


def loads_info_before_limit(path):
    """Step load_info of formats/spec/shm-abi.md §9, which is a plain load here. Behind the thread's line come the cell's
    second word, in the data of this object, and a word of the line at 8 or 16."""
    line = next(at for at, i in enumerate(path) if "this_line" in i.operands)
    info = next((at for at, i in enumerate(path) if at > line and re.match(r"\.data|.*cell", i.operands)), len(path))
    limit = next((at for at, i in enumerate(path) if at > line and re.search(r"\+0x(8|10)\]", i.operands)), 0)
    return line < info < limit


def problems(functions, name):
    code = functions.get(name)
    if not code:
        yield "it is not there"
        return
    for instruction in code + functions.get(name + ".cold", []):
        if SERIALIZING.match(instruction.name) and instruction.operands != "ax,ax":  # a long nop
            yield f"{instruction.name} {instruction.operands}"
    # The fast path is the one that stores a record's stamp: the way past a statement that is off has no shift by 3.
    stored = [path for path in fast_paths(code, CALLS_ALLOWED.get(name, set()))
              if any(i.name == "shr" and i.operands.endswith(",0x3") for i in path)]
    if not stored:
        yield "no way from entry to return stores a record without a call"
        return
    longest, branches = LIMITS[name]
    path = min(stored, key=len)
    reads_clock = any(instruction.name == "rdtsc" for instruction in path)
    if reads_clock == name.endswith("_at"):
        yield "reads the clock" if reads_clock else "does not read the clock"
    if len(path) > longest:
        yield f"{len(path)} instructions, at most {longest}"
    if name in LOADS_IN_ORDER and not loads_info_before_limit(path):
        yield "the limit is loaded before the statement's id"
    taken = sum(i.name.startswith("j") and i.name != "jmp" for i in path)
    if taken > branches:
        yield f"{taken} branches, at most {branches}"


def gate_problems(functions, name):
    """The way of a call that asks the gate and is suppressed: no call, one atomic operation, nothing of the thread's."""
    code = functions.get(name)
    if not code:
        yield "it is not there"
        return
    suppressed = [path for path in fast_paths(code, set()) if not any("this_line" in i.operands for i in path)]
    atomic = [[i for i in path if i.name == "lock"] for path in suppressed]
    asked = [len(found) for found in atomic if found]  # without: the level is off, or the gate is closed for good
    if not asked or min(asked) != 1:
        yield f"{sorted(asked)} atomic operations on the ways past it, at most 1"


def main():
    tap = Tap()
    for compiler in ("g++", "clang++-14"):
        if not shutil.which(compiler) or not shutil.which("objdump"):
            tap.skip(f"{compiler} call sites", "no such compiler, or no objdump")
            continue
        for flag in ("-fPIE", "-fPIC"):
            functions, unique = disassemble(compiler, sys.argv[1], flag)
            tap.case(f"{compiler} {flag} makes no symbol that would keep a plugin loaded", unique)
            for name in LIMITS:
                tap.case(f"{compiler} {flag} {name} has a fast path", list(problems(functions, name)))
            for name in GATES:
                tap.case(f"{compiler} {flag} {name} is suppressed by few instructions", list(gate_problems(functions, name)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
