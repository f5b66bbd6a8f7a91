# SPDX-License-Identifier: Apache-2.0
"""Every golden file through the real lmlog-decode: records, losses, damaged bytes and exit codes are what its CASE.json says."""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402

GOLDEN = pathlib.Path(os.environ.get("LMLOG_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]), "tests", "golden")
DONE, NOTHING, DAMAGED = 0, 1, 3
LOST = "{count} records lost"
NO_LOSS = ("sampled_out", "suppressed")
KEYS = ("time_unix_nano", "severity", "severity_number", "tid", "thread", "template", "site", "file", "line", "function",
        "truncated", "context", "trace_id", "span_id", "trace_flags", "weight", "logger")
# What the decoder says of bytes, as codes of CASE.json.
SAID = {r"damaged bytes \[(\d+), (\d+)\)": "damaged", r"torn end at bytes \[(\d+), (\d+)\)": "truncated",
        r"before the block or entry at byte (\d+)()": "damaged"}


def staged(case, expected, folder):
    """A copy of the case's file under the name that its kind must have, a ring's session beside it."""
    source = case.parent / expected["file"]
    name = source.name
    if case.parent.name == "sessions":
        name = f"golden.4242.{source.read_bytes()[32:48].hex().ljust(32, '0')}.session"
    if source.suffix == ".ring":
        session = next(case.parent.glob(f"*.{source.read_bytes()[48:64].hex() or '*'}.session"), None) or next(
            case.parent.glob("*.session"))
        shutil.copy(session, folder)
        name = f"{session.name.split('.')[2]}.0.ring"
    return shutil.copy(source, folder / name)


def records_of(content):
    """All records, wherever the kind of file has them."""
    pieces = content.get("entries", content.get("blocks", []))
    return content.get("records") or [record for piece in pieces for record in piece.get("records", [])]


def plain_fields(fields):
    """Values of later types as the decoder shows them: their meaning is not known, their size is."""
    return {name: f"<{len(value['opaque']) // 2} bytes>" if isinstance(value, dict) and "opaque" in value else value
            for name, value in fields.items()}


def expected_statements(content):
    for record in records_of(content):
        if record["kind"] == "statement":
            wanted = {key: record[key] for key in KEYS if record.get(key) not in (None, "", {})}
            yield {**wanted, "position": record["position"], "fields": plain_fields(record.get("fields", {}))}


def expected_losses(content):
    lost = [record.get("lost", {}) for record in records_of(content)]
    lost += [(content.get(place) or {}).get("lost", {}) for place in ("lost_at_start", "lost_at_head")]
    if "catalog_head" in content:  # a session: its losses without a ring
        names = {"0": "ring_full", "1": "block_timeout", "2": "too_large", "3": "no_ring", "4": "no_catalog",
                 "5": "sampled_out", "6": "overwritten", "7": "corrupt", "8": "quarantined", "9": "suppressed"}
        lost.append({names.get(reason, reason): count for reason, count in content["losses"].items()})
    return sorted((reason, count) for one in lost for reason, count in one.items() if reason not in NO_LOSS)


def decoded_statement(record):
    wanted = {key: record[key] for key in KEYS if key in record}
    return {**wanted, "position": int(record["cursor"].split(":")[1]), "fields": record.get("fields", {})}


def in_order(records):
    return sorted(records, key=lambda record: (record["time_unix_nano"], record["position"], record["template"]))


def decode(command, path, *options):
    done = subprocess.run(["lmlog-decode", command, *options, str(path)], capture_output=True, text=True, timeout=60, check=False)
    for line in done.stderr.splitlines():
        assert line.startswith("lmlog-decode: "), line
    return done


def said(errors):
    """The bytes that stderr names, as CASE.json does."""
    found = []
    for pattern, code in SAID.items():
        for match in re.finditer(pattern, errors):
            start = int(match[1])
            found.append((code, start, int(match[2] or start) - start))
    return sorted(found)


def check(case):
    expected = json.loads(case.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="lmlog-golden-", dir="/dev/shm") as folder:
        path = staged(case, expected, pathlib.Path(folder))
        cat, verify = decode("cat", path, "-o", "json"), decode("verify", path)
        sites = decode("sites", path, "--json")
    if (case.parent.name, expected.get("code")) == ("journals", "truncated"):  # a kill within the first write of a file
        equal((cat.returncode, cat.stdout, verify.returncode), (NOTHING, "", DONE))
        assert "torn end" in cat.stderr and "torn end" in verify.stderr, (cat.stderr, verify.stderr)
        return
    if expected["verdict"] == "refused":
        equal((cat.returncode, cat.stdout, verify.returncode), (DAMAGED, "", DAMAGED))
        assert str(path) in cat.stderr and str(path) in verify.stderr, (cat.stderr, verify.stderr)
        if expected["code"] == "unsupported":
            assert "use a newer lmlog" in cat.stderr, cat.stderr
        return
    check_records(cat, expected["content"])
    if expected["verdict"] == "good":  # of a damaged block the index may still tell
        counts = collections.Counter(record["site"] for record in expected_statements(expected["content"]))
        equal({row["site"]: row["count"] for row in json.loads(sites.stdout)}, dict(counts))
    damage = sorted(("damaged" if code == "unsupported" else code, offset, length)
                    for code, offset, length in ((d["code"], d["offset"], d["length"]) for d in expected.get("damage", [])))
    equal(said(cat.stderr), damage)
    equal(said(verify.stderr), damage)
    is_damaged = any(code != "truncated" for code, _, _ in damage)  # a torn end is none: the normal trace of a crash
    equal(cat.returncode, DAMAGED if is_damaged else DONE if cat.stdout else NOTHING)
    equal(verify.returncode, DAMAGED if is_damaged else DONE)
    verdict = verify.stdout.splitlines()[-1]
    assert verdict.startswith("DAMAGED: " if is_damaged else "OK: "), verdict


def check_records(cat, content):
    decoded = [json.loads(line) for line in cat.stdout.splitlines()]
    cursors = collections.Counter(record["cursor"] for record in decoded)
    assert max(cursors.values(), default=1) == 1, cursors.most_common(3)
    statements = in_order(decoded_statement(record) for record in decoded if record["template"] != LOST)
    wanted = in_order(expected_statements(content))
    equal(len(statements), len(wanted))
    for one, other in zip(statements, wanted):
        equal(repr(sorted(one.items())), repr(sorted(other.items())))  # tells 1 from 1.0 and 0.0 from -0.0
    losses = [record for record in decoded if record["template"] == LOST]
    equal(sorted((record["fields"]["reason"], record["fields"]["count"]) for record in losses), expected_losses(content))
    assert all(record["severity"] == "WARN" and "site" not in record for record in losses), losses


def test_a_column_of_an_unknown_encoding_is_left_out_with_a_word():
    path = GOLDEN / "segments" / "unknown_encoding.lms"
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["content"]["blocks"][0]["records"][1]
    cat = decode("cat", path, "-o", "json")
    equal(cat.returncode, DONE)
    messages = [json.loads(line) for line in cat.stdout.splitlines()]
    equal({record["message"] for record in messages}, {"tick <unreadable>"})
    assert all("fields" not in record and "cursor" in record for record in messages), messages[0]
    for done in (cat, decode("verify", path)):
        equal(done.stderr, f"lmlog-decode: the field 'seq' of site {record['site']} (tick {{seq}}) is left out: its column has "
                           "encoding 77, which this program does not know: use a newer lmlog\n")


def test_an_entry_that_must_be_understood_is_named_once():
    done = decode("cat", GOLDEN / "journals" / "unknown_entry.lmj")
    equal(len(done.stderr.splitlines()), 1)
    assert "a journal entry has type 9" in done.stderr and "use a newer lmlog" in done.stderr, done.stderr


def cases():
    """One test for each file, so that each is counted."""
    for case in sorted(GOLDEN.glob("*/*.json")):
        yield f"test_{case.parent.name}_{case.stem}", lambda case=case: check(case)


if __name__ == "__main__":
    sys.exit(run({**globals(), **dict(cases())}))
