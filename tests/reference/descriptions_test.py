#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Type descriptions of registry.md: what the reference reader takes for one, and what it makes of values at every length."""
import struct
import sys

sys.dont_write_bytecode = True
from cases import equal, run  # noqa: E402
from lmlog_reference.descriptions import Parser, described_type, shown_described  # noqa: E402
from lmlog_reference.registry import F64, I64, STRING, STRUCTURED, U64  # noqa: E402
from lmlog_reference.wire import Malformed  # noqa: E402

NONE = ["", "x", "i3", "d1/1:i4", "d0/1:i8", "d1/0:i8", "d9223372036854775808/1:i8", "?", "[]", "[i4", "[.]", "[()]", "{}",
        "{s:}", "{.:i4}", "{.*i4}", "(i4", "<>", "@{}", "@A", "@A{x=i4}", "@A{=i4;}", "@1A{}", "@A::{}", "i4 ", " i4",
        "(" + "." * 256 + ")", "?" * 32 + "b", "@" + "a" * 4094 + "{}"]
SOME = ["d9223372036854775807/1:i8", "()", "@A{}", "@a::b_1{x=.;}", "{s:.}", "(" + "." * 255 + ")", "?" * 31 + "b",
        "@" + "a" * 4093 + "{}", "<.i4[s]>"]


def is_refused(text):
    try:
        Parser(text.encode()).whole()
    except Malformed:
        return True
    return False


def test_what_the_table_has_no_line_for_is_none():
    equal([text for text in NONE if not is_refused(text)], [])
    equal([text for text in SOME if is_refused(text)], [])


def test_a_description_serves_only_an_argument_of_its_tag():
    fits = [(STRUCTURED, "[i4]"), (STRUCTURED, "E"), (STRUCTURED, "."), (I64, "d1/1:i8"), (F64, "t1/1:f8"), (U64, "h"),
            (STRING, "P")]
    none = [(STRUCTURED, "s"), (STRUCTURED, "d1/1:i8"), (I64, "d1/1:f8"), (U64, "d1/1:i8"), (I64, "h"), (STRING, "s"),
            (STRING, "[s]"), (I64, "i8")]
    equal([one for one in fits if described_type(one[0], one[1].encode()) is None], [])
    equal([one for one in none if described_type(one[0], one[1].encode()) is not None], [])


def test_a_value_is_shown_at_every_length_that_it_is_cut_to():
    type_ = Parser(b"[(i4s?f8)]").whole()
    whole = struct.pack("<I", 2) + (struct.pack("<iI", 7, 3) + b"abc\1" + struct.pack("<d", 1.5)) * 2
    for length in range(4, len(whole)):
        shown = shown_described(type_, whole[:length], True)
        assert all(part == [7, "abc", 1.5][:len(part)] or part == [7, "abc"[:len(part[1])]] for part in shown), shown
    equal(shown_described(type_, whole, True), [[7, "abc", 1.5]] * 2)
    for length in range(len(whole)):
        try:
            shown_described(type_, whole[:length], False)
        except Malformed:
            continue
        raise AssertionError(f"{length} bytes are not all of it")


if __name__ == "__main__":
    sys.exit(run(globals()))
