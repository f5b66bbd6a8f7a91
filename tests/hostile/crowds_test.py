# SPDX-License-Identifier: Apache-2.0
"""Ten thousand rings, ten thousand sessions, and more files than a collector may have open: those that are served stay
served, what does not fit waits with one clear sentence, and everything is delivered in the end."""
import os
import resource
import sys

sys.dont_write_bytecode = True
from field import Field  # noqa: E402
from cases import Skipped, equal, run  # noqa: E402
from forged import ForgedSession  # noqa: E402
from workplace import wait_until  # noqa: E402

CROWD = 10000
NO_QUOTA = "[quota]\nrings_per_uid = 1000000\n"


def collector_may_open(files):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))}


def may_open(files):
    """For this process, which holds the locks of all forged sessions."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        raise Skipped(f"this process may open {hard} files; {files} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


def all_are_gone(field, service):
    return lambda: field.is_gone(service) and not any(name.endswith(".ring") for name in os.listdir(field.rings))


def counts_by_session(records):
    counts = {}
    for record in records:
        if "n" in record["fields"]:
            counts[record["session"]] = counts.get(record["session"], 0) + 1
    return counts


def test_descriptors_exhausted():
    may_open(2000)
    with Field(configuration=NO_QUOTA, **collector_may_open(400)) as field:
        early = ForgedSession(field.rings, service="early")
        early_ring = early.ring()
        wait_until(lambda: early_ring.tail() == early_ring.head, "the tail", field.said)
        rings = []
        for _ in range(300):
            rings.append(ForgedSession(field.rings).ring())
            rings[-1].log([1])
        wait_until(lambda: "as many files open as it may" in field.said(), "the sentence", field.said)
        equal(field.said().count("as many files open as it may"), 1)
        served = [ring for ring in rings if ring.tail() == ring.head]
        assert 20 < len(served) < 300, len(served)
        status = field.expect_status(lambda status: status["quarantines"].get("over_limit", 0) > 50, "the counter")
        assert any("LimitNOFILE" in file["reason"] for file in status["quarantined"]), status["quarantined"][:3]
        # Who is served is served as before: segments, journal and status have their descriptors.
        for value in range(2, 50):
            early_ring.log([value])
            for ring in served[:10]:
                ring.log([value])
        wait_until(lambda: all(ring.tail() == ring.head for ring in (early_ring, *served[:10])), "the tails", field.said)
        # As room is made, the rest comes.
        while waiting := [ring for ring in rings if ring.tail() != ring.head]:
            for ring in rings:
                if ring.tail() == ring.head and ring.session.path.exists() and not ring.session.is_dead:
                    ring.session.die()
            wait_until(lambda: any(ring.tail() == ring.head for ring in waiting), "more tails", field.said)
        field.expect_records(early, range(2, 50))
        for ring in rings:
            field.expect_records(ring.session, range(1, 50) if ring in served[:10] else [1])
        field.serve_honestly("when-there-is-room-again")
        field.end()


def test_ten_thousand_rings():
    with Field(configuration=NO_QUOTA) as field:
        session = ForgedSession(field.rings)
        field.serve_honestly("before")
        for number in range(CROWD):
            ring = session.ring()
            ring.log([number])
            ring.let_go()
        field.serve_honestly("beside-ten-thousand-rings")
        session.close()
        wait_until(all_are_gone(field, "forged"), "the end", field.said)
        records = field.end()
        mine = sorted(record["fields"]["n"] for record in records if record["session"] == session.id.hex())
        equal(mine, list(range(CROWD)))


def test_ten_thousand_sessions():
    may_open(CROWD + 2000)
    with Field(configuration=NO_QUOTA) as field:
        field.serve_honestly("before")
        sessions = []
        for number in range(CROWD):
            sessions.append(ForgedSession(field.rings))
            if number % 2 == 0:  # with all of them it would be the number of open files that is tested
                ring = sessions[-1].ring()
                ring.log([number])
                ring.let_go()
        field.serve_honestly("beside-ten-thousand-sessions")
        for session in sessions:
            session.close()
        wait_until(all_are_gone(field, "forged"), "the end", field.said)
        records = field.end()
        counts = counts_by_session(records)
        assert all(counts.get(session.id.hex()) == 1 for session in sessions[::2])


if __name__ == "__main__":
    sys.exit(run(globals()))
