#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reader's XXH3-64 against published values and the xxhsum program."""
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from cases import Skipped, equal, run  # noqa: E402
from lmlog_reference.xxh3 import xxh3_64  # noqa: E402

# Each length is on one side of a border between two of the algorithm's cases.
BORDERS = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 96, 127, 128, 129, 143, 144, 239, 240, 241, 255, 256, 511,
           512, 1023, 1024, 1025, 1087, 1088, 1089, 2047, 2048, 2049, 4096, 65537]


# Published with xxhsum: hashes of the first bytes of a generated buffer, without seed.
PUBLISHED = {0: 0x2D06800538D394C2, 1: 0xC44BDFF4074EECDB, 6: 0x27B56A84CD2D7325, 12: 0xA713DAF0DFBB77E7,
             24: 0xA3FE70BF9D3510EB, 48: 0x397DA259ECBA1F11, 80: 0xBCDEFBBB2C47C90A, 195: 0xCD94217EE362EC3A,
             403: 0xCDEB804D65C6DEA4, 512: 0x617E49599013CB6B, 2048: 0xDD59E2C3A5F038E0, 2240: 0x6E73A90539CF2948,
             2367: 0xCB37AEB9E5D361ED}


def test_published_lengths_hash_to_the_published_values():
    generator, data = 2654435761, bytearray()
    for _ in range(max(PUBLISHED)):
        data.append(generator >> 56)
        generator = generator * 11400714785074694797 % (1 << 64)
    equal({size: xxh3_64(bytes(data[:size])) for size in PUBLISHED}, PUBLISHED)


def test_one_changed_bit_changes_the_hash_of_every_length():
    for size in BORDERS[1:]:
        data = bytes(size)
        assert xxh3_64(data) != xxh3_64(data[:-1] + b"\x01"), size


def test_it_agrees_with_xxhsum_at_every_border_between_its_cases():
    if not shutil.which("xxhsum"):
        raise Skipped("xxhsum is not installed (package xxhash)")
    make = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        for size in BORDERS:
            pathlib.Path(folder, f"{size:06}").write_bytes(make.randbytes(size))
        files = sorted(pathlib.Path(folder).iterdir())
        answer = subprocess.run(["xxhsum", "-H3", *map(str, files)], capture_output=True, text=True, check=True).stdout
        # "XXH3 (FILE) = HASH", or "XXH3_HASH  FILE" by a later version.
        words = [line.replace("XXH3_", "").replace("XXH3 (", "").replace(") =", "").split() for line in answer.splitlines()]
        theirs = {path: hash_ for pair in words for path, hash_ in [sorted(pair, key=lambda word: "/" not in word)]}
        equal({str(path): f"{xxh3_64(path.read_bytes()):016x}" for path in files}, theirs)


if __name__ == "__main__":
    sys.exit(run(globals()))
