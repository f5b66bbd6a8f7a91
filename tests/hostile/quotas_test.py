# SPDX-License-Identifier: Apache-2.0
"""Producers that want more than their share, of statements, catalog, rings, sessions and drained bytes: the excess alone
is refused, and counted; what is only too fast is lost where its policy says so, and counted exactly."""
import sys
import time

sys.dont_write_bytecode = True
from field import Field  # noqa: E402
from cases import equal, run  # noqa: E402
from forged import USER_NS, ForgedSession  # noqa: E402
from workplace import wait_until  # noqa: E402
from written import ring_bytes as rb  # noqa: E402

FIELD = None
CONFIGURATION = """
[quota]
rings_per_uid = 20
sites_per_session = 50
catalog_bytes = "64KiB"
bytes_per_second = "512KiB"
"""
REFUSED = {}  # session: records that must be counted as refused
SECOND = 10**9


def drained(ring):
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)


def statements(count, name=b"n"):
    return [rb.statement(64 + i, b"n is {" + name + b"}", [(7, 3, name)], line=i) for i in range(count)]


def test_a_flood_of_sites():
    session = ForgedSession(FIELD.rings, entries=statements(500), owner=5001)
    ring = session.ring(owner=5001)
    for statement, value in ((64, 1), (113, 2), (114, 3), (563, 4), (64, 5)):
        ring.log([value], id_=statement)
    drained(ring)
    FIELD.expect_records(session, [1, 2, 5])
    REFUSED[session] = 2
    wait_until(lambda: "has more statements than its quota" in FIELD.said(), "the sentence", FIELD.said)
    beside = ForgedSession(FIELD.rings, entries=statements(50), owner=5001)
    other = beside.ring(owner=5001)
    other.log([1], id_=113)
    drained(other)
    FIELD.expect_records(beside, [1])


def test_a_flood_of_catalog():
    long_name = b"n" * 2000
    session = ForgedSession(FIELD.rings, entries=statements(15, long_name), owner=5002)
    ring = session.ring(owner=5002)
    second = ForgedSession(FIELD.rings, entries=[rb.statement(64, b"n is {n}", [(7, 3, b"n")]),
                                                 *(rb.statement(65 + i, b"{n}" + b"x" * 4000, [(7, 3, b"n")])
                                                   for i in range(15))], owner=5002)
    drained(ring)
    other = second.ring(owner=5002)
    other.log([1], id_=64)
    other.log([2], id_=79)
    drained(other)
    FIELD.expect_records(second, [1])
    REFUSED[second] = 1
    FIELD.serve_honestly("beside-a-catalog-flood")  # another user has a quota of his own


def test_more_rings_than_the_quota_wait_until_others_are_gone():
    session = ForgedSession(FIELD.rings, owner=5003)
    FIELD.forged_in_any_order = {session.id.hex(): list(range(30))}
    rings = [session.ring(owner=5003) for _ in range(30)]
    for value, ring in enumerate(rings):
        ring.log([value])
    wait_until(lambda: "user 5003 has more rings than quota.rings_per_uid allows: it waits" in FIELD.said(), "it")
    wait_until(lambda: sum(ring.tail() == ring.head for ring in rings) == 20, "20 tails", FIELD.said)
    equal(FIELD.said().count("user 5003 has more"), 1)
    status = FIELD.expect_status(lambda status: sum("5003" in file["reason"] for file in status["quarantined"]) == 10, "10")
    assert status["quarantines"]["over_limit"] == 10, status
    session.die()  # the rings of a dead one cannot become more: all are drained
    wait_until(lambda: not session.path.exists(), "its end", FIELD.said)


