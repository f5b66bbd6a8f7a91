#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference reader on segments that written/sample_segment.py makes from the page."""
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from journal_test import RING, SPLIT, STATE_AT_SPLIT  # noqa: E402
from lmlog_reference.columns import decode_column  # noqa: E402
from lmlog_reference.damage import Refused  # noqa: E402
from lmlog_reference.inflate import frame_length, inflate  # noqa: E402
from lmlog_reference.segment import Segment  # noqa: E402
from lmlog_reference.wire import Malformed  # noqa: E402
from written import ring_bytes, sample, shm_files  # noqa: E402
from written import segment_file as sf  # noqa: E402
from written.sample_segment import Block, footer  # noqa: E402

STATE_AT_END = ring_bytes.state_vector([
    (1, ring_bytes.thread(12, 1, b"")), (2, struct.pack("<II", 3, 0)), (6, ring_bytes.losses({0: 5})),
    (7, struct.pack("<Q", 1011)), (8, struct.pack("<Q", 6))])


class Pieces:
    """A segment in pieces that a test changes before it joins them."""

    def __init__(self, **options):
        first = Block(RING, 0, SPLIT, b"", STATE_AT_SPLIT, **options)
        second = Block(RING, SPLIT, RING.head, STATE_AT_SPLIT, STATE_AT_END, losses={0: 5}, **options)
        self.blocks = [first, second]
        self.parts = [sf.header(), sf.checkpoint([(shm_files.SESSION_ID, shm_files.RING_ID, RING.data_bytes, 0, b"")]),
                      sf.part(3, sf.catalog_body(shm_files.descriptor(), sample.catalog()), compressed=True),
                      first.whole(), second.whole()]
        places = [(self.offset(3), len(self.parts[3])), (self.offset(4), len(self.parts[4]))]
        self.footer = sf.part(5, footer(self.blocks, places, RING, STATE_AT_END, {0: 5}, sample.catalog()), compressed=True)

    def offset(self, number):
        return sum(map(len, self.parts[:number]))

    def join(self):
        data = b"".join(self.parts)
        return data + self.footer + sf.end(len(data))


class Wrong(Block):
    """The first block with a change in what its directory says."""

    def __init__(self, change, **options):
        super().__init__(RING, 0, SPLIT, b"", STATE_AT_SPLIT, **options)
        change(self)


def damages(segment):
    return [(damage["kind"], damage["offset"], damage["length"]) for damage in segment.findings.damage]


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1:]


def test_a_segment_gives_every_record_with_its_arguments_and_state():
    segment = Segment(Pieces().join())
    equal(segment.findings.damage + segment.findings.notes, [])
    equal(sample.facts(segment.records()), sample.EXPECTED)
    equal([record["position"] for record in segment.records()], RING.positions)
    equal((segment.header.service, segment.header.sequence, segment.footer.records), ("gateway", 17, len(RING.positions)))


def test_columns_of_a_run_of_their_own_are_read():
    segment = Segment(Pieces(own_columns=True).join())
    equal((segment.findings.damage, sample.facts(segment.records())), ([], sample.EXPECTED))


def test_a_damaged_block_costs_that_block_and_names_its_bytes():
    pieces = Pieces()
    data, start, size = pieces.join(), pieces.offset(3), len(pieces.parts[3])
    second = sample.EXPECTED[6:]
    for place in (3, 10, 30, 44, 60, size - 5):
        segment = Segment(flipped(data, start + place))
        equal(damages(segment), [("checksum", start, size)])
        equal(sample.facts(segment.records()), second)


def test_a_damaged_catalog_part_is_made_good_by_the_footer():
    pieces = Pieces()
    segment = Segment(flipped(pieces.join(), pieces.offset(2) + 60))
    equal(damages(segment), [("checksum", pieces.offset(2), len(pieces.parts[2]))])
    equal(sample.facts(segment.records()), sample.EXPECTED)


