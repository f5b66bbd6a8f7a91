#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lmlog-replay from outside: its report, what its records hold, its limits, rates, signals, and its exit codes."""
import json
import os
import shutil
import signal
import sys
import zipfile

from rings_read import RingsRead  # first: it names the folders of the others
from workplace import wait_until
from cases import Skipped, equal, run

REPORT = ["service", "pid", "attempted", "stored", "dropped", "sampled_out", "overwritten", "seconds", "ns_per_call"]
NAMES = [f"customer-{n:03}-of-a-trading-desk--" for n in range(1000)]
EIGHT = "{a} {b} {c} {d} {e} {f} {g} {h}"
MIDNIGHT = 1_381_104_000_000_000_000  # 2013-10-07


def int32(value):
    return (value + 2**31) % 2**32 - 2**31


# template and fields of record i of each workload: synth_replay.hpp
WORKLOADS = {
    "W1": lambda i: ("heartbeat", {}),
    "W2": lambda i: ("seq {n}", {"n": int32(i)}),
    "W3": lambda i: ("order {id} px {px} qty {qty}",
                     {"id": i, "px": (10000 + i % 10000) / 100, "qty": 1 + i % 100}),
    "W4": lambda i: ("user {id} name {name}", {"id": int32(i), "name": NAMES[i % 1000]}),
    "W5": lambda i: (EIGHT, {key: int32(i + k) for k, key in enumerate("abcdefgh")}),
}
TYPES = {"heartbeat": [], "seq {n}": ["i32"], "order {id} px {px} qty {qty}": ["i64", "f64", "i32"],
         "user {id} name {name}": ["i32", "string"], EIGHT: ["i32"] * 8}


def contents(records):
    return [(record["template"], record.get("fields", {})) for record in records]


def test_the_report_has_the_keys_of_the_interface_and_adds_up():
    with RingsRead() as place:
        report = place.replay("synth", "--workload", "W3", "--threads", 2, "--records", 5000, "--service", "svc")
        equal(list(report), REPORT)
        equal(list(report["ns_per_call"]), ["p50", "p99", "p999", "max", "clock_step"])
        equal((report["service"], report["attempted"], report["stored"], report["dropped"]), ("svc", 10000, 10000, 0))
        costs = report["ns_per_call"]
        assert 0 < report["seconds"] < 60 and 0 <= costs["p50"] <= costs["p99"] <= costs["p999"] <= costs["max"], report
        assert costs["clock_step"] > 0 and costs["max"] >= costs["clock_step"], report


def test_every_workload_logs_what_its_numbers_say():
    for workload, record in WORKLOADS.items():
        for clock in ("tsc", "user_ns"):
            with RingsRead() as place:
                place.replay("synth", "--workload", workload, "--threads", 2, "--records", 1100, "--clock", clock)
                threads = place.records()
                equal(sorted(threads), ["synth-0", "synth-1"])
                for records in threads.values():
                    equal(contents(records), [record(i) for i in range(1100)])
                    equal({each["severity"] for each in records}, {"INFO"})
                template = record(0)[0]
                equal(place.argument_types()[template], TYPES[template])


def test_names_of_w4_have_32_bytes():
    equal({len(name) for name in NAMES}, {32})


def test_the_mix_takes_the_workloads_in_turn_and_warns_once_in_a_thousand():
    with RingsRead() as place:
        place.replay("synth", "--workload", "mix", "--records", 3000)
        records = place.records()["synth-0"]
        equal(contents(records), [WORKLOADS[f"W{1 + i % 5}"](i) for i in range(3000)])
        equal([i for i, record in enumerate(records) if record["severity"] == "WARN"], [999, 1999, 2999])


def test_times_of_user_ns_are_a_microsecond_apart():
    with RingsRead() as place:
        place.replay("synth", "--workload", "W2", "--records", 500, "--clock", "user_ns")
        times = [int(record["time_unix_nano"]) for record in place.records()["synth-0"]]
        equal([time - times[0] for time in times], [1000 * i for i in range(500)])


def test_the_limit_is_for_all_threads_together():
    with RingsRead() as place:
        report = place.replay("synth", "--workload", "W1", "--threads", 3, "--records", 1000, "--limit", 100)
        equal((report["attempted"], report["stored"]), (100, 100))
        equal(sorted(len(records) for records in place.records().values()), [33, 33, 34])


