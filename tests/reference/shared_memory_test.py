#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference reader on sessions and rings that small writers in written/ make from the page."""
import pathlib
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from lmlog_reference.damage import Refused  # noqa: E402
from lmlog_reference.files import read_file  # noqa: E402
from lmlog_reference.ring import Ring  # noqa: E402
from lmlog_reference.session import Session  # noqa: E402
from written import ring_bytes, sample, shm_files  # noqa: E402

MS = 1_000_000


def ring_of(records, tail=0, drained=0, session=None, **options):
    return Ring(shm_files.ring_file(records, tail, drained, **options), session or Session(sample.session()))


def refusal(function, *arguments):
    try:
        function(*arguments)
    except Refused as problem:
        return problem
    raise AssertionError("it was accepted")


def one_damage(findings):
    equal(len(findings.damage), 1)
    damage = findings.damage[0]
    return damage["kind"], damage["offset"], damage["length"]


def test_a_session_gives_its_header_and_its_statements():
    session = Session(sample.session(control={0: 1, 2: 5 << 40}, losses={3: 9}))
    equal(session.findings.damage + session.findings.notes, [])
    shown = session.shown()
    equal((shown["descriptor"]["service"], shown["descriptor"]["pid"], shown["state"]), ("gateway", 4321, "open"))
    equal([each["template"] for each in shown["catalog"]["statements"]], [text for text, _ in sample.SITES])
    equal(shown["catalog"]["loggers"], {"1": "md.itch"})
    equal(shown["catalog"]["skipped_entries"], 1)
    equal(shown["losses"], {"3": 9})
    equal(shown["control_words"]["64"]["off_by_level"], True)
    equal(shown["control_words"]["66"]["keep_threshold"], 5)


def test_a_site_hash_that_is_not_of_its_parts_ends_the_catalog():
    entries = sample.catalog()
    entries[2] = ring_bytes.statement(65, b"x", [], hash_change=1)
    session = Session(shm_files.session_file(entries))
    kind, _, length = one_damage(session.findings)
    equal((kind, length), ("hash", sum(len(ring_bytes.padded(entry)) for entry in entries[2:])))
    equal(sorted(session.catalog.statements), [64])


def test_statement_ids_with_a_gap_end_the_catalog():
    session = Session(shm_files.session_file([ring_bytes.statement(64, b"a", []), ring_bytes.statement(66, b"b", [])]))
    equal(one_damage(session.findings)[0], "structure")


def test_a_wrong_level_a_wrong_type_and_an_entry_past_the_head_end_the_catalog():
    for entry in (ring_bytes.statement(64, b"a", [], level=7), ring_bytes.statement(64, b"a", [(0, 0, b"")]),
                  ring_bytes.statement(64, b"a", [(128, 0, b"")]), struct.pack("<IHH", 80, 1, 0)):
        equal(one_damage(Session(shm_files.session_file([entry])).findings)[0], "structure")


def test_another_major_version_and_unknown_incompatible_flags_are_refused_with_both_versions():
    problem = refusal(Session, shm_files.session_file([], shm_files.descriptor(major=2, minor=5)))
    equal(problem.kind, "version")
    assert "2.5" in str(problem) and "1.0" in str(problem), problem
    problem = refusal(Session, shm_files.session_file([], shm_files.descriptor(incompatible=4)))
    equal(problem.kind, "flags")


def test_a_minor_version_and_unknown_bytes_are_accepted():
    data = shm_files.session_file(sample.catalog(), shm_files.descriptor(minor=9))
    data[380:400], data[2000:3000] = b"\xFF" * 20, b"\xFF" * 1000
    session = Session(data)
    equal((session.findings.damage, len(session.catalog.statements)), ([], len(sample.SITES)))


def test_a_cut_session_is_refused_with_the_bytes_it_lacks():
    data = sample.session()
    problem = refusal(Session, data[:-100])
    equal((problem.kind, problem.offset, problem.length), ("truncated", len(data) - 100, 100))