def test_a_cut_segment_gives_what_stands_before_its_torn_end():
    pieces = Pieces()
    data = pieces.join()
    starts = [pieces.offset(number) for number in range(6)]
    for size in range(starts[1], starts[5], 61):
        segment = Segment(data[:size])
        whole = max(number for number, start in enumerate(starts) if start <= size)
        expected = [] if size in starts else [("torn", starts[whole], size - starts[whole])]
        equal((size, damages(segment)), (size, expected))
        equal(len(segment.blocks), max(0, whole - 3))


def test_a_damaged_end_behind_a_good_footer_is_damage_and_the_footer_serves():
    pieces = Pieces()
    data = pieces.join()
    for place in range(len(data) - 32, len(data)):
        segment = Segment(flipped(data, place))
        equal((place, damages(segment)), (place, [("checksum", len(data) - 32, 32)]))
        equal((segment.footer.records, segment.footer_at), (len(RING.positions), segment.footer_offset))
    segment = Segment(data[:-1])
    equal(damages(segment), [("torn", len(data) - 32, 31)])


def test_parts_that_may_be_skipped_are_and_others_stop_the_reading():
    pieces = Pieces()
    pieces.parts.insert(3, sf.part(32768, b"later"))
    data = b"".join(pieces.parts)
    segment = Segment(data)
    equal((segment.findings.damage, segment.skipped_parts, len(segment.blocks)), ([], 1, 2))
    pieces.parts[3] = sf.part(7, b"later")
    segment = Segment(b"".join(pieces.parts))
    equal([damage[:2] for damage in damages(segment)], [("unknown", pieces.offset(3))])
    equal(segment.blocks, [])


def test_longer_bodies_and_minor_versions_are_accepted():
    pieces = Pieces()
    pieces.parts[0] = sf.header(minor=4, more=b"later")
    segment = Segment(b"".join(pieces.parts[:3]))
    equal((segment.findings.damage, segment.header.version), ([], "1.4"))


def test_another_version_and_flags_are_refused():
    for header, kind in (({"major": 3}, "version"), ({"incompatible": 2}, "flags")):
        try:
            Segment(sf.header(**header))
            raise AssertionError("it was accepted")
        except Refused as problem:
            equal(problem.kind, kind)


def test_foreign_bytes_between_parts_are_damage():
    pieces = Pieces()
    foreign = sf.zstd(b"foreign")
    data = b"".join(pieces.parts[:4] + [foreign] + pieces.parts[4:])
    segment = Segment(data)
    equal(damages(segment), [("checksum", pieces.offset(4), len(foreign))])
    equal(len(segment.blocks), 2)


def test_a_footer_that_disagrees_with_the_blocks_is_damage():
    pieces = Pieces()
    places = [(pieces.offset(3), len(pieces.parts[3])), (pieces.offset(4) + 8, len(pieces.parts[4]))]
    for stated, losses in ((places, {0: 5}), (None, {0: 6})):
        stated = stated or [(pieces.offset(3), len(pieces.parts[3])), (pieces.offset(4), len(pieces.parts[4]))]
        pieces.footer = sf.part(5, footer(pieces.blocks, stated, RING, STATE_AT_END, losses, sample.catalog()))
        equal([damage[0] for damage in damages(Segment(pieces.join()))], ["accounting"])


def test_an_end_that_points_elsewhere_is_damage():
    pieces = Pieces()
    data = b"".join(pieces.parts) + pieces.footer
    segment = Segment(data + sf.end(12345))
    equal(damages(segment), [("structure", len(data), 32)])
    equal(sample.facts(segment.records()), sample.EXPECTED)


def test_a_block_that_contradicts_its_columns_is_damage():
    def states(block):
        block.run = block.run.replace(b"feed", b"food")

    def times(block):
        block.times = [time + 1 for time in block.times]

    def levels(block):
        block.level_mask = 0

    pieces = Pieces()
    for change, kind in ((states, "accounting"), (times, "accounting"), (levels, "accounting")):
        whole = Wrong(change).whole()
        data = b"".join(pieces.parts[:3]) + whole
        equal(damages(Segment(data)), [(kind, pieces.offset(3), len(whole))])
    statistics = b"\x01\x08" + struct.pack("<q", 0)  # a minimum of 0, but the column holds -1
    whole = Wrong(lambda block: None, statistics=statistics).whole()
    equal([damage[:2] for damage in damages(Segment(b"".join(pieces.parts[:3]) + whole))], [("structure", pieces.offset(3))])
    whole = Wrong(lambda block: None).whole(records=9)
    equal([damage[:2] for damage in damages(Segment(b"".join(pieces.parts[:3]) + whole))], [("structure", pieces.offset(3))])