def test_what_a_full_ring_drops_is_counted():
    with RingsRead() as place:
        report = place.replay("synth", "--workload", "W5", "--records", 20000, "--ring-bytes", "64KiB")
        assert report["dropped"] > 0, report
        equal(report["attempted"], report["stored"] + report["dropped"])
        equal(len(place.records()["synth-0"]), report["stored"])


def test_the_rate_is_for_all_threads_together():
    with RingsRead() as place:
        report = place.replay("synth", "--workload", "W1", "--threads", 2, "--records", 1000, "--rate", 10000)
        assert report["seconds"] > 0.15, report  # 2,000 records at 10,000 a second; each starts with a batch at once


def test_an_interrupt_ends_the_run_with_its_report():
    for signum in (signal.SIGINT, signal.SIGTERM):
        with RingsRead() as place:
            replay = place.start("lmlog-replay", "synth", "--workload", "W2", "--threads", 2, "--records", 10**9,
                                 "--rate", 20000)
            wait_until(lambda: sum(session["stored"] for session in place.sessions()) > 100, "100 records")
            replay.send_signal(signum)
            out, err = replay.communicate(timeout=60)
            equal((replay.returncode, err), (130, ""))
            report = json.loads(out)
            assert report["attempted"] > 100, report
            equal(report["stored"], report["attempted"])
            equal(sum(len(records) for records in place.records().values()), report["stored"])


def tick_file(place, name, text):
    path = place.folder / "ticks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", text)
    return path


def two_symbols(place):
    tick_file(place, "zzz/20131007_quote.zip", "1,480000,300,0,0,Q,1,0\n5,0,0,494100,3000,P,a0,1")
    tick_file(place, "aaa/20131007_trade.zip", "5,491800,300,P,20002020,0\n5,491900,1,P,0,0\n6,1,1,P,0,0")
    tick_file(place, "aaa/20131008_quote.zip", "0,10000,1,0,0,Z,1,0\n")
    return place.folder / "ticks"


def quote(symbol, bid, bid_size, ask, ask_size, ex, cond, susp):
    return ("Quote {symbol} bid={bid}x{bid_size} ask={ask}x{ask_size} ex={ex} cond={cond} susp={susp}",
            {"symbol": symbol, "bid": bid, "bid_size": bid_size, "ask": ask, "ask_size": ask_size, "ex": ex,
             "cond": cond, "susp": susp})


def trade(symbol, px, qty, ex, cond, susp):
    return ("Trade {symbol} px={px} qty={qty} ex={ex} cond={cond} susp={susp}",
            {"symbol": symbol, "px": px, "qty": qty, "ex": ex, "cond": cond, "susp": susp})


def test_ticks_become_records_as_the_data_says():
    with RingsRead() as place:
        report = place.replay("ticks", two_symbols(place), "--clock", "user_ns")
        equal((report["service"], report["attempted"], report["stored"]), ("ticks", 6, 6))
        threads = place.records()
        equal(contents(threads["AAA"]), [trade("AAA", 49.18, 300, "P", 0x20002020, 0), trade("AAA", 49.19, 1, "P", 0, 0),
                                         trade("AAA", 0.0001, 1, "P", 0, 0), quote("AAA", 1.0, 1, 0.0, 0, "Z", 1, 0)])
        equal(contents(threads["ZZZ"]), [quote("ZZZ", 48.0, 300, 0.0, 0, "Q", 1, 0),
                                         quote("ZZZ", 0.0, 0, 49.41, 3000, "P", 160, 1)])
        equal([int(record["time_unix_nano"]) - MIDNIGHT for record in threads["AAA"]],
              [5_000_000, 5_000_000, 6_000_000, 86_400_000_000_000])
        types = place.argument_types()
        equal(types[quote("", 0, 0, 0, 0, "", 0, 0)[0]],
              ["string", "f64", "i64", "f64", "i64", "string", "i64", "i64"])
        equal(types[trade("", 0, 0, "", 0, 0)[0]], ["string", "f64", "i64", "string", "i64", "i64"])


def test_a_limit_takes_the_first_ticks_of_all_files():
    with RingsRead() as place:
        place.replay("ticks", two_symbols(place), "--limit", 3, "--clock", "user_ns")
        threads = place.records()
        equal((len(threads["AAA"]), len(threads["ZZZ"])), (2, 1))  # ZZZ at 1 ms, then at 5 ms AAA's both before ZZZ


