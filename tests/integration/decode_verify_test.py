# SPDX-License-Identifier: Apache-2.0
"""lmlog-decode verify and sites as processes, on good archives and on damaged ones."""
import json
import pathlib
import re
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
from decoded import DAMAGED, DONE, MIX, NOTHING, archive, decode, lines  # noqa: E402
from lmlog_reference.files import read_file  # noqa: E402
from served import Served  # noqa: E402


def test_verify_counts_what_is_good():
    with Served() as served:
        report = served.replay("synth", "--workload", "W2", "--records", 50000, "--policy", "drop", "--ring-bytes", "64KiB")
        equal(served.collect("--drain").returncode, DONE)
        done = decode(served, "verify", served.archive)
        equal((done.returncode, done.stderr), (DONE, ""))
        service, verdict = done.stdout.splitlines()
        equal(service, f"service synth: {report['stored']} stored, {report['dropped']} ring_full = {report['attempted']} attempted")
        assert verdict.startswith("OK: 1 segment (") and "0 journals" in verdict, verdict


def blocks_of(path):
    """[offset, end) of the blocks, by the reference's reader."""
    found = read_file(str(path))
    equal(found["damage"], [])
    return [(block["offset"], block["offset"] + block["length"]) for block in found["blocks"]]


def test_a_flipped_byte_costs_one_block_and_is_named_with_its_bytes():
    with Served() as served:
        config = served.folder / "lmlog.toml"
        config.write_text("[tier.hot]\nblock_records = 1000\n", encoding="utf-8")
        served.replay("synth", "--workload", "W2", "--records", 5000, "--service", "a")
        equal(served.collect("--drain", "--config", config).returncode, DONE)
        served.replay("synth", "--workload", "W2", "--records", 100, "--service", "b")
        equal(served.collect("--drain", "--config", config).returncode, DONE)
        whole = lines(served)
        [path] = (served.archive / "hot" / "a").glob("*.lms")
        blocks = blocks_of(path)
        assert len(blocks) >= 3, blocks
        good = path.read_bytes()
        for place in (blocks[1][0] + 20, blocks[1][0] + 60, blocks[1][1] - 5):
            path.write_bytes(good[:place] + bytes([good[place] ^ 4]) + good[place + 1:])
            for command in (["verify"], ["-o", "json"]):
                done = decode(served, *command, served.archive)
                equal((done.returncode, done.stderr.count("\n")), (DAMAGED, 1))
                start, end = blocks[1]
                assert done.stderr.startswith(f"lmlog-decode: {path}: damaged bytes [{start}, {end}): "), done.stderr
                if command == ["verify"]:
                    assert done.stdout.splitlines()[-1].startswith("DAMAGED: 1 place in 2 segments ("), done.stdout
                    assert "service b: 100 stored = 100 attempted" in done.stdout, done.stdout
                else:
                    left = [json.loads(line)["cursor"] for line in done.stdout.splitlines()]
                    lost = [record["cursor"] for record in whole if record["cursor"] not in set(left)]
                    equal((len(lost) + len(left), 900 <= len(lost) <= 1100), (len(whole), True))
        path.write_bytes(good)
        equal(decode(served, "verify", served.archive).returncode, DONE)


def test_a_flipped_byte_in_the_end_of_a_closed_segment_is_damage_and_costs_nothing():
    with Served() as served:
        path = archive(served, records=100)
        whole = lines(served)
        [segment] = served.segments()
        good = segment.read_bytes()
        for place in (len(good) - 32, len(good) - 20, len(good) - 1):
            segment.write_bytes(good[:place] + bytes([good[place] ^ 4]) + good[place + 1:])
            done = decode(served, "verify", path)
            equal((done.returncode, done.stderr.count("\n")), (DAMAGED, 1))
            assert done.stderr.startswith(f"lmlog-decode: {segment}: damaged bytes [{len(good) - 32}, {len(good)}): "), done.stderr
            assert done.stdout.splitlines()[-1].startswith("DAMAGED: 1 place in 1 segment "), done.stdout
            done = decode(served, "-o", "json", path)
            equal((done.returncode, [json.loads(line) for line in done.stdout.splitlines()]), (DAMAGED, whole))
        segment.write_bytes(good[:-1])
        done = decode(served, "verify", path)
        equal(done.returncode, DONE)
        assert f": torn end at bytes [{len(good) - 32}, {len(good) - 1}): " in done.stderr, done.stderr


def test_verify_finds_what_is_missing_and_what_is_double():
    with Served() as served:
        config = served.folder / "lmlog.toml"
        config.write_text("[tier.hot]\nblock_records = 1000\n[rotation]\nsegment_bytes = \"64KiB\"\n", encoding="utf-8")
        served.replay("synth", "--workload", "W4", "--records", 150000, "--ring-bytes", "16MiB")
        equal(served.collect("--drain", "--config", config).returncode, DONE)
        segments = served.segments()
        assert len(segments) >= 3, segments
        away = served.folder / "away.lms"
        segments[1].rename(away)
        done = decode(served, "verify", served.archive)
        equal(done.returncode, DAMAGED)
        assert re.search(rf"{segments[2]}: before the block or entry at byte \d+ the positions \d+ to \d+ of ring \w+ are missing\n",
                         done.stderr), done.stderr
        shutil.copy(away, served.folder / "copy.lms")
        done = decode(served, "verify", served.archive, away, served.folder / "copy.lms")
        equal((done.returncode, done.stderr), (DONE, ""))  # the same segment twice is one segment


def test_sites_are_listed_as_table_and_json():
    with Served() as served:
        archive(served)
        table = decode(served, "sites", served.archive)
        equal((table.returncode, table.stderr), (DONE, ""))
        rows = json.loads(decode(served, "sites", "--json", served.archive).stdout)
        equal(sum(row["count"] for row in rows), MIX)
        equal([row["count"] for row in rows], sorted((row["count"] for row in rows), reverse=True))
        equal(list(rows[0]), ["count", "severity", "template", "service", "site", "arguments", "places"])
        types = {row["template"]: {one["name"]: one["type"] for one in row["arguments"]} for row in rows}
        equal(types["order {id} px {px} qty {qty}"], {"id": "i64", "px": "f64", "qty": "i32"})
        everything = lines(served)
        equal({(row["site"], row["template"], row["severity"]): row["count"] for row in rows},
              {key: sum((record["site"], record["template"], record["severity"]) == key for record in everything)
               for key in {(record["site"], record["template"], record["severity"]) for record in everything}})
        head, *body = table.stdout.splitlines()
        equal((head.split(), len(body)), (["COUNT", "LEVEL", "SERVICE", "TEMPLATE", "(FILE:LINE)", "FIELD:", "TYPE,", "…"], len(rows)))
        assert any(line.endswith(") id: i64, px: f64, qty: i32") for line in body), table.stdout
        middle = everything[MIX // 2]["time"]
        for options in (["-p", "warn"], ["-S", middle], ["-U", middle, "-p", "info..info"], ["--service", "none"]):
            done = decode(served, "sites", "--json", *options, served.archive)
            found = {(row["site"], row["severity"]): row["count"] for row in json.loads(done.stdout)}
            wanted = {}
            for record in lines(served, *options):
                key = (record["site"], record["severity"])
                wanted[key] = wanted.get(key, 0) + 1
            equal((options, found, done.returncode), (options, wanted, DONE if wanted else NOTHING))


if __name__ == "__main__":
    sys.exit(run(globals()))
