# SPDX-License-Identifier: Apache-2.0
"""Ring bytes and words that break the protocol, in sessions that a collector serves beside honest ones: each is found,
named and counted, everything before it is delivered, and nothing else suffers."""
import os
import struct
import sys

sys.dont_write_bytecode = True
from field import Field  # noqa: E402
from cases import equal, run  # noqa: E402
from forged import DATA, HEAD, FLOOR, LOSSES, MASK64, TAIL, ForgedSession  # noqa: E402
from workplace import wait_until  # noqa: E402
from written import ring_bytes as rb  # noqa: E402

FIELD = None
CORRUPT = []  # sessions of which one stretch is lost as corrupt


def is_found(ring, reason):
    FIELD.expect_quarantine(ring, reason)
    CORRUPT.append(ring.session)


def test_a_head_that_is_no_multiple_of_8():
    ring = FIELD.served_ring()
    ring.put(HEAD, "Q", ring.head + 13)
    is_found(ring, f"its head {ring.head + 13} is impossible at position {ring.head}")


def test_a_head_that_goes_back():
    ring = FIELD.served_ring()
    ring.put(HEAD, "Q", ring.head - 24)
    is_found(ring, f"its head {ring.head - 24} is impossible at position {ring.head}")


def test_a_head_that_is_further_ahead_than_the_ring_is_long():
    ring = FIELD.served_ring()
    ring.put(HEAD, "Q", ring.head + rb.RING_BYTES + 8)
    is_found(ring, f"its head {ring.head + rb.RING_BYTES + 8} is impossible")


def test_a_head_at_the_end_of_all_numbers():
    ring = FIELD.served_ring()
    ring.put(HEAD, "Q", MASK64 - 7)
    is_found(ring, f"its head {MASK64 - 7} is impossible")


def test_a_head_that_moves_while_it_is_read():
    ring = FIELD.served_ring()
    for step in range(20000):
        ring.put(HEAD, "Q", ring.head + 8 * (step * 2654435761 % 8192))
        if step % 1000 == 0 and os.fspath(ring.path) in FIELD.said():
            break
    is_found(ring, "(its head|a record)")


def test_a_tail_that_is_torn_when_the_ring_is_found():
    ring = ForgedSession(FIELD.rings).ring(torn=True)
    FIELD.expect_refusal(ring.path, "its tail is torn")


def test_a_tail_that_does_not_fit_its_head_when_the_ring_is_found():
    ring = ForgedSession(FIELD.rings).ring(tail=1 << 40)
    FIELD.expect_refusal(ring.path, f"its tail {1 << 40} does not fit its head {ring.head}")


def test_a_tail_that_its_producer_moves_changes_nothing():
    ring = FIELD.served_ring()
    for value in range(4, 1000):
        ring.put(TAIL, "QQQQ", value * 8, 77, MASK64, 5)
        ring.log([value])
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(ring.session, range(1, 1000))


def test_a_length_of_zero():
    ring = FIELD.served_ring()
    position = ring.header_of_next(0)
    os.pwrite(ring.file, struct.pack("<Q", 0), DATA + position + 16)
    ring.put(HEAD, "Q", position + 32)
    is_found(ring, f"a record with an impossible length at position {position}")


def test_a_huge_length():
    ring = FIELD.served_ring()
    position = ring.header_of_next(0)
    os.pwrite(ring.file, struct.pack("<Q", MASK64 - 7), DATA + position + 16)
    ring.put(HEAD, "Q", position + 32)
    is_found(ring, f"a record with an impossible length at position {position}")


def test_a_length_that_leads_behind_the_head():
    ring = FIELD.served_ring()
    position = ring.header_of_next(32760)
    ring.put(HEAD, "Q", position + 24)
    is_found(ring, f"a record with an impossible length at position {position}")


