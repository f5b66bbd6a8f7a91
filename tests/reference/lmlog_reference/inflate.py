# SPDX-License-Identifier: Apache-2.0
"""Zstandard frames: their ends by the public format (RFC 8878), their content by the zstd program."""
import subprocess
import tempfile

from .wire import Malformed, WireReader

FRAME_MAGIC = 0xFD2FB528


def frame_length(data):
    """Bytes of the one ordinary zstd frame that `data` starts with."""
    reader = WireReader(data)
    if reader.u32() != FRAME_MAGIC:
        raise Malformed("no zstd frame")
    descriptor = reader.u8()
    single_segment, has_check = descriptor >> 5 & 1, descriptor >> 2 & 1
    content_size = (single_segment, 2, 4, 8)[descriptor >> 6]
    reader.take((0 if single_segment else 1) + (0, 1, 2, 4)[descriptor & 3] + content_size, "zstd frame header")
    last = False
    while not last:
        header = int.from_bytes(reader.take(3, "zstd block header"), "little")
        last, type_, size = header & 1, header >> 1 & 3, header >> 3
        if type_ == 3:
            raise Malformed("a reserved zstd block type", reader.at)
        reader.take(1 if type_ == 1 else size, "zstd block")
    reader.take(4 * has_check, "zstd checksum")
    return reader.at


def _run_zstd(stored, limit):
    """What zstd makes of `stored`, at most limit + 1 bytes, and whether it was content."""
    if not stored:
        return b"", True
    with tempfile.TemporaryFile() as file:
        file.write(stored)
        file.seek(0)
        with subprocess.Popen(["zstd", "-d", "-c", "-q"], stdin=file, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as program:
            output = program.stdout.read(limit + 1)
            if len(output) > limit:
                program.kill()
            program.stdout.close()
        return output, program.returncode == 0


def inflate(frames):
    """Contents of (stored, inflated size) pairs; None for one that is not exactly one frame which states this size.

    One call of the program serves all; only if that fails each frame is tried by itself.
    """
    results = [None] * len(frames)
    good = [index for index, (stored, size) in enumerate(frames) if is_frame_of(stored, size)]
    output, worked = _run_zstd(b"".join(frames[index][0] for index in good), sum(frames[index][1] for index in good))
    if worked and len(output) == sum(frames[index][1] for index in good):
        at = 0
        for index in good:
            results[index] = output[at:at + frames[index][1]]
            at += frames[index][1]
        return results
    for index in good:
        stored, size = frames[index]
        output, worked = _run_zstd(stored, size)
        results[index] = output if worked and len(output) == size else None
    return results


def is_frame_of(stored, size):
    """Whether the bytes are one frame whose header states this content size."""
    try:
        return frame_length(stored) == len(stored) and declared_size(stored) == size
    except Malformed:
        return False


def declared_size(stored):
    """The content size in a frame's header; None if it has none."""
    reader = WireReader(stored, 4)
    descriptor = reader.u8()
    single_segment, flag = descriptor >> 5 & 1, descriptor >> 6
    reader.take((0 if single_segment else 1) + (0, 1, 2, 4)[descriptor & 3])
    width = (single_segment, 2, 4, 8)[flag]
    return int.from_bytes(reader.take(width), "little") + (256 if width == 2 else 0) if width else None
