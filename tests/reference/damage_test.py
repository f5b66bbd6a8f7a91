#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changed bytes in every kind of file: checked ones are always reported, and nothing else than a report comes of any."""
import random
import struct
import sys

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from journal_test import entries  # noqa: E402
from lmlog_reference.damage import Refused  # noqa: E402
from lmlog_reference.journal import Journal  # noqa: E402
from lmlog_reference.ring import Ring  # noqa: E402
from lmlog_reference.segment import Segment  # noqa: E402
from lmlog_reference.session import Session  # noqa: E402
from segment_test import Pieces  # noqa: E402
from written import journal_file, sample, shm_files  # noqa: E402
from written import segment_file as sf  # noqa: E402


def changed(data, at, make):
    data = bytearray(data)
    data[at] ^= make.randrange(1, 256)
    return bytes(data)


def found_in(opener, data):
    """Whether the reader finds something wrong; anything but a report or a refusal fails the test."""
    try:
        opened = opener(data)
        opened.shown()
    except Refused:
        return True
    return bool(opened.findings.damage)


def test_every_changed_byte_of_a_segment_is_found():
    make, data = random.Random(1), Pieces().join()
    missed = [at for at in range(0, len(data), 41) if not found_in(Segment, changed(data, at, make))]
    equal(missed, [])


def test_every_changed_byte_of_a_journal_is_found():
    make, data = random.Random(2), journal_file.header() + b"".join(entries())
    padding, at = set(), 64
    for entry in entries():
        size = struct.unpack_from("<I", entry, 8)[0]
        padding.update(range(at + 32 + size, at + len(entry)))
        at += len(entry)
    missed = [at for at in range(len(data)) if at not in padding and not found_in(Journal, changed(data, at, make))]
    equal(missed, [])


def test_any_bytes_in_a_session_give_a_report_or_nothing():
    make, data = random.Random(3), bytes(sample.session())
    places = [*range(360), *range(512, 1152), *range(12288, 12288 + 900)]
    found = sum(found_in(Session, changed(data, at, make)) for at in places)
    assert found > 300, f"{found} of {len(places)}"


def test_any_bytes_in_a_ring_give_a_report_or_nothing():
    make, data, session = random.Random(4), bytes(shm_files.ring_file(sample.ring())), Session(sample.session())
    places = [*range(904), *range(4096, 4096 + sample.ring().head)]
    found = sum(found_in(lambda changed_data: Ring(changed_data, session), changed(data, at, make)) for at in places)
    assert found > 200, f"{found} of {len(places)}"


def test_bodies_that_were_changed_before_they_were_checked_give_a_report_or_nothing():
    make, pieces = random.Random(5), Pieces()
    catalog = sf.catalog_body(shm_files.descriptor(), sample.catalog())
    found = 0
    for _ in range(120):
        first = pieces.blocks[0]
        body, frame = first.body(), first.frame
        what = make.randrange(3)
        if what == 0:
            body = changed(body, make.randrange(len(body)), make)
        elif what == 1:
            frame = changed(frame, make.randrange(len(frame)), make)
        parts = [sf.header(), pieces.parts[1],
                 sf.part(3, changed(catalog, make.randrange(len(catalog)), make) if what == 2 else catalog)]
        if what == 1:
            stored = [raw_zstd(frame), first.frames[1]]
            kept, first.frames = first.frames, stored
            body, first.frames = first.body(), kept
            parts += [sf.part(4, body), *stored]
        else:
            parts += [sf.part(4, body), *first.frames]
        found += found_in(Segment, b"".join(parts))
    assert found > 60, found
    for _ in range(200):
        at = make.randrange(2, 5)
        entry = entries()[at]
        body = changed(entry[32:], make.randrange(len(entry) - 32), make)
        made = journal_file.entry(entry[4], body)
        found_in(Journal, journal_file.header() + b"".join(entries()[:at]) + made)


def raw_zstd(data):
    """A zstd frame of one raw block: no program is needed to make it."""
    assert len(data) < 1 << 17
    return struct.pack("<IBI", 0xFD2FB528, 0xA0, len(data)) + (len(data) << 3 | 1).to_bytes(3, "little") + data


if __name__ == "__main__":
    sys.exit(run(globals()))