def test_pads_in_a_circle():
    ring = FIELD.served_ring()
    # Nothing but pads, round after round: the ring is drained, and says nothing.
    rounds = 0
    while rounds < 5:
        room = rb.RING_BYTES - ring.head % rb.RING_BYTES
        before = ring.bytes.head
        ring.bytes._put(1, 5, b"", room, room > 32760)  # pylint: disable=protected-access
        ring.publish(before)
        wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
        rounds += 1
    ring.log([4])
    wait_until(lambda: ring.tail() == ring.head, "the tail", FIELD.said)
    FIELD.expect_records(ring.session, [1, 2, 3, 4])
    # One that claims to end where it begins would be walked for ever.
    position = ring.header_of_next(0, id_=1)
    os.pwrite(ring.file, struct.pack("<Q", 0), DATA + position % rb.RING_BYTES + 16)
    ring.put(HEAD, "Q", position + 64)
    is_found(ring, f"a record with an impossible length at position {position}")


def test_a_pad_that_leads_across_the_wrap():
    ring = FIELD.served_ring()
    position = ring.header_of_next(0, id_=1)
    os.pwrite(ring.file, struct.pack("<Q", rb.RING_BYTES), DATA + position + 16)
    ring.put(HEAD, "Q", position + rb.RING_BYTES)
    is_found(ring, f"a record with an impossible length at position {position}")


def test_a_stamp_of_an_earlier_round():
    ring = FIELD.served_ring()
    position = ring.header_of_next(24, stamp=(ring.head - rb.RING_BYTES) // 8 & 0xFFFFFFFF)
    ring.put(HEAD, "Q", position + 24)
    is_found(ring, f"a record with a wrong stamp at position {position}")


def test_a_head_that_is_published_before_its_record():
    ring = FIELD.served_ring()
    ring.put(HEAD, "Q", ring.head + 64)  # what lies there was never written
    is_found(ring, f"a record with a wrong stamp at position {ring.head}")


def test_a_statement_that_is_not_in_the_catalog():
    ring = FIELD.served_ring()
    position = ring.header_of_next(24, id_=65)
    ring.put(HEAD, "Q", position + 24)
    is_found(ring, f"a record of statement 65, which is not in the catalog, at position {position}")


def test_a_record_that_is_shorter_than_its_arguments():
    ring = FIELD.served_ring()
    position = ring.header_of_next(16)
    ring.put(HEAD, "Q", position + 16)
    is_found(ring, f"a record that is shorter than its arguments at position {position}")


def test_a_state_record_that_is_malformed():
    ring = FIELD.served_ring()
    before = ring.bytes.head
    ring.bytes.add(2, 2000, rb.thread(1, 1, b"x" * 65))
    ring.publish(before)
    is_found(ring, f"a malformed state record \\(kind 2\\) at position {before}")


def test_a_floor_that_is_no_beginning_of_a_sub_buffer():
    session = ForgedSession(FIELD.rings)
    ring = session.ring(policy=3, sub_buffer_bytes=8192)
    ring.put(FLOOR, "Q", 24)
    # Its first record is no head of a sub-buffer either; which of the two is met first is the reader's choice.
    is_found(ring, "(its floor|the sub-buffer)")


def test_counters_that_go_back_take_nothing_back():
    ring = FIELD.served_ring()
    ring.put(LOSSES, "Q", 7)
    FIELD.expect_status(lambda status: status["losses"].get("ring_full", 0) >= 7, "the losses")
    ring.put(LOSSES, "Q", 3)
    ring.log([4])
    FIELD.expect_records(ring.session, [1, 2, 3, 4])
    ring.put(LOSSES, "Q", 9)
    FIELD.expect_status(lambda status: status["losses"].get("ring_full", 0) >= 9, "the losses")


def test_the_others_are_served_as_before():
    FIELD.serve_honestly("honest", 2000)


def test_the_status_names_every_session_and_counts_them():
    equal(FIELD.expect_all_refusals()["losses"]["corrupt"], len(CORRUPT))


def test_everything_before_the_harm_is_delivered_and_the_loss_is_told():
    records = FIELD.end()
    for session in CORRUPT:
        equal(FIELD.losses(records, session), {"corrupt": 1})


if __name__ == "__main__":
    with Field() as FIELD:
        sys.exit(run(globals()))
