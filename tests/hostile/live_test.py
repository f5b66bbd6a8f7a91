# SPDX-License-Identifier: Apache-2.0
"""A collector under attack by a living producer that spoils its own files without pause, beside honest services: these
lose nothing and are told nothing wrong, and the collector lives. Arguments: the attacking program, and for how long."""
import os
import random
import signal
import sys
import time

sys.dont_write_bytecode = True
from field import Field  # noqa: E402
from cases import equal, run  # noqa: E402
from files_test import punch  # noqa: E402
from forged import DATA, ForgedSession  # noqa: E402
from workplace import wait_until  # noqa: E402

FIELD = None
PRODUCER, SECONDS = sys.argv[1], float(sys.argv[2])
SEED = int(os.environ.get("LMLOG_SEED", random.randrange(1 << 32)))


def test_honest_services_lose_nothing_while_another_one_attacks():
    attacker = FIELD.start(PRODUCER, FIELD.rings, SECONDS, SEED)
    rounds = 0
    while attacker.poll() is None:
        FIELD.serve_honestly(f"honest-{rounds}", 500, "--ring-bytes", "65536")
        rounds += 1
    sessions, errors = attacker.communicate()
    equal((attacker.returncode, errors), (0, ""))
    assert int(sessions) > 10 and rounds > 0, (sessions, rounds, f"LMLOG_SEED={SEED}")
    print(f"# {int(sessions)} sessions were spoiled, {rounds} honest rounds, LMLOG_SEED={SEED}")


def test_a_full_ring_of_an_honest_service_is_counted_exactly():
    attacker = FIELD.start(PRODUCER, FIELD.rings, 1, SEED + 1)
    report = FIELD.replay("synth", "--workload", "mix", "--threads", "2", "--records", "20000", "--policy", "drop",
                          "--ring-bytes", "65536", "--service", "dropping")
    equal(report["stored"] + report["dropped"], report["attempted"])
    attacker.communicate()
    wait_until(lambda: FIELD.is_gone("dropping"), "the end", FIELD.said)
    FIELD.dropping = report


def test_holes_that_are_punched_without_pause_stall_their_owner_alone():
    session = ForgedSession(FIELD.rings, owner=4242)
    ring = session.ring(owner=4242, data_bytes=1 << 29)
    child = os.fork()
    if child == 0:
        while True:  # far behind the records: both calls keep every write to the file waiting
            os.posix_fallocate(ring.file, DATA + (1 << 28), 1 << 28)
            punch(ring.file, DATA + (1 << 28), 1 << 28)
    try:
        logged = 0
        deadline = time.monotonic() + 30
        while FIELD.status()["slow_writes"] == 0 and time.monotonic() < deadline:
            ring.log([logged])
            logged += 1
            time.sleep(0.002)  # the pace of a service
        seconds = FIELD.serve_honestly("beside-holes", 10000, "--ring-bytes", "65536")
        print(f"# slow writes: {FIELD.status()['slow_writes']}; 20000 honest records through rings of 64 KiB: {seconds:.1f} s")
        assert FIELD.status()["slow_writes"] > 0, "no write was stalled"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(session, range(logged))


def test_the_status_says_what_was_found():
    status = FIELD.expect_status(lambda status: status["quarantines"], "the counters")
    found = status["quarantines"]
    assert found.get("record", 0) > 0 and found.get("head", 0) > 0, found
    print("# quarantines: " + ", ".join(f"{reason} {count}" for reason, count in found.items()))


def test_all_accounts_are_exact():
    records = FIELD.end()
    mine = [record for record in records if record["service"] == "dropping"]
    lost = [record["fields"] for record in mine if record["template"] == "{count} records lost"]
    equal(len(mine) - len(lost), FIELD.dropping["stored"])
    equal(sum(fields["count"] for fields in lost), FIELD.dropping["dropped"])
    assert "Sanitizer" not in FIELD.said() and "runtime error" not in FIELD.said(), FIELD.said()


if __name__ == "__main__":
    del sys.argv[1:]
    with Field() as FIELD:
        sys.exit(run(globals()))