def test_an_unknown_encoding_costs_its_column_alone():
    def unknown(block):
        site = block.ids.index(64) + 1
        block.columns = [column[:4] + b"\x0F" + column[5:] if column[:3] == bytes([site, 0, 12]) else column
                         for column in block.columns]

    pieces = Pieces()
    pieces.parts[3] = Wrong(unknown).whole()
    segment = Segment(b"".join(pieces.parts))
    equal((segment.findings.damage, len(segment.findings.notes)), ([], 2))
    expected = [(*fact[:3], {**fact[3], "fields": {name: value for name, value in sample.SHOWN.items() if name != "f64"}})
                if number == 2 else fact for number, fact in enumerate(sample.EXPECTED)]
    equal(sample.facts(segment.records()), expected)
    equal([record["position"] for record in segment.records()], RING.positions)


def test_every_encoding_gives_back_its_values():
    numbers = {7: [5, -1, 2**31 - 1, -2**31], 8: [0, 2**32 - 1, 7], 9: [-2**63, 2**63 - 1, 0], 10: [2**64 - 1, 0, 1],
               3: [-128, 127], 1: [1, 0]}
    for tag, values in numbers.items():
        for encoding in (0, 2, 3):
            equal(decode_column(tag, encoding, sf.encoded(tag, encoding, values), len(values)), (values, 0))
        equal(decode_column(tag, 1, sf.encoded(tag, 1, values), 3), ([values[0]] * 3, 0))
    texts = [(b"a", False), (b"", True), (b"long" * 99, False), (b"a", False)]
    for encoding in (16, 17):
        equal(decode_column(14, encoding, sf.encoded(14, encoding, texts), 4), (texts, 0))
    many = [(str(number).encode(), False) for number in range(1000)]
    equal(decode_column(14, 17, sf.encoded(14, 17, many), 1000), (many, 0))


def test_columns_that_cannot_be_are_refused():
    for tag, encoding, data, count in ((7, 0, bytes(7), 2), (7, 2, b"\xFF" * 11, 1), (3, 2, sf.sv(128), 1),
                                       (4, 3, sf.sv(-1), 1), (12, 2, b"\0", 1), (7, 16, b"\0", 1), (14, 0, b"\0", 1),
                                       (14, 17, b"\x01\x02a\x01\x01", 1), (14, 17, b"\x01\x02a\x03\0\0\0", 1),
                                       (14, 16, b"\x09a", 1), (7, 0, b"", 1 << 60), (7, 9, b"", 0)):
        try:
            decode_column(tag, encoding, data, count)
            raise AssertionError(f"type {tag}, encoding {encoding}, {data!r} was accepted")
        except Malformed:
            pass


def test_frames_are_inflated_each_for_itself_and_bombs_are_stopped():
    texts = [b"", b"one", b"two" * 1000, bytes(1 << 20)]
    frames = [sf.zstd(text) for text in texts]
    equal([frame_length(frame) for frame in frames], [len(frame) for frame in frames])
    equal(inflate([(frame, len(text)) for frame, text in zip(frames, texts)]), texts)
    equal(inflate([(frames[1], 3), (frames[3], 100), (frames[2], 3000)]), [texts[1], None, texts[2]])
    silent = subprocess.run(["zstd", "-q", "-c"], input=b"one", capture_output=True, check=True).stdout
    equal(inflate([(silent, 3)]), [None])  # its header does not state the size
    equal(inflate([(frames[1] + frames[2], 3003), (b"no frame", 3)]), [None, None])


if __name__ == "__main__":
    sys.exit(run(globals()))
