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
    """Contents of (stored, inflated size) pairs, each stored part being exactly one frame; None for a bad one.

    One call of the program serves all; only if that fails each frame is tried by itself.
    """
    results = [None] * len(frames)
    whole = []
    for index, (stored, _) in enumerate(frames):
        try:
            if frame_length(stored) == len(stored):
                whole.append(index)
        except Malformed:
            pass
    total = sum(frames[index][1] for index in whole)
    output, good = _run_zstd(b"".join(frames[index][0] for index in whole), total) if whole else (b"", True)
    if good and len(output) == total and len(whole) == 1:
        results[whole[0]] = output
        return results
    at = 0
    if good and len(output) == total and _sizes_are_declared([frames[index] for index in whole]):
        for index in whole:
            results[index] = output[at:at + frames[index][1]]
            at += frames[index][1]
        return results
    for index in whole:
        stored, size = frames[index]
        output, good = _run_zstd(stored, size)
        results[index] = output if good and len(output) == size else None
    return results


def _sizes_are_declared(frames):
    """Whether each frame itself says the size that is expected: then the common output may be cut by these sizes."""
    return all(declared_size(stored) == size for stored, size in frames)


def declared_size(stored):
    """The content size in a frame's header; None if it has none."""
    reader = WireReader(stored, 4)
    descriptor = reader.u8()
    single_segment, flag = descriptor >> 5 & 1, descriptor >> 6
    reader.take((0 if single_segment else 1) + (0, 1, 2, 4)[descriptor & 3])
    width = (single_segment, 2, 4, 8)[flag]
    return int.from_bytes(reader.take(width), "little") + (256 if width == 2 else 0) if width else None