def test_a_ring_gives_every_record_with_its_arguments_and_state():
    ring = ring_of(sample.ring())
    equal(ring.findings.damage + ring.findings.notes, [])
    equal(sample.facts(ring.records), sample.EXPECTED)


def test_a_ring_that_went_around_gives_the_records_from_tail_to_head():
    ring = ring_bytes.RingBytes(start=3 * ring_bytes.RING_BYTES - 264)
    tail = ring.head
    for number in range(40):  # 24 bytes each: the last before the wrap leaves a gap or needs a pad
        ring.add(65, number, struct.pack("<i", number))
    read = ring_of(ring, tail, 7)
    equal(read.findings.damage, [])
    equal([record["fields"]["n"] for record in read.records], list(range(40)))
    equal([record["position"] for record in read.records], ring.positions)
    equal(read.state.index, 47)


def test_a_gap_of_eight_bytes_before_the_wrap_is_skipped():
    ring = ring_bytes.RingBytes(start=ring_bytes.RING_BYTES - 32)
    tail = ring.head
    ring.add(65, 1, struct.pack("<i", 1))  # 24 bytes: 8 are left
    ring.add(65, 2, struct.pack("<i", 2))
    read = ring_of(ring, tail)
    equal(([record["position"] for record in read.records], read.findings.damage),
          ([ring_bytes.RING_BYTES - 32, ring_bytes.RING_BYTES], []))


def test_an_extended_record_and_an_extended_pad_are_read():
    size = 1 << 18
    ring = ring_bytes.RingBytes(size)
    text = b"x" * 40000
    for number in range(7):
        ring.add(67, number, ring_bytes.string(text))
    assert ring.positions[-1] == size, "the last one does not follow a pad"
    read = ring_of(ring, ring.positions[1])
    equal(read.findings.damage, [])
    equal([len(record["fields"]["text"]) for record in read.records], [40000] * 6)


def test_damage_in_a_ring_ends_the_walk_and_names_the_bytes():
    for offset, broken in ((8, b"\x07"), (12, struct.pack("<I", 64)), (12, struct.pack("<I", 12 | 2 << 20)),
                           (12, struct.pack("<I", 2 << 20)), (12, struct.pack("<I", 9999 | 3 << 20)),
                           (12, struct.pack("<I", 65 | 4095 << 20)), (12, struct.pack("<I", 65 | 1 << 20)),
                           (12, struct.pack("<I", 1 | 3 << 20))):
        ring = ring_bytes.RingBytes()
        for number in range(5):
            ring.add(65, number, struct.pack("<i", number))
        at = ring.positions[3]
        ring.image[at + offset:at + offset + len(broken)] = broken
        read = ring_of(ring)
        equal(one_damage(read.findings), ("record", 4096 + at, ring.head - at))
        equal(len(read.records), 3)


def test_arguments_or_a_body_that_do_not_fit_their_record_are_damage():
    for id_, body in ((67, struct.pack("<I", 5000)), (67, b""), (65, b""), (2, bytes(8)), (6, struct.pack("<II", 1, 0))):
        ring = ring_bytes.RingBytes()
        ring.add(66, 1)
        ring.add(id_, 2, body)
        ring.add(66, 3)
        read = ring_of(ring)
        equal((one_damage(read.findings), len(read.records)), (("record", 4096 + 16, ring.head - 16), 1))


def test_kinds_from_32_on_are_skipped_and_kept():
    ring = ring_bytes.RingBytes()
    ring.add(40, 1, b"later")
    ring.add(65, 2, struct.pack("<i", 2))
    read = ring_of(ring)
    equal(([record["kind"] for record in read.records], read.findings.damage), (["unknown 40", "statement"], []))


def test_a_head_or_a_tail_that_cannot_be_is_damage():
    ring = sample.ring()
    equal(one_damage(ring_of(ring, head=ring.head + 4).findings), ("structure", 256, 8))
    equal(one_damage(ring_of(ring, head=ring_bytes.RING_BYTES + 8).findings), ("structure", 256, 8))
    equal(one_damage(ring_of(ring, tail=ring.head + 8).findings), ("structure", 256, 8))
    data = shm_files.ring_file(ring)
    data[328] ^= 1
    equal(one_damage(Ring(data, Session(sample.session())).findings), ("structure", 320, 32))


