#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference reader on journals that written/journal_file.py makes from the page."""
import struct
import sys

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from lmlog_reference.damage import Refused  # noqa: E402
from lmlog_reference.journal import Journal  # noqa: E402
from written import journal_file, ring_bytes, sample, shm_files  # noqa: E402

RING = sample.ring()
SPLIT = RING.positions[6]
STATE_AT_SPLIT = ring_bytes.state_vector([
    (1, ring_bytes.thread(11, 0, b"feed")), (2, struct.pack("<II", 3, 0)),
    (3, ring_bytes.context(sample.TRACE, sample.SPAN, 1, [(b"user", b"ann")])),
    (4, struct.pack("<III", 1, 0, len(ring_bytes.span_begin(sample.SPAN, b"match"))) +
     ring_bytes.span_begin(sample.SPAN, b"match")),
    (7, struct.pack("<Q", 1004)), (8, struct.pack("<Q", 2))])


def entries():
    """Session, catalog, the sample's records in two ranges, and the end of the ring."""
    return [journal_file.session(0, shm_files.descriptor()), journal_file.catalog(0, sample.catalog()),
            journal_file.range_(0, RING, 0, SPLIT), journal_file.range_(0, RING, SPLIT, RING.head, STATE_AT_SPLIT),
            journal_file.ring_end(0, RING.head)]


def read(parts, **header):
    return Journal(journal_file.header(**header) + b"".join(parts))


def offset_of(parts, number):
    return 64 + sum(len(part) for part in parts[:number])


def damages(journal):
    return [(damage["kind"], damage["offset"], damage["length"]) for damage in journal.findings.damage]


def test_a_journal_gives_every_record_with_its_arguments_and_state():
    journal = read(entries())
    equal(journal.findings.damage + journal.findings.notes, [])
    equal(sample.facts(journal.records()), sample.EXPECTED)
    equal([entry["entry"] for entry in journal.entries], ["session", "catalog", "range", "range", "ring_end"])
    assert all(record["time_unix_nano"] == str(record["raw_time"]) for record in journal.shown()["entries"][2]["records"])


def test_a_state_vector_that_the_records_before_contradict_is_damage():
    parts = entries()
    parts[3] = journal_file.range_(0, RING, SPLIT, RING.head, ring_bytes.state_vector([(8, struct.pack("<Q", 2))]))
    journal = read(parts)
    equal([damage["kind"] for damage in journal.findings.damage], ["accounting"])
    assert "thread, context, spans, sort key" in journal.findings.damage[0]["message"], journal.findings.damage


def test_every_cut_leaves_a_torn_end_and_all_entries_before_it():
    parts = entries()
    data = journal_file.header() + b"".join(parts)
    starts = [offset_of(parts, number) for number in range(len(parts) + 1)]
    for size in range(64, len(data), 13):
        journal = Journal(data[:size])
        whole = max(number for number, start in enumerate(starts) if start <= size)
        expected = [] if size in starts else [("torn", starts[whole], size - starts[whole])]
        equal((size, damages(journal), len(journal.entries)), (size, expected, whole))


def test_a_changed_byte_costs_one_entry_and_is_reported_with_its_range():
    parts = entries()
    data = journal_file.header() + b"".join(parts)
    for number in (2, 3):
        start, size = offset_of(parts, number), len(parts[number])
        for place in (0, 4, 9, 17, 25, 32, size - 40):
            broken = bytearray(data)
            broken[start + place] ^= 0x10
            journal = Journal(bytes(broken))
            equal(damages(journal)[0], ("checksum", start, size))
            equal(len(journal.entries), 4)


def test_a_changed_byte_in_the_last_entry_is_a_torn_end():
    parts = entries()
    data = bytearray(journal_file.header() + b"".join(parts))
    data[-3] ^= 1
    equal(damages(Journal(bytes(data))), [("torn", offset_of(parts, 4), len(parts[4]))])


def test_unknown_entries_that_may_be_skipped_are_and_others_stop_the_reading():
    parts = entries()
    journal = read(parts[:2] + [journal_file.entry(40000, b"later")] + parts[2:])
    equal((journal.findings.damage, journal.skipped), ([], 1))
    equal(sample.facts(journal.records()), sample.EXPECTED)
    journal = read(parts[:3] + [journal_file.entry(7, b"later")] + parts[3:])
    equal([damage[:2] for damage in damages(journal)], [("unknown", offset_of(parts, 3))])
    equal(len(journal.entries), 3)


def test_a_missing_stretch_is_reported_and_an_old_one_is_passed_over():
    parts = entries()
    journal = read(parts[:2] + parts[3:])
    equal(journal.findings.damage, [])
    second = journal_file.range_(0, RING, SPLIT, RING.head, STATE_AT_SPLIT)
    third = RING.positions[9]
    journal = read(parts[:2] + [journal_file.range_(0, RING, 0, third), second])
    equal(journal.findings.damage, [])
    equal(sample.facts(journal.records()), sample.EXPECTED)
    journal = read(parts[:2] + [journal_file.range_(0, RING, 0, RING.positions[3]), second])
    damage = journal.findings.damage[0]
    equal((damage["kind"], damage["position"], damage["ring_bytes"]),
          ("missing", RING.positions[3], SPLIT - RING.positions[3]))


def test_losses_of_the_collector_become_records_once():
    counts = {0: 9}
    state = ring_bytes.state_vector([(6, ring_bytes.losses({0: 5}))])
    parts = entries()[:2]
    loss = journal_file.losses(0, RING.head + 1, 2000, counts, state)
    journal = read(parts + [loss, loss])
    equal([(record["lost"], record["cursor"]) for record in journal.records()],
          [({"ring_full": 4}, f"{shm_files.RING_ID.hex()}:{RING.head + 1}")])
    without_ring = journal_file.losses(0, 24, 2000, {3: 3}, ring_id=shm_files.SESSION_ID)
    journal = read(parts + [without_ring])
    equal(([record["lost"] for record in journal.records()], journal.findings.notes), ([{"no_ring": 3}], []))


def test_later_anchors_serve_earlier_records():
    ring = ring_bytes.RingBytes()
    ring.add(2, 5000, ring_bytes.thread(1, 0, b""))
    parts = [journal_file.session(0, shm_files.descriptor(clock=1, tsc=1000, realtime=10**18)),
             journal_file.catalog(0, sample.catalog()), journal_file.range_(0, ring, 0, ring.head),
             journal_file.anchor(0, 9000, 10**18 + 4000, 0)]
    journal = read(parts)
    equal([record["time_unix_nano"] for record in journal.records()], [str(10**18 + 2000)])


def test_a_range_of_an_unknown_session_and_bad_records_are_damage():
    parts = entries()
    equal(damages(read(parts[:1] + parts[2:3]))[0][0], "record")
    equal(damages(read(parts[2:3]))[0][0], "structure")


def test_another_version_flags_and_a_wrong_header_check_are_refused():
    for header, kind in (({"major": 2}, "version"), ({"incompatible": 1}, "flags")):
        try:
            read([], **header)
            raise AssertionError("it was accepted")
        except Refused as problem:
            equal(problem.kind, kind)
    broken = bytearray(journal_file.header())
    broken[33] ^= 1
    try:
        Journal(bytes(broken))
        raise AssertionError("it was accepted")
    except Refused as problem:
        equal((problem.kind, problem.offset, problem.length), ("checksum", 0, 64))


if __name__ == "__main__":
    sys.exit(run(globals()))
