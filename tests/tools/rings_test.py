#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lmlog-rings from outside: sessions of living, ended and killed processes, broken files, exit codes."""
import json
import os
import re
import shutil
import signal
import sys

from rings_read import RingsRead  # first: it names the folders of the others
from workplace import wait_until
from cases import Skipped, equal, run

SESSION = ["session", "service", "pid", "uid", "alive", "started", "clock", "sites", "attempted", "stored", "dropped",
           "sampled_out", "overwritten", "rings"]
RING = ["ring", "tid", "thread", "size", "head", "tail", "fill", "records", "dropped"]


def endless(place, *options):
    """A replay that goes on until it is ended, with some records in its rings."""
    process = place.start("lmlog-replay", "synth", "--workload", "mix", "--threads", 2, "--records", 10**9, "--rate",
                          50000, *options)
    wait_until(lambda: any(session["stored"] > 1000 for session in place.sessions()), "1,000 records")
    return process


def test_a_living_process_is_shown_with_all_keys():
    with RingsRead() as place:
        process = endless(place, "--service", "trade service")
        (session,) = place.sessions()
        equal(list(session), SESSION)
        equal([list(ring) for ring in session["rings"]], [RING, RING])
        equal((session["service"], session["pid"], session["uid"], session["alive"], session["clock"]),
              ("trade service", process.pid, os.geteuid(), True, "tsc"))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", session["started"]), session["started"]
        equal(sorted(ring["thread"] for ring in session["rings"]), ["synth-0", "synth-1"])
        for ring in session["rings"]:
            assert ring["tid"] > process.pid and ring["head"] > ring["tail"] == 0 and 0 < ring["fill"] <= 1, ring
        assert session["sites"] >= 10, session


def test_counters_speak_for_a_process_that_was_killed():
    with RingsRead() as place:
        process = endless(place, "--ring-bytes", "64KiB")
        wait_until(lambda: place.sessions()[0]["dropped"] > 1000, "losses")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        (session,) = place.sessions()
        equal((session["alive"], session["attempted"]), (False, session["stored"] + session["dropped"]))
        # What it says is stored is what another reader finds in the rings.
        equal(sum(len(records) for records in place.records().values()), session["stored"])
        equal(session["stored"], sum(ring["records"] for ring in session["rings"]))
        equal(session["dropped"], sum(ring["dropped"] for ring in session["rings"]))


def test_counts_only_grow_while_the_rings_move():
    with RingsRead() as place:
        endless(place)
        last = 0
        for _ in range(20):
            (session,) = place.sessions()
            assert session["attempted"] >= last, (last, session)
            last = session["attempted"]


def test_an_ended_session_keeps_its_threads_names_after_its_ring_has_wrapped():
    with RingsRead() as place:
        report = place.replay("synth", "--workload", "W2", "--records", 100)
        (path,) = place.rings.glob("*.ring")
        with open(path, "r+b") as ring:  # all drained, as a collector would say it
            head = int.from_bytes(os.pread(ring.fileno(), 8, 256), "little")
            line = b"".join(value.to_bytes(8, "little") for value in (head, ~head % 2**64, 100, ~100 % 2**64))
            os.pwrite(ring.fileno(), line, 320)
        (session,) = place.sessions()
        equal((session["stored"], session["rings"][0]["thread"], session["rings"][0]["fill"]), (100, "synth-0", 0.0))
        equal(session["pid"], report["pid"])


def test_people_get_a_table():
    with RingsRead() as place:
        place.replay("synth", "--workload", "W2", "--records", 1234, "--service", "svc")
        done = place.run("lmlog-rings", place.rings)
        equal((done.returncode, done.stderr), (0, ""))
        header, session, ring = done.stdout.splitlines()
        assert "ATTEMPTED" in header and re.match(r"svc +closed +\d+ +1234 +1234 +0", session), done.stdout
        assert re.match(r"  synth-0 +free +\d+ +1234 +1234 +0 .*1024 KiB", ring), done.stdout


def test_broken_files_are_named_and_the_rest_is_shown():
    with RingsRead() as place:
        place.replay("synth", "--workload", "W2", "--records", 10, "--service", "good")
        place.replay("synth", "--workload", "W2", "--records", 10, "--service", "bad")
        (bad,) = place.rings.glob("bad.*.session")
        os.truncate(bad, 100)
        done = place.run("lmlog-rings", "--json")
        equal(done.returncode, 3)
        equal([session["service"] for session in json.loads(done.stdout)], ["good"])
        assert str(bad) in done.stderr, done.stderr


def test_folders_that_cannot_be_listed():
    with RingsRead() as place:
        missing, file = place.rings / "none", place.folder / "file"
        file.write_text("")
        for path, why in ((missing, "No such file or directory"), (file, "Not a directory")):
            done = place.run("lmlog-rings", path)
            equal((done.returncode, done.stdout, done.stderr),
                  (4, "", f"lmlog-rings: {path}: cannot list it: {why}; "
                                       "name the folder that the services use\n"))


def test_a_folder_of_another_user_ends_with_4():
    with RingsRead() as place:
        if os.geteuid() != 0:
            raise Skipped("becoming another user needs root")
        place.folder.chmod(0o711)
        closed = place.folder / "closed"
        closed.mkdir(mode=0o700)
        # A copy, where that user can find it: the build may be in a folder that is root's alone.
        program = shutil.copy(shutil.which("lmlog-rings"), place.folder)
        done = place.run(program, closed, user=65534, group=65534, extra_groups=[])
        equal(done.returncode, 4)
        equal(done.stderr, f"lmlog-rings: {closed}: cannot list it: Permission denied; "
                           "run as the user who owns it, or as root\n")


def test_no_rings_folder_at_all_ends_with_1():
    with RingsRead() as place:
        missing = place.rings / "none"
        place.environment["LMLOG_RING_DIR"] = str(missing)
        done = place.run("lmlog-rings", "--json")
        equal((done.returncode, done.stdout), (1, "[]\n"))
        assert str(missing) in done.stderr, done.stderr


def test_an_empty_folder_is_an_empty_array():
    with RingsRead() as place:
        equal(place.sessions(), [])
        equal(place.run("lmlog-rings").stdout, "no sessions\n")


def test_exit_codes_of_options():
    with RingsRead() as place:
        for options, words in ((["--help"], "Examples:"), (["--version"], "lmlog-rings ")):
            done = place.run("lmlog-rings", *options)
            equal((done.returncode, done.stderr), (0, ""))
            assert words in done.stdout, done.stdout
        for options, wrong in ((["--wat"], "--wat"), (["a", "b"], "b")):
            done = place.run("lmlog-rings", *options)
            equal((done.returncode, done.stdout), (2, ""))
            assert done.stderr.startswith("lmlog-rings: ") and wrong in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(run(globals()))
