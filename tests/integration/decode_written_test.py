# SPDX-License-Identifier: Apache-2.0
"""The real lmlog-decode on files that the reference's small writers make: loggers, later encodings, hostile texts."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
import journal_test  # noqa: E402
import segment_test  # noqa: E402
from segment_test import Pieces, Wrong  # noqa: E402
from written import journal_file, ring_bytes, sample, shm_files  # noqa: E402

SESSION = shm_files.SESSION_ID.hex()
# Everything that a terminal could take for an order, and bytes that are not UTF-8.
HOSTILE = b"a\x1b[31mb\x00c\nd\r\x07e\x7ff\xc2\x9bg\xe2\x80\xaeh\xffi\"\\\t"
TERMINAL = 'a\\x1b[31mb\\x00c\\nd\\r\\x07e\\x7ff\\u009bg\\u202eh\ufffdi"\\\\t'


def decode(*arguments, **options):
    return subprocess.run(["lmlog-decode", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False,
                          **options)


def records(path, *options, code=0):
    done = decode("-o", "json", *options, path)
    equal(done.returncode, code)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Files:
    """A folder with the files of one process; names as the producer and the collector give them."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="lmlog-written-", dir="/dev/shm")
        self.path = pathlib.Path(self.temporary.name)
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def write(self, name, data):
        path = self.path / name
        path.write_bytes(data)
        return path

    def process(self, ring, catalog, descriptor=shm_files.descriptor(), **options):
        """A session with one ring."""
        self.write(f"gateway.4321.{SESSION}.session", shm_files.session_file(catalog, head=descriptor))
        return self.write(f"{SESSION}.0.ring", shm_files.ring_file(ring, **options))


def test_loggers_are_shown_from_rings_journals_and_segments():
    with Files() as files:
        paths = [files.process(sample.ring(), sample.catalog()),
                 files.write("1.lmj", journal_file.header() + b"".join(journal_test.entries())),
                 files.write("1.lms", Pieces().join())]
        for path in paths:
            with_logger = [record for record in records(path) if "logger" in record]
            equal([(record["logger"], record["template"]) for record in with_logger], [("md.itch", "n is {n}")])
            line = with_logger[0]
            keys = list(line)
            equal(keys[keys.index("thread"):][:3], ["thread", "logger", "message"])
            text = decode("-o", "text", path).stdout
            assert " NOTICE [feed md.itch] n is -1\n" in text and " INFO   [feed] " in text, text
            pretty = decode("-o", "json-pretty", path).stdout
            assert '  "thread": "feed",\n  "logger": "md.itch",\n  "message": "n is -1",\n' in pretty, pretty


def with_encoding(site_id, argument):
    """The sample in a segment whose first block has one column in an encoding of a later version."""
    def unknown(block):
        wanted = bytes([block.ids.index(site_id) + 1, 0, argument])
        changed = [column[:4] + b"\x4D" + column[5:] if column[:3] == wanted else column for column in block.columns]
        assert changed != block.columns
        block.columns = changed

    pieces = Pieces()
    pieces.parts[3] = Wrong(unknown).whole()
    return b"".join(pieces.parts)


def test_an_unknown_encoding_of_a_number_costs_that_field_alone():
    with Files() as files:
        whole, without = (records(files.write("1.lms", data)) for data in (Pieces().join(), with_encoding(64, 12)))
        equal(len(whole), len(without))
        for record, other in zip(whole, without):
            if "f64" in record.get("fields", {}):
                del record["fields"]["f64"]
                record["message"] = record["message"].replace("-1e+300", "<unreadable>")
            equal(record, other)


def test_an_unknown_encoding_of_a_string_costs_the_positions_behind_it_too():
    with Files() as files:
        path = files.write("1.lms", with_encoding(64, 9))
        found = records(path)
        equal(len(found), len(records(files.write("whole.lms", Pieces().join()))))
        assert "name" not in found[0]["fields"] and found[0]["fields"]["f64"] == -1e300, found[0]
        in_first_block = [record for record in found if int(record["time_unix_nano"]) < 1004]
        cursors = ["cursor" in record for record in in_first_block]
        equal(cursors[0], True)
        assert False in cursors and True not in cursors[1:2], cursors
        done = decode("-o", "text", path)
        equal(done.returncode, 0)
        assert "<unreadable>" in done.stdout and "encoding 77" in done.stderr, done
        equal(decode("verify", path).returncode, 0)


def test_an_unknown_encoding_of_thread_records_costs_the_names_of_threads():
    with Files() as files:
        found = decode("-o", "json", files.write("1.lms", with_encoding(2, 0)))
        equal(found.returncode, 0)
        first = json.loads(found.stdout.splitlines()[0])
        assert "thread" not in first and "tid" not in first and first["fields"]["i8"] == -5, first
        assert "records of kind 2 are left out: their column has encoding 77" in found.stderr, found.stderr


