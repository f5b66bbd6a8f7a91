#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The forms of a log call, from a process to lmlog-decode: printf's messages are snprintf's, events have their fields, and
gates count on in a forked child."""
import json
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "reference"))
from cases import equal, run  # noqa: E402
from workplace import Workplace  # noqa: E402

PROGRAM = pathlib.Path(os.environ["LMLOG_BUILD_ROOT"], "tests", "integration", "call_forms")


def logged(mode):
    """What the program printed, and its records."""
    with Workplace() as place:
        done = place.run(PROGRAM, mode)
        equal((done.returncode, done.stderr), (0, ""))
        decoded = place.run("lmlog-decode", "-o", "json", place.rings)
        equal((decoded.returncode, decoded.stderr), (0, ""))
        return done.stdout, [json.loads(line) for line in decoded.stdout.splitlines()]


def test_messages_of_printf_statements_are_those_of_snprintf():
    printed, records = logged("printf")
    rows = printed.split("\0")[:-1]
    assert len(rows) > 100, len(rows)
    equal(len(records), len(rows))
    for row, record in zip(rows, records):
        equal((record["template"], record["message"]), (record["template"], row))


def test_arguments_of_printf_statements_keep_their_types():
    _, records = logged("printf")
    by_template = {record["template"]: record.get("fields") for record in records}
    equal(by_template["{} {} {}"], {"0": -2**63, "1": 2**63 - 1, "2": 2**64 - 1})
    equal(by_template["{}|{:>10}|{:<10}|{}|{:>8}|{:<8}|{}|"]["0"], "a longer text than the width")


def event(record):
    return record["severity"], record["message"], record["fields"]


def test_events_have_their_kind_and_fixed_fields():
    _, records = logged("events")
    equal([event(record) for record in records if record["fields"]["event"] != "performance_issue"], [
        ("INFO", "order 4711: new -> filled", {"event": "state_change", "entity": "order", "id": "4711", "from": "new",
                                               "to": "filled", "reason": "matched"}),
        ("INFO", "session A-17:  -> ", {"event": "state_change", "entity": "session", "id": "A-17", "from": "", "to": "",
                                        "reason": "", "px": 48.25, "venue": "XETRA"}),
        ("NOTICE", "rule max_position: rejected", {"event": "business_rule", "rule": "max_position", "outcome": "rejected",
                                                   "subject": "7", "reason": ""}),
        ("NOTICE", "joe login: denied", {"event": "auth", "subject": "joe", "action": "login", "outcome": "denied",
                                         "source": "10.0.0.1", "reason": ""}),
        ("ERROR", "connect failed: refused", {"event": "error", "operation": "connect", "what": "refused", "code": "-111"}),
        ("FATAL", "exchange failed: ", {"event": "error", "operation": "exchange", "what": "", "code": "E42"}),
        ("ERROR", "least failed: ", {"event": "error", "operation": "least", "what": "", "code": str(-2**63)}),
        ("ERROR", "most failed: all", {"event": "error", "operation": "most", "what": "all", "code": str(2**64 - 1)}),
        ("ERROR", "none failed: ", {"event": "error", "operation": "none", "what": "", "code": "0"}),
        ("NOTICE", "filled 3 at 1.5", {"event": "fill", "qty": 3, "px": 1.5, "value": 4.5, "extra": True}),
    ])
    equal({(record["function"], pathlib.Path(record["file"]).name) for record in records}, {("log_events", "call_forms.cpp")})


def test_a_performance_issue_carries_durations():
    _, records = logged("events")
    fields = [record["fields"] for record in records if record["fields"]["event"] == "performance_issue"]
    equal([list(each) for each in fields], [["event", "operation", "duration", "threshold", "reason"]])


def test_gates_go_on_in_a_forked_child():
    _, records = logged("fork")
    by_process = {}
    for record in records:
        by_process.setdefault(record["pid"], []).append(record["fields"]["suppressed"])
    # Five calls before the fork, then four in each: the ninth is a record in both.
    equal(sorted(by_process.values()), [[0, 3, 3], [3]])


if __name__ == "__main__":
    sys.exit(run(globals()))
