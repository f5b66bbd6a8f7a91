#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of the real producer and collector: the reference reader takes them, and says what lmlog-decode says."""
import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
from cases import Skipped, equal, run  # noqa: E402
import journal_test  # noqa: E402
import segment_test  # noqa: E402
from every_argument import LOGGED  # noqa: E402
from golden_test import GOLDEN  # noqa: E402
from lmlog_reference.files import read_file  # noqa: E402
from real_programs import Workplace  # noqa: E402
from workplace import wait_until  # noqa: E402
from written import journal_file, sample, shm_files  # noqa: E402

# Keys that both give. The message is formatting, and not in any file.
KEYS = ("time_unix_nano", "service", "host", "pid", "session", "severity", "severity_number", "tid", "thread", "logger",
        "template", "site", "file", "line", "function", "fields", "truncated", "context", "trace_id", "span_id", "trace_flags", "weight")
LOST = "{count} records lost"


def reading(path):
    """A file's reading, which must find nothing wrong."""
    found = read_file(str(path))
    equal((str(path), found["damage"], found["notes"]), (str(path), [], []))
    return found


def records_of(found):
    """Records of any file's reading."""
    if found["type"] == "ring":
        return found["records"]
    return [record for piece in found.get("entries", found.get("blocks", [])) for record in piece.get("records", [])]


def reference_statements(paths):
    """cursor → keys of a statement's record."""
    return statements_of([record for path in paths for record in records_of(reading(path))])


def statements_of(records):
    return {record["cursor"]: {key: record[key] for key in KEYS if record.get(key) not in (None, "", {})}
            for record in records if record["kind"] == "statement"}


def decoded_statements(records):
    return {record["cursor"]: {key: record[key] for key in KEYS if record.get(key) not in (None, "", {})}
            for record in records if record["template"] != LOST}


def sums(counts):
    """(ring, reason) → count, of (cursor, reason, count)."""
    lost = {}
    for cursor, reason, count in counts:
        key = cursor.split(":")[0], reason
        lost[key] = lost.get(key, 0) + count
    return lost


def losses_of(found):
    """What is lost. Records that were sampled out or suppressed are counted beside it (registry.md, Loss reasons)."""
    for record in [*records_of(found), found.get("lost_at_start") or {}, found.get("lost_at_head") or {}]:
        for reason, count in record.get("lost", {}).items():
            if reason not in ("sampled_out", "suppressed"):
                yield record["cursor"], reason, count


def reference_losses(paths):
    return sums(loss for path in paths for loss in losses_of(reading(path)))


def decoded_losses(records):
    return sums((record["cursor"], record["fields"]["reason"], record["fields"]["count"])
                for record in records if record["template"] == LOST)


def same(mine, its):
    """Compares statements by cursor, with a short word about the first difference."""
    equal((len(mine), sorted(set(mine) ^ set(its))[:3]), (len(its), []))
    for cursor, record in mine.items():
        equal((cursor, record), (cursor, its[cursor]))


def same_as_decoder(paths, decoded):
    same(reference_statements(paths), decoded_statements(decoded))
    equal(reference_losses(paths), decoded_losses(decoded))


def rings(place):
    return sorted(place.rings.glob("*.ring"))


def test_rings_of_a_real_producer_hold_what_it_logged():
    with Workplace("lmlog-replay") as place:
        summary = place.replay("--workload", "W3", "--threads", 3, "--records", 700, "--clock", "user_ns")
        statements = reference_statements(rings(place))
        equal(len(statements), summary["stored"])
        by_thread = {}
        for record in statements.values():
            by_thread.setdefault(record["tid"], []).append(record["fields"])
        equal([[fields["id"] for fields in thread] for thread in by_thread.values()], [list(range(700))] * 3)
        assert all(list(fields) == ["id", "px", "qty"] and isinstance(fields["px"], float)
                   for thread in by_thread.values() for fields in thread)
        for path in place.rings.glob("*.session"):
            equal((reading(path)["descriptor"]["pid"], reading(path)["descriptor"]["service"]), (summary["pid"], "synth"))


def test_losses_of_a_real_producer_are_in_its_rings():
    with Workplace("lmlog-replay") as place:
        summary = place.replay("--workload", "mix", "--threads", 2, "--records", 9000, "--ring-bytes", "64KiB")
        assert summary["dropped"] > 0, summary
        equal(sum(reference_losses(rings(place)).values()), summary["dropped"])
        equal(len(reference_statements(rings(place))), summary["stored"])


def every_argument(place):
    program = pathlib.Path(os.environ.get("LMLOG_BUILD_ROOT", ""), "tests", "reference", "every_argument")
    if not program.exists():
        raise Skipped("not built: every_argument")
    subprocess.run([str(program)], env=place.environment, timeout=60, check=True)


def logged(statements):
    """Severity, template and fields in the order of time."""
    return [(record["severity"], record["template"], record["fields"])
            for record in sorted(statements.values(), key=lambda record: int(record["time_unix_nano"]))]


def test_every_argument_type_comes_back_from_a_ring():
    with Workplace() as place:
        every_argument(place)
        equal(logged(reference_statements(rings(place))), LOGGED)
        truncated = [record["truncated"] for path in rings(place) for record in reading(path)["records"]
                     if "truncated" in record]
        equal(truncated, [["why"]])


def test_every_argument_type_comes_back_from_a_segment_and_from_the_decoder():
    with Workplace("lmlog-decode", "lmlog-collector") as place:
        every_argument(place)
        # Not against the archive: the collector's anchors move a time by some nanoseconds.
        same_as_decoder(rings(place), place.decode(place.rings))
        place.drain()
        paths = sorted(place.archive.rglob("*.lms"))
        equal(logged(reference_statements(paths)), LOGGED)
        same_as_decoder(paths, place.decode(place.archive))