def test_more_sessions_than_the_quota_wait_until_others_are_gone():
    sessions = [ForgedSession(FIELD.rings, owner=5004) for _ in range(30)]
    rings = [session.ring(owner=5004) for session in sessions]
    for ring in rings:
        ring.log([1])
    wait_until(lambda: "user 5004 has more sessions than quota.rings_per_uid allows" in FIELD.said(), "it", FIELD.said)
    wait_until(lambda: sum(ring.tail() == ring.head for ring in rings) == 20, "20 tails", FIELD.said)
    served = [ring for ring in rings if ring.tail() == ring.head]
    for ring in served[:10]:
        ring.session.die()
    wait_until(lambda: all(ring.tail() == ring.head for ring in rings), "30 tails", FIELD.said)
    for session in sessions:
        FIELD.expect_records(session, [1])


def test_a_ring_that_is_written_faster_than_it_can_be_drained():
    report = FIELD.replay("synth", "--workload", "W2", "--threads", "2", "--records", "50000", "--policy", "drop",
                          "--ring-bytes", "65536", "--service", "flood")
    equal(report["attempted"], 100000)
    equal(report["stored"] + report["dropped"], report["attempted"])
    assert report["dropped"] > 0, report
    # His bytes of a second are spent; those of another user are not.
    begin = time.monotonic()
    session = ForgedSession(FIELD.rings, owner=5005)
    ring = session.ring(owner=5005)
    ring.log(range(100))
    drained(ring)
    assert time.monotonic() - begin < 5
    FIELD.expect_records(session, range(100))
    wait_until(lambda: FIELD.is_gone("flood"), "the end of the flood", FIELD.said)
    FIELD.flood = report


def test_nobody_is_drained_faster_than_bytes_per_second():
    session = ForgedSession(FIELD.rings, owner=5006)
    ring = session.ring(owner=5006, data_bytes=1 << 20)
    ring.log(range(30000))  # 24 bytes each, 703 KiB: more than a second's worth, and taken as the bucket was not empty
    drained(ring)
    begin = time.monotonic()
    ring.log([30000])  # this one waits until the excess is paid back
    drained(ring)
    assert time.monotonic() - begin > 0.1
    FIELD.expect_records(session, range(30001))


def test_times_that_jump_by_years():
    now = 1795000000 * SECOND
    times = [now, 0, 1, now - 30 * 365 * 86400 * SECOND, 2**63 - 1, now, 2**63, 2**64 - 1, 5, now + 1]
    session = ForgedSession(FIELD.rings, owner=5007)
    ring = session.ring(owner=5007)
    for value, instant in enumerate(times):
        ring.log([value], time=instant)
    before = ring.bytes.head
    ring.bytes.add(4, 7, rb.clock(USER_NS, 1))  # a new epoch: the running maximum begins anew
    ring.publish(before)
    ring.log([100], time=now)
    drained(ring)
    FIELD.times = session
    FIELD.serve_honestly("beside-jumping-times")


def test_the_others_are_served_as_before():
    FIELD.serve_honestly("honest", 2000)


def test_all_is_delivered_and_all_that_is_lost_is_counted():
    records = FIELD.end()
    for session, count in REFUSED.items():
        equal(FIELD.losses(records, session), {"quarantined": count})
    for id_, values in FIELD.forged_in_any_order.items():
        equal(sorted(record["fields"]["n"] for record in records if record["session"] == id_), values)
    mine = [record for record in records if record["service"] == "flood"]
    equal(sum("n" in record["fields"] for record in mine), FIELD.flood["stored"])
    equal(sum(record["fields"].get("count", 0) for record in mine), FIELD.flood["dropped"])
    mine = [record for record in records if record["session"] == FIELD.times.id.hex()]
    by_value = {record["fields"]["n"]: record["time"] for record in mine}
    equal(set(by_value), {*range(10), 100})
    equal(by_value[1], "1970-01-01T00:00:00.000000000Z")
    equal(by_value[4], "2262-04-11T23:47:16.854775807Z")
    equal(by_value[0], by_value[5])
    # Within an epoch the order of the ring stays, whatever the times say.
    equal([record["fields"]["n"] for record in mine if record["fields"]["n"] != 100], list(range(10)))


if __name__ == "__main__":
    with Field(configuration=CONFIGURATION) as FIELD:
        sys.exit(run(globals()))
