# SPDX-License-Identifier: Apache-2.0
"""Things in a served rings folder that are no sessions and rings, or not those that they say, and files that change their
length, their holes and their names while they are served: each is refused with its reason, and nobody else suffers."""
import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

sys.dont_write_bytecode = True
from field import Field  # noqa: E402
from cases import Skipped, equal, run  # noqa: E402
from forged import DATA, HEAD, ForgedSession, new_id  # noqa: E402
from workplace import wait_until  # noqa: E402
from written import ring_bytes as rb  # noqa: E402

FIELD = None
OTHER_USER = 4242
PUNCH_AND_KEEP_SIZE = 3


def session_name(service="strange"):
    return FIELD.rings / f"{service}.1.{new_id().hex()}.session"


def strange_ring():
    """The path of a ring that a living session does not have."""
    session = ForgedSession(FIELD.rings)
    return FIELD.rings / f"{session.id.hex()}.7.ring"


def punch(file, offset, length):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.fallocate(file, PUNCH_AND_KEEP_SIZE, ctypes.c_long(offset), ctypes.c_long(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def test_a_fifo():
    for path in (session_name(), strange_ring()):
        os.mkfifo(path)
        FIELD.expect_refusal(path, "it is no regular file; remove it")


def test_a_socket():
    for path in (session_name(), strange_ring()):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.fspath(path))
        FIELD.expect_refusal(path, "it is a socket, or another file that cannot be opened; remove it")


def test_a_symbolic_link():
    goal = FIELD.folder / "goal"
    goal.write_bytes(b"not to be read, and not to be written")
    for path in (session_name(), strange_ring()):
        path.symlink_to(goal)
        FIELD.expect_refusal(path, "it is a symbolic link, and only regular files are served; remove it")
    equal(goal.read_bytes(), b"not to be read, and not to be written")


def test_a_hard_link():
    victim = ForgedSession(FIELD.rings, name="never-served.1.tmp")
    path = FIELD.rings / f"linked.1.{victim.id.hex()}.session"
    os.link(victim.path, path)
    FIELD.expect_refusal(path, "it has 2 names; only files with one are served")


def test_a_folder():
    for path in (session_name(), strange_ring()):
        path.mkdir()
        FIELD.expect_refusal(path, "it is a folder; remove it")


def test_a_ring_of_another_user():
    ring = ForgedSession(FIELD.rings).ring(owner=OTHER_USER)
    FIELD.expect_refusal(ring.path, f"it belongs to user {OTHER_USER}, its session to user {os.getuid()}")


def test_a_session_of_another_user_is_served_as_his():
    session = ForgedSession(FIELD.rings, service="his", owner=OTHER_USER)
    ring = session.ring(owner=OTHER_USER)
    ring.log([1, 2])
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(session, [1, 2])


def test_a_ring_that_names_the_session_of_another():
    owner, thief = ForgedSession(FIELD.rings), ForgedSession(FIELD.rings)
    ring = thief.ring(of_session=owner.id)
    FIELD.expect_refusal(ring.path, "its header names another session")
    FIELD.expect_records(owner, [])


def test_a_ring_without_a_session():
    path = FIELD.rings / f"{new_id().hex()}.0.ring"
    path.write_bytes(b"x" * 100)
    FIELD.expect_refusal(path, "its session file is not there")


def test_two_sessions_with_one_id():
    first = ForgedSession(FIELD.rings, service="first")
    ring = first.ring()
    ring.log([1])
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    second = ForgedSession(FIELD.rings, service="second", id_=first.id)
    FIELD.expect_refusal(second.path, f"its session id is that of {first.path}")
    ring.log([2])
    FIELD.expect_records(first, [1, 2])


def test_two_rings_with_one_id():
    first = FIELD.served_ring(ring_id=b"one and the same")
    second = ForgedSession(FIELD.rings).ring(ring_id=b"one and the same")
    FIELD.expect_refusal(second.path, f"its ring id is that of {first.path}")


def test_names_and_headers_that_differ():
    session = ForgedSession(FIELD.rings, name=f"x.1.{new_id().hex()}.session")
    FIELD.expect_refusal(session.path, "its name and its header have different session ids")
    ring = ForgedSession(FIELD.rings).ring(tail=0)
    other = FIELD.rings / f"{ring.session.id.hex()}.3.ring"
    os.rename(ring.path, other)
    moved = ForgedSession(FIELD.rings)
    path = FIELD.rings / f"{moved.id.hex()}.9.ring"
    strange = moved.ring(named="waits-here")
    os.rename(strange.path, path)
    FIELD.expect_refusal(path, "its name and its header have different numbers")


def test_headers_that_cannot_be():
    for header, reason in (
            ({0: b"ELF"}, "this is no session file"), ({8: b"\x02"}, "use a newer lmlog"),
            ({16: b"\x01"}, "incompatible flags 1"), ({96: b"\xff" * 8}, "contradict each other"),
            ({104: b"\xff" * 8}, "contradict each other"), ({60: b"\x09"}, r"no clock of a known kind \(9\)"),
            ({120: struct.pack("<Q", 1 << 40)}, "contradict each other"),
            ({48: struct.pack("<Q", 1 << 40)}, "the session file is shorter than its header says")):
        FIELD.expect_refusal(ForgedSession(FIELD.rings, header=header).path, reason)
    for offset, value, reason in (
            (0, b"ELF", "this is no ring file"), (64, b"\x01", "the ring's header contradicts itself"),
            (64, struct.pack("<Q", 1 << 63), "the ring's header contradicts itself"),
            (64, struct.pack("<Q", 1 << 30), "the ring file is shorter than its header says")):
        ring = ForgedSession(FIELD.rings).ring(named="changed-at-once")
        os.pwrite(ring.file, value, offset)
        path = FIELD.rings / f"{ring.session.id.hex()}.0.ring"
        os.rename(ring.path, path)
        FIELD.expect_refusal(path, reason)


def test_a_ring_that_is_cut():
    ring = FIELD.served_ring()
    os.truncate(ring.file, 100)
    FIELD.expect_quarantine(ring, "the file was cut")


def test_a_ring_that_is_cut_between_head_and_data():
    ring = FIELD.served_ring()
    before = ring.bytes.head
    ring.bytes.add(64, 2000, struct.pack("<i", 4))
    os.truncate(ring.file, DATA + before)
    ring.put(HEAD, "Q", ring.bytes.head)
    FIELD.expect_quarantine(ring, "the file was cut")


def test_a_session_that_is_cut():
    ring = FIELD.served_ring()
    os.truncate(ring.session.file, 512)
    position = ring.header_of_next(24, id_=65)  # a statement that the collector must look for
    ring.put(HEAD, "Q", position + 24)
    FIELD.expect_refusal(ring.session.path, "breaks the protocol: the session file was cut")


def test_files_that_grow_are_served_on():
    ring = FIELD.served_ring()
    os.truncate(ring.file, 1 << 40)
    os.truncate(ring.session.file, 1 << 40)
    ring.log([4, 5])
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(ring.session, [1, 2, 3, 4, 5])
    late = ForgedSession(FIELD.rings).ring(named="grows-before-it-is-found")
    os.truncate(late.file, 1 << 40)
    path = FIELD.rings / f"{late.session.id.hex()}.0.ring"
    os.rename(late.path, path)
    FIELD.expect_refusal(path, f"the ring file has {1 << 40} bytes, {DATA + rb.RING_BYTES} by its header")


def test_a_hole_where_the_head_was():
    ring = FIELD.served_ring()
    punch(ring.file, 0, 4096)
    FIELD.expect_quarantine(ring, "its head 0 is impossible at position")


def test_a_hole_where_records_were():
    ring = FIELD.served_ring()
    for value in range(4, 900):  # over a page
        ring.bytes.add(64, 2000, struct.pack("<i", value))
    punch(ring.file, DATA, rb.RING_BYTES)
    ring.put(HEAD, "Q", ring.bytes.head)
    FIELD.expect_quarantine(ring, "a record with a wrong stamp at position")


def test_a_lease_on_the_files():
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # what a holder is sent when somebody wants the file
    session = ForgedSession(FIELD.rings, name="leased.1.tmp", lives=False,
                            header={56: struct.pack("<I", 0x3FFFFFFF)})
    path = FIELD.rings / f"leased.1.{session.id.hex()}.session"
    os.close(session.file)
    holder = os.open(session.path, os.O_RDONLY)
    try:
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        raise Skipped(f"no leases here: {error}") from error
    os.rename(session.path, path)
    FIELD.expect_refusal(path, "a process holds a lease on it: it is served when that is given up")
    del FIELD.refusals[os.fspath(path)]
    FIELD.serve_honestly("beside-a-lease")
    fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    wait_until(lambda: not path.exists(), "the end of a dead session", FIELD.said)
    os.close(holder)


def test_a_file_that_changes_its_name_all_the_time():
    ring = FIELD.served_ring()
    for i in range(300):
        other = FIELD.rings / f"{ring.session.id.hex()}.{i % 5 + 1}.ring"
        os.rename(ring.path, other)
        os.rename(other, ring.path)
        ring.log([i + 4])
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(ring.session, range(1, 304))


def test_the_others_are_served_as_before():
    FIELD.serve_honestly("honest", 2000)


def test_the_status_lists_and_counts_them():
    counts = FIELD.expect_all_refusals()["quarantines"]
    assert counts["damaged"] >= 14 and counts["not_ours"] == 2 and counts["newer_version"] == 2, counts
    assert counts["truncated"] >= 2 and counts["cut"] == 2 and counts["catalog"] == 1, counts
    assert counts["head"] == 1 and counts["record"] == 1, counts


def test_all_that_is_good_is_delivered():
    FIELD.end()


if __name__ == "__main__":
    with Field() as FIELD:
        sys.exit(run(globals()))