def test_the_decoder_reads_the_same_from_rings():
    with Workplace("lmlog-replay", "lmlog-decode") as place:
        place.replay("--workload", "mix", "--threads", 2, "--records", 2000, "--clock", "user_ns")
        place.replay("--workload", "W4", "--threads", 2, "--records", 4000, "--clock", "tsc", "--ring-bytes", "64KiB")
        same_as_decoder(rings(place), place.decode(place.rings))


def test_the_decoder_reads_the_same_from_the_journal_of_a_killed_collector():
    with Workplace("lmlog-replay", "lmlog-decode", "lmlog-collector") as place:
        collector = place.start_collector()
        summary = place.replay("--workload", "mix", "--threads", 2, "--records", 3000, "--policy", "block", "--clock", "tsc")
        journals = place.archive / "journal"

        def all_drained():
            # Until the end of the last ring stands in the journal its records may still be in rings.
            found = [read_file(str(path)) for path in sorted(journals.glob("*.lmj"))]
            count = sum(record["kind"] == "statement" for each in found for record in records_of(each))
            return count == summary["stored"]

        wait_until(all_drained, "the whole of the rings in the journal")
        collector.kill()
        collector.wait()
        paths = sorted(journals.glob("*.lmj"))
        same_as_decoder(paths, place.decode(*paths))


def test_the_decoder_reads_the_same_from_segments():
    with Workplace("lmlog-replay", "lmlog-decode", "lmlog-collector") as place:
        collector = place.start_collector()
        for options in (("mix", "user_ns"), ("W3", "tsc"), ("W4", "tsc"), ("W5", "user_ns")):
            place.replay("--workload", options[0], "--clock", options[1], "--threads", 2, "--records", 2500,
                         "--policy", "block")
        place.replay("--workload", "mix", "--threads", 3, "--records", 20000, "--ring-bytes", "64KiB")
        equal(place.stop(collector), (0, ""))
        place.drain()
        paths = sorted(place.archive.rglob("*.lms"))
        assert paths, "no segments"
        same_as_decoder(paths, place.decode(place.archive))
        equal([found["closed"] for found in map(reading, paths)], [True] * len(paths))


def test_the_decoder_reads_the_same_from_files_of_the_small_writers():
    with Workplace("lmlog-decode") as place:
        session_id = shm_files.SESSION_ID.hex()
        folder = place.rings
        files = {folder / f"gateway.4321.{session_id}.session": sample.session(),
                 folder / f"{session_id}.0.ring": shm_files.ring_file(sample.ring(), losses={0: 12}),
                 place.archive / "0000000000000001.lmj": journal_file.header() + b"".join(journal_test.entries()),
                 place.archive / "by-site.lms": segment_test.Pieces().join(),
                 place.archive / "by-run.lms": segment_test.Pieces(own_columns=True).join()}
        for path, data in files.items():
            path.write_bytes(data)
        for path in list(files)[1:]:
            mine, its = reference_statements([path]), decoded_statements(place.decode(path))
            without_opaque_values(mine, its)
            same(mine, its)
            equal(reference_losses([path]), decoded_losses(place.decode(path)))


def without_opaque_values(mine, its):
    """Values of later types are left out: each shows them in its own way."""
    for cursor, record in mine.items():
        opaque = [name for name, value in record.get("fields", {}).items() if isinstance(value, dict) and "opaque" in value]
        for name in opaque:
            del record["fields"][name], its.get(cursor, {"fields": {name: None}})["fields"][name]


def good_golden_files():
    """Files that CASE.json calls good, with records that are readable."""
    for case in sorted(GOLDEN.glob("*/*.json")):
        expected = json.loads(case.read_text(encoding="utf-8"))
        if (case.parent.name in ("rings", "journals", "segments") and expected["verdict"] == "good"
                and case.stem != "unknown_encoding" and not expected["file"].endswith(".session")):
            yield case.parent / expected["file"]


def test_the_decoder_reads_the_same_from_the_good_golden_files():
    files = list(good_golden_files())
    assert len(files) > 12, files
    with Workplace("lmlog-decode") as place:
        for source in files:
            path = source
            if source.suffix == ".ring":
                header = read_file(str(source))["header"]
                path = place.rings / f"{header['session']}.{header['number']}.ring"
                for copied in (source, *source.parent.glob(f"*.{header['session']}.session")):
                    (path if copied == source else place.rings / copied.name).write_bytes(copied.read_bytes())
            decoded = place.decode(path)
            found = read_file(str(path))
            mine = statements_of(records_of(found))
            its = decoded_statements(decoded)
            without_opaque_values(mine, its)
            same(mine, its)
            equal(sums(losses_of(found)), decoded_losses(decoded))


def test_segments_of_collectors_that_were_killed_hold_every_record_once():
    with Workplace("lmlog-replay", "lmlog-collector") as place:
        stored = 0
        for workload in ("W2", "mix", "W4"):
            collector = place.start_collector()
            stored += place.replay("--workload", workload, "--threads", 2, "--records", 4000, "--policy", "block")["stored"]
            collector.kill()
            collector.wait()
        place.drain()
        cursors = [record["cursor"] for path in sorted(place.archive.rglob("*.lms"))
                   for record in records_of(reading(path)) if record["kind"] == "statement"]
        equal((len(cursors), len(set(cursors))), (stored, stored))
        equal(rings(place), [])


if __name__ == "__main__":
    sys.exit(run(globals()))