def hostile_process(files):
    """Hostile texts wherever a producer can put one."""
    arguments = [(14, 3, b"text"), (14, 2, HOSTILE[:-1])]
    catalog = [ring_bytes.logger(1, HOSTILE),
               ring_bytes.statement(64, b"x\x1b]0;owned\x07 {text}", arguments, file=HOSTILE, function=HOSTILE, logger_id=1)]
    ring = ring_bytes.RingBytes()
    ring.add(2, 1000, ring_bytes.thread(11, 0, HOSTILE))
    ring.add(4, 1000, ring_bytes.clock(3, 0))
    ring.add(3, 1000, ring_bytes.context(values=[(HOSTILE, HOSTILE)]))
    ring.add(64, 1001, ring_bytes.arguments([14, 14], [(HOSTILE, False), (HOSTILE, False)]))
    return files.process(ring, catalog, shm_files.descriptor(service=HOSTILE, host=HOSTILE))


def test_hostile_texts_do_not_reach_a_terminal():
    with Files() as files:
        path = hostile_process(files)
        done = decode("-o", "text", path)
        equal((done.returncode, done.stderr, done.stdout.count("\n")), (0, "", 1))
        assert all(character.isprintable() for character in done.stdout.rstrip("\n")), done.stdout
        assert f"[{TERMINAL} {TERMINAL}] x\\x1b]0;owned\\x07 {TERMINAL} " in done.stdout, done.stdout
        for command in (["sites"], ["verify"]):
            other = decode(*command, path)
            equal(other.returncode, 0)
            assert all(character.isprintable() or character == "\n" for character in other.stdout), other.stdout
        strange = files.write("\x1b[2Jnotes", b"no file of ours, but long enough to be looked at")
        refused = decode(strange)
        equal(refused.returncode, 3)
        assert "\\x1b[2Jnotes: " in refused.stderr and "\x1b" not in refused.stderr, refused.stderr


def test_hostile_texts_come_back_whole_from_json():
    with Files() as files:
        path = hostile_process(files)
        text = HOSTILE.decode("utf-8", "replace")
        for form in ("json", "json-pretty"):
            done = decode("-o", form, path)
            assert not any(ord(character) < 32 and character != "\n" for character in done.stdout), done.stdout
            assert "\x7f" not in done.stdout and "\x9b" not in done.stdout, done.stdout
            record = json.loads(done.stdout)
            for key in ("service", "host", "thread", "logger", "file", "function"):
                equal((key, record[key]), (key, text))
            equal(record["context"], {text: text})
            equal(record["fields"]["text"], text)
        sites = json.loads(decode("sites", "--json", path).stdout)
        equal((sites[0]["service"], sites[0]["places"][0]["file"]), (text, text))


def test_records_that_are_shorter_than_their_arguments_end_the_ring_there():
    with Files() as files:
        ring = sample.ring()
        good = len(records(files.process(ring, sample.catalog())))
        at = ring.add(67, 1012, struct.pack("<I", 5000) + b"short")
        ring.add(66, 1013)
        path = files.process(ring, sample.catalog())
        for command in (["-o", "json"], ["verify"]):
            done = decode(*command, path)
            equal(done.returncode, 3)
            assert f"damaged bytes [{4096 + at}, {4096 + ring.head}): a record's arguments do not fit in it" in done.stderr, done
        equal(len(decode("-o", "json", path).stdout.splitlines()), good)


def test_a_journal_range_ends_at_a_record_that_is_none():
    with Files() as files:
        ring = sample.ring()
        ring.add(99, 1012)
        ring.add(66, 1013)
        entries = [journal_file.session(0, shm_files.descriptor()), journal_file.catalog(0, sample.catalog()),
                   journal_file.range_(0, ring, 0, ring.head)]
        path = files.write("1.lmj", journal_file.header() + b"".join(entries))
        start = journal_test.offset_of(entries, 2)
        for command in (["-o", "json"], ["verify"]):
            done = decode(*command, path)
            equal((done.returncode, done.stderr.count("damaged bytes")), (3, 1))
            assert f"damaged bytes [{start}, {start + len(entries[2])}): a record is of a statement" in done.stderr, done
        equal(len(decode("-o", "json", path).stdout.splitlines()), len(records(files.process(sample.ring(), sample.catalog()))))


if __name__ == "__main__":
    os.environ["TZ"] = "Asia/Tokyo"  # times are UTC wherever one is
    sys.exit(run(globals()))