def test_a_ring_size_that_is_no_power_of_two_is_refused():
    data = shm_files.ring_file(sample.ring())
    struct.pack_into("<Q", data, 64, 100000)
    equal(refusal(Ring, data).kind, "structure")


def test_counters_ahead_of_the_last_loss_record_become_one_at_the_head():
    ring = sample.ring()
    read = ring_of(ring, losses={0: 12, 5: 3})
    equal(read.lost, {"cursor": f"{shm_files.RING_ID.hex()}:{ring.head + 2}", "lost": {"ring_full": 7, "sampled_out": 3}})
    equal(ring_of(ring, losses={0: 5}).lost, None)


def test_ticks_become_time_between_beside_and_without_anchors():
    entries = [ring_bytes.statement(64, b"tick", [])]
    ring = ring_bytes.RingBytes()
    ring.add(2, 1000, ring_bytes.thread(1, 0, b"t"))
    for ticks in (1000, 1500, 2000, 3001, 500):
        ring.add(64, ticks)
    head = shm_files.descriptor(clock=1, tsc=1000, realtime=10**18, tsc_hz=10**9)
    two = Session(shm_files.session_file(entries, head, last_anchor=(2000, 10**18 + 500, 0)))
    times = [int(record["time_unix_nano"]) - 10**18 for record in ring_of(ring, session=two).records[1:]]
    equal(times, [0, 250, 500, 1000, -250])
    one = Session(shm_files.session_file(entries, head))
    times = [int(record["time_unix_nano"]) - 10**18 for record in ring_of(ring, session=one).records[1:]]
    equal(times, [0, 500, 1000, 2001, -500])
    wild = Session(shm_files.session_file(entries, head, last_anchor=(2000, 10**18 + 10**9, 0)))
    equal([int(record["time_unix_nano"]) - 10**18 for record in ring_of(ring, session=wild).records[1:]], times)


def test_a_new_clock_epoch_resets_the_sort_key():
    ring = ring_bytes.RingBytes()
    ring.add(2, 900, ring_bytes.thread(1, 0, b"t"))
    ring.add(4, 900, ring_bytes.clock(3, 0))
    ring.add(66, 700)
    ring.add(4, 400, ring_bytes.clock(4, 1))
    ring.add(66, 450)
    equal([record["sort_key"] for record in ring_of(ring).records], [900, 900, 900, 400, 450])


def test_an_overwrite_ring_is_read_from_its_floor_with_the_state_of_its_first_sub_buffer():
    size, sub = ring_bytes.RING_BYTES, ring_bytes.RING_BYTES // 8
    start = 9 * sub
    ring = ring_bytes.RingBytes(start=start)
    state = ring_bytes.state_vector([(1, ring_bytes.thread(77, 1, b"recorder")), (8, struct.pack("<Q", 500))])
    ring.add(10, 1, ring_bytes.sub_buffer(start, 500, {6: 20}, state))
    ring.add(65, 2, struct.pack("<i", 2))
    read = ring_of(ring, policy=3, sub_buffer_bytes=sub, floor=start)
    equal(read.findings.damage, [])
    equal([(record["kind"], record["tid"]) for record in read.records], [("sub_buffer", 77), ("statement", 77)])
    equal((read.state.index, size), (501, size))


def test_a_ring_finds_its_session_beside_it():
    with tempfile.TemporaryDirectory() as folder:
        session_id = shm_files.SESSION_ID.hex()
        pathlib.Path(folder, f"gateway.4321.{session_id}.session").write_bytes(sample.session())
        path = pathlib.Path(folder, f"{session_id}.0.ring")
        path.write_bytes(shm_files.ring_file(sample.ring()))
        found = read_file(str(path))
        equal((found["good"], found["notes"]), (True, []))
        equal(sample.facts(found["records"]), sample.EXPECTED)


if __name__ == "__main__":
    sys.exit(run(globals()))
