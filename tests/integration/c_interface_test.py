# SPDX-License-Identifier: Apache-2.0
"""Services in C and in Python through lmlog.h, and a statement that another process switches off and on.
usage: c_interface_test.py C_PROGRAM CTYPES_PROGRAM LIBLMLOG.so [CASE...]     (called by meson)"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import Skipped, equal, run  # noqa: E402
from served import Served  # noqa: E402
from workplace import DEADLINE_SECONDS  # noqa: E402

C_PROGRAM, CTYPES_PROGRAM, LIBRARY = sys.argv[1:4]
del sys.argv[1:4]

CONTROL_OFFSET = 4096  # shm-abi.md §2
RULE_OFF = 1  # bit 32 of the word
HALF_KEPT = 1 << 31  # the keep threshold, bits 40–63


def decoded(place, *paths):
    done = place.run("lmlog-decode", "-o", "json", *paths)
    equal((done.returncode, done.stderr), (0, ""))
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(records, template):
    return [record for record in records if record["template"] == template]


def check_c_records(records):
    orders = of(records, "order {id} filled at {px}")
    equal([record["message"] for record in orders], [f"order {i} filled at {i}.5" for i in range(3)])
    equal([record["fields"] for record in orders], [{"id": i, "px": i + 0.5} for i in range(3)])
    equal({(record["service"], record["function"], "logger" in record) for record in orders},
          {("c-program", "main", False)})
    assert orders[0]["file"].endswith("c_program.c"), orders[0]
    equal([record["message"] for record in of(records, "plain {{text}}")], ["plain {text}"])
    types, = [record for record in records if record.get("logger") == "c.types"]
    equal(types["fields"], {"b": True, "c": "=", "i8": -2, "u8": 63, "i16": 64, "u16": 65, "i32": 66, "u32": 67,
                            "i64": -8, "u64": 69, "f32": 0.5, "f64": -2.25, "s": "in the", "reason": "none"})
    equal((types["severity"], types["file"], types["line"], types["function"]), ("WARN", "types.c", 42, "log_every_type"))
    equal([(record["logger"], record["fields"]) for record in of(records, "debug {i}")],
          [("c.levels", {"i": 2}), ("c.levels", {"i": 3})])
    equal([record["message"] for record in of(records, "given")], ["given"])
    equal(of(records, "not on"), [])
    equal(len(records), 8)


def test_a_program_in_c_logs_what_is_decoded_from_its_rings_and_from_an_archive(place):
    done = place.run(C_PROGRAM)
    equal((done.returncode, done.stderr.count("not so")), (0, 0))
    refused = [line for line in done.stderr.splitlines() if "refused" in line]
    assert len(refused) == 1 and re.search(r"c_program\.c:\d+: .*: .* more placeholders", refused[0]), done.stderr
    check_c_records(decoded(place, place.rings))
    equal(place.collect("--drain").returncode, 0)
    check_c_records(place.records())
    sites = place.run("lmlog-decode", "sites", place.archive)
    equal(sites.returncode, 0)
    assert "debug {i}" in sites.stdout, sites.stdout


def test_a_program_in_python_logs_through_ctypes_and_forks(place):
    if not LIBRARY:
        raise Skipped("Python loads no library that is built with sanitizers")
    done = place.run(sys.executable, CTYPES_PROGRAM, LIBRARY)
    equal((done.returncode, done.stderr), (0, ""))
    records = decoded(place, place.rings)
    orders = of(records, "order {id} of {name} at {px}")
    equal(len(orders), 101)
    mine = [record for record in orders if record["fields"]["id"] >= 0]
    equal([record["fields"] for record in mine],
          [{"id": i, "name": "Grüße", "px": i / 4, "note": "" if i % 2 else "even"} for i in range(100)])
    equal({(record["service"], record["logger"], record["file"], record["line"]) for record in orders},
          {("python", "py.orders", "service.py", 10)})
    child, = [record for record in orders if record["fields"]["id"] < 0]
    assert child["pid"] != mine[0]["pid"] and child["session"] != mine[0]["session"], child
    equal(len(of(records, "again")), 1)


def test_a_rule_in_the_control_word_switches_a_statement_of_a_running_service_off_and_on(place):
    service = place.start(C_PROGRAM, "serve", stdin=subprocess.PIPE)

    def call(times):
        for _ in range(times):
            service.stdin.write("\n")
            service.stdin.flush()
            service.stdout.readline()

    call(1)
    session, = place.rings.glob("*.session")

    def write_rule(high):
        with open(session, "r+b", buffering=0) as file:  # the program's only statement has the first word
            os.pwrite(file.fileno(), struct.pack("<I", high), CONTROL_OFFSET + 4)

    write_rule(RULE_OFF)
    call(10)
    write_rule(HALF_KEPT)
    call(2)
    write_rule(RULE_OFF | HALF_KEPT)
    call(10)
    write_rule(0)
    call(1)
    service.communicate(timeout=DEADLINE_SECONDS)
    equal(service.returncode, 0)
    # The counter goes up only when the statement is on: its arguments are not evaluated otherwise.
    equal([record["fields"]["n"] for record in of(decoded(place, place.rings), "line {n}")], [1, 2, 3, 4])


if __name__ == "__main__":
    sys.exit(run(globals(), Served))