def test_without_user_ns_ticks_have_the_time_of_the_replay():
    with RingsRead() as place:
        place.replay("ticks", two_symbols(place))
        times = [record["time"] for records in place.records().values() for record in records]
        assert min(times) > "2020", times


def test_options_that_are_wrong_or_not_there_yet_end_with_2():
    synth = ["synth", "--workload", "W1", "--records", "5"]
    for options in ([], ["synth"], ["nothing"], ["crypto", "x.gz"], ["text", "x"], ["ticks"],
                    ["synth", "--workload", "W6", "--records", "5"], ["synth", "--workload", "W1"],
                    [*synth, "--records", "0"], [*synth, "--threads", "0"], [*synth, "--clock", "fine"],
                    [*synth, "--clock", "1"], [*synth, "--policy", "append"], [*synth, "--policy", "1"],
                    [*synth, "--ring-bytes", "65537"], [*synth, "--ring-bytes", "32KiB"], [*synth, "--ring-bytes", "x"],
                    [*synth, "--rate", "0"], [*synth, "--rate", "fast"], [*synth, "--limit", "-1"], [*synth, "--wat"]):
        with RingsRead() as place:
            done = place.run("lmlog-replay", *options)
            equal((options, done.returncode, done.stdout), (options, 2, ""))
            assert done.stderr.startswith("lmlog-replay: ") and done.stderr.endswith("Try 'lmlog-replay --help'.\n"), done


def test_help_and_version_end_with_0():
    with RingsRead() as place:
        for options in (["--help"], ["--version"], ["ticks", "--help"], ["synth", "--help"]):
            done = place.run("lmlog-replay", *options)
            equal((done.returncode, done.stderr), (0, ""))
            assert "lmlog-replay" in done.stdout, done.stdout
        assert "Examples:" in place.run("lmlog-replay", "--help").stdout


def test_data_that_cannot_be_used_is_named_with_its_path():
    with RingsRead() as place:
        folder = place.folder / "data"
        for name in ("empty", "broken"):
            (folder / name).mkdir(parents=True)
        (folder / "broken" / "20131007_trade.zip").write_text("no zip")
        (folder / "broken" / "wrong.zip").write_text("")
        for code, path in ((4, folder / "none"), (1, folder / "empty"), (2, folder / "broken" / "wrong.zip"),
                           (3, folder / "broken" / "20131007_trade.zip"),
                           (3, tick_file(place, "abc/20131007_trade.zip", "1,2,3\n"))):
            done = place.run("lmlog-replay", "ticks", path)
            equal((str(path), done.returncode, done.stdout), (str(path), code, ""))
            assert str(path) in done.stderr, done.stderr


def test_without_a_place_for_rings_it_says_so_and_ends_with_4():
    with RingsRead() as place:
        place.environment["LMLOG_RING_DIR"] = str(place.folder / "file" / "rings")
        (place.folder / "file").write_text("")
        done = place.run("lmlog-replay", "synth", "--workload", "W1", "--records", 5)
        equal((done.returncode, done.stdout), (4, ""))
        assert str(place.folder / "file") in done.stderr, done.stderr


def test_in_a_drop_box_a_user_who_may_not_list_it_counts_too():
    with RingsRead() as place:
        if os.geteuid() != 0:
            raise Skipped("becoming another user needs root")
        place.folder.chmod(0o711)
        place.rings.chmod(0o1733)
        # A copy, where that user can find it: the build may be in a folder that is root's alone.
        program = shutil.copy(shutil.which("lmlog-replay"), place.folder)
        done = place.run(program, "synth", "--workload", "W1", "--threads", "2", "--records", "50", user=65534, group=65534,
                         extra_groups=[])
        equal((done.returncode, done.stderr), (0, ""))
        equal(json.loads(done.stdout)["stored"], 100)


def test_a_reader_that_went_away_is_no_error():
    with RingsRead() as place:
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = place.run("lmlog-replay", "synth", "--workload", "W1", "--records", 5, capture_output=False,
                         stdout=write_end)
        os.close(write_end)
        equal(done.returncode, 0)


if __name__ == "__main__":
    sys.exit(run(globals()))
