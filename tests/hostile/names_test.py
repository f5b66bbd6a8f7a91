# SPDX-License-Identifier: Apache-2.0
"""Services and files with names that are made to do harm: what they log is delivered under a harmless name, or is refused
with a reason, and nothing is written outside of the archive."""
import os
import struct
import sys

sys.dont_write_bytecode = True
from field import Field  # noqa: E402
from cases import equal, run  # noqa: E402
from forged import ForgedSession  # noqa: E402
from workplace import wait_until  # noqa: E402

FIELD = None
SERVICE_LENGTH, SERVICE = 160, 168


def log_as(service, values):
    """A forged session whose header has these bytes as its service, all of it drained."""
    header = {SERVICE_LENGTH: struct.pack("<H", len(service)), SERVICE: service}
    session = ForgedSession(FIELD.rings, header=header)
    ring = session.ring()
    ring.log(values)
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(session, values)
    return session


def test_a_service_that_leads_out_of_the_archive():
    report = FIELD.replay("synth", "--workload", "W2", "--threads", "1", "--records", "10", "--service", "../..")
    equal(report["stored"], 10)
    for number, service in enumerate((b"../..", b"..", b".", b"/", b"/etc/passwd", b"a/../../b", b"~", b".hidden")):
        log_as(service, [number])


def test_an_empty_service():
    session = ForgedSession(FIELD.rings, header={SERVICE_LENGTH: b"\0\0"})
    FIELD.expect_refusal(session.path, "the session's header names no service; remove it")
    report = FIELD.replay("synth", "--workload", "W2", "--threads", "1", "--records", "10", "--service", "")
    equal(report["stored"], 10)


def test_a_service_of_10_kilobytes():
    session = ForgedSession(FIELD.rings, header={SERVICE_LENGTH: struct.pack("<H", 10240)})
    FIELD.expect_refusal(session.path, "the name of the service in the session's header has 10240 bytes; 64 are the most")
    name = "long" * 2560
    done = FIELD.run("lmlog-replay", "synth", "--workload", "W2", "--threads", "1", "--records", "10", "--service", name)
    equal(done.returncode, 0)
    assert "has 10240 bytes; the first 64 are used" in done.stderr, done.stderr
    wait_until(lambda: FIELD.is_gone(name[:64]), "the end of it", FIELD.said)


def test_a_service_of_control_characters_and_bytes_that_are_no_text():
    for number, service in enumerate((b"\x1b[2J\x07", b"a\0b", b"\xff\xfe\xc3", b"\n\r\t", b"%2E%2E%2F", b'"},{"x":1')):
        log_as(service, [number])


def test_services_whose_folders_have_one_name():
    log_as("é".encode() * 30 + b"a", [1, 2])
    log_as("é".encode() * 30 + b"b", [3, 4])


def test_file_names_that_are_almost_those_of_sessions_are_left_alone():
    names = ["x.session", ".session", "x.1.zz.session", f"{'0' * 32}.ring", f"{'0' * 32}.99999999999.ring",
             "a" * 240 + ".session", "\x1b[2J.session", "x.session.tmp.session.tm"]
    for name in names:
        (FIELD.rings / name).write_bytes(b"x")
    FIELD.serve_honestly("beside-strange-names")
    assert set(names) <= set(os.listdir(FIELD.rings))


def test_the_others_are_served_as_before():
    FIELD.serve_honestly("honest", 2000)


def test_the_status_is_json_and_no_word_steers_a_terminal():
    FIELD.expect_all_refusals()
    table = FIELD.run(*FIELD.command("--status"))
    equal(table.returncode, 0)
    for text in (table.stdout, FIELD.said()):
        assert not any(ord(c) < 32 and c != "\n" for c in text), repr(text)


def test_nothing_is_written_outside_of_the_archive():
    before = {"archive", "stderr"}
    records = FIELD.end()
    equal(set(os.listdir(FIELD.folder)), before)
    equal(set(os.listdir(FIELD.archive)), {"hot", "journal", "status.json"})
    for folder in (FIELD.archive / "hot").iterdir():
        assert len(folder.name) <= 64 and not folder.name.startswith("."), folder
        assert folder.is_dir() and all(file.suffix == ".lms" for file in folder.iterdir()), folder
    equal(sum(record["service"] == "../.." for record in records), 11)
    equal(sum(record["service"] == "lmlog-replay" for record in records), 10)
    equal(sum(record["service"] == "long" * 16 for record in records), 10)


if __name__ == "__main__":
    with Field() as FIELD:
        sys.exit(run(globals()))
