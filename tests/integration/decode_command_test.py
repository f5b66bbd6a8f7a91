# SPDX-License-Identifier: Apache-2.0
"""lmlog-decode as a process: forms of output, filters, standard input, exit codes."""
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
from decoded import DAMAGED, DONE, GOLDEN, INTERRUPTED, IO, MIX, USAGE, archive, decode, lines  # noqa: E402
from served import Served  # noqa: E402
from workplace import wait_until  # noqa: E402

KEYS = ["time", "time_unix_nano", "severity", "severity_number", "service", "host", "pid", "tid", "thread", "message",
        "template", "site", "file", "line", "function", "fields", "session", "cursor"]


def test_json_has_one_object_per_line_with_its_keys_in_order():
    with Served() as served:
        path = archive(served, records=50)
        plain, named, cat = decode(served, path), decode(served, "-o", "json", path), decode(served, "cat", "-o", "json", path)
        equal((plain.stdout, plain.stderr, plain.returncode), (named.stdout, "", DONE))  # the default where no terminal is
        equal(cat.stdout, named.stdout)
        records = [json.loads(line) for line in named.stdout.splitlines()]
        equal(len(records), 50)
        for record in records:
            equal(list(record), [key for key in KEYS if key in record])
            equal(set(KEYS) - set(record) - {"fields", "thread"}, set())
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", record["time"]), record["time"]
            equal(record["time"][20:29], record["time_unix_nano"][-9:])
        w3 = next(record for record in records if record["template"].startswith("order"))
        equal({name: type(value) for name, value in w3["fields"].items()}, {"id": int, "px": float, "qty": int})
        strings = decode(served, "--int64=string", "-o", "json", path).stdout.splitlines()
        equal(json.loads(strings[records.index(w3)])["fields"]["id"], str(w3["fields"]["id"]))


def test_pretty_json_says_the_same_over_several_lines():
    with Served() as served:
        path = archive(served, records=50)
        pretty = decode(served, "-o", "json-pretty", path)
        equal((pretty.returncode, pretty.stderr), (DONE, ""))
        decoder, text, found = json.JSONDecoder(), pretty.stdout, []
        while text:
            record, end = decoder.raw_decode(text)
            found.append(record)
            text = text[end:].lstrip("\n")
        equal([(list(record), record) for record in found], [(list(record), record) for record in lines(served)])
        assert pretty.stdout.startswith('{\n  "time": "'), pretty.stdout[:40]


def test_text_has_time_severity_thread_message_and_the_fields_it_does_not_show():
    with Served() as served:
        path = archive(served, records=50)
        done = decode(served, "-o", "text", path)
        equal((done.returncode, done.stderr), (DONE, ""))
        for line, record in zip(done.stdout.splitlines(), lines(served), strict=True):
            thread = record.get("thread", str(record["tid"]))
            equal(line, f"{record['time']} {record['severity']:<6} [{thread}] {record['message']}")


def on_a_terminal(served, *arguments, **environment):
    """What lmlog-decode writes when its stdout is a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(["lmlog-decode", *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=slave,
                               stderr=subprocess.DEVNULL, env={**served.environment, "TERM": "xterm", **environment})
    served.started.append(process)
    os.close(slave)
    out = b""
    while True:
        try:
            chunk = os.read(master, 1 << 16)
        except OSError:  # the other side is closed
            break
        if not chunk:
            break
        out += chunk
    os.close(master)
    equal(process.wait(60), DONE)
    return out.decode().replace("\r\n", "\n")


def test_a_terminal_gets_text_in_colour():
    with Served() as served:
        path = archive(served, records=20)
        plain = decode(served, "-o", "text", path).stdout
        colored = on_a_terminal(served, path)
        assert "\x1b[32mINFO\x1b[0m" in colored, colored[:200]
        equal(re.sub(r"\x1b\[[0-9;]*m", "", colored), plain)
        equal(on_a_terminal(served, path, NO_COLOR="1"), plain)
        equal(on_a_terminal(served, "--color", "never", path), plain)
        equal(decode(served, "-o", "text", "--color", "always", path).stdout, colored)
        assert on_a_terminal(served, "-o", "json", path).startswith('{"time":'), "the form that was asked for"


def test_level_filters_give_a_level_and_worse_or_a_range():
    with Served() as served:
        archive(served)
        by_level = {level: len(lines(served, "-p", level)) for level in ("trace", "info", "notice", "warn", "error")}
        equal(by_level, {"trace": MIX, "info": MIX, "notice": 5, "warn": 5, "error": 0})
        equal({record["severity"] for record in lines(served, "--level", "warn")}, {"WARN"})
        equal(len(lines(served, "-p", "info..info")), MIX - 5)
        equal(len(lines(served, "-p", "warn..fatal")), 5)


def test_grep_looks_at_the_rendered_message():
    with Served() as served:
        archive(served)
        everything = lines(served)
        for pattern in ("^heartbeat$", "order [0-9]+ px", "name .*7", "nothing has this"):
            equal([record["cursor"] for record in lines(served, "-g", pattern)],
                  [record["cursor"] for record in everything if re.search(pattern, record["message"])])
        equal(decode(served, "-g", "(", served.archive).returncode, USAGE)


def test_since_and_until_take_both_ends_in_several_forms():
    with Served() as served:
        archive(served)
        everything = lines(served)
        first, last = everything[1000], everything[3000]
        wanted = [record["cursor"] for record in everything
                  if int(first["time_unix_nano"]) <= int(record["time_unix_nano"]) <= int(last["time_unix_nano"])]
        assert len(wanted) >= 2001, len(wanted)
        for since, until in ((first["time"], last["time"]),
                             (first["time"][:-1].replace("T", " "), last["time"].replace("Z", "+00:00"))):
            equal([record["cursor"] for record in lines(served, "--since", since, "--until", until)], wanted)
            equal([record["cursor"] for record in lines(served, "-S", since, "-U", until)], wanted)
        equal(len(lines(served, "-S", "-10m")), MIX)
        equal(len(lines(served, "-U", "-10m")), 0)
        equal(len(lines(served, "-S", "now")), 0)
        equal(len(lines(served, "-S", "yesterday", "-U", "now")), MIX)
        for since, until in (("1969-01-01", "9999-12-31"), ("-999999d", "+999999d"), ("0001-01-01", "2262-05-01")):
            equal(len(lines(served, "-S", since, "-U", until)), MIX)
        equal(len(lines(served, "-U", "1969-12-31")), 0)


def test_services_are_exact_and_may_be_repeated():
    with Served() as served:
        for name in ("orders", "ord", "feed"):
            archive(served, name, records=10)
        equal([len(lines(served, *options)) for options in (
            [], ["--service", "ord"], ["--service", "ord", "--service", "feed"], ["--service", "or"])], [30, 10, 20, 0])


def test_a_long_name_of_a_service_is_cut_as_the_producer_cuts_it():
    with Served() as served:
        for name in ("s" * 70, "t" * 63 + "\u00e9t\u00e9"):
            archive(served, name, records=10)
        long, accented = "s" * 70, "t" * 63 + "\u00e9t\u00e9"
        for options, count in (([long], 10), ([accented], 10), (["s" * 64], 10), (["t" * 63], 10), (["s" * 63], 0), ([accented[:64]], 10)):
            equal((options, len(lines(served, "--service", *options))), (options, count))
        equal(json.loads(decode(served, "sites", "--json", "--service", long, served.archive).stdout)[0]["service"], long[:64])


def test_the_last_lines_are_the_last_of_what_matches():
    with Served() as served:
        archive(served)
        everything = lines(served)
        for count in (1, 7, MIX, MIX + 1):
            equal(lines(served, "-n", count), everything[-count:])
        equal(lines(served, "--lines", 3, "-g", "heartbeat"),
              [record for record in everything if record["message"] == "heartbeat"][-3:])
        none = decode(served, "-n", 0, served.archive)
        equal((none.returncode, none.stdout, none.stderr), (DONE, "", ""))


def test_losses_obey_source_and_time_only():
    with Served() as served:
        report = served.replay("synth", "--workload", "W2", "--records", 50000, "--policy", "drop", "--ring-bytes", "64KiB")
        equal(served.collect("--drain").returncode, DONE)
        assert report["dropped"] > 0, report
        for options in ([], ["-p", "fatal"], ["-g", "no message"], ["--service", "synth"]):
            lost = [record for record in lines(served, *options) if record["template"] == "{count} records lost"]
            equal((options, sum(record["fields"]["count"] for record in lost)), (options, report["dropped"]))
            equal({(record["severity"], record["fields"]["reason"]) for record in lost}, {("WARN", "ring_full")})
        equal((lines(served, "-U", "-10m"), lines(served, "--service", "other")), ([], []))


def test_a_reader_that_goes_away_is_no_error():
    with Served() as served:
        path = archive(served, records=20000)
        for command in ("cat -o json", "cat -o text", "cat -n 15000", "sites --json", "verify"):
            done = served.run("bash", "-c", f"lmlog-decode {command} {path} | head -n 1; echo ${{PIPESTATUS[0]}}")
            equal((command, done.stdout.splitlines()[-1], done.stderr), (command, "0", ""))
        done = served.run("bash", "-c", f"lmlog-decode {path} >&-")
        equal(done.returncode, IO)
        assert "standard output cannot be written" in done.stderr, done.stderr
        for command in ("cat", "sites", "sites --json", "verify"):
            done = served.run("bash", "-c", f"lmlog-decode {command} {path} > /dev/full")
            equal((command, done.returncode, done.stderr.count("\n")), (command, IO, 1))
            assert "stdout: standard output cannot be written: No space left on device" in done.stderr, done.stderr


def test_signals_end_it_with_130():
    with Served() as served:
        archive(served, records=20000)
        for sign in (signal.SIGINT, signal.SIGTERM):
            process = served.start("lmlog-decode", "-o", "json-pretty", served.archive)
            process.stdout.read(1)  # it writes: then it waits, since nobody reads the rest of some 10 MB
            process.send_signal(sign)
            equal((process.wait(60), process.stderr.read()), (INTERRUPTED, ""))


def catches(process, sign):
    """The process has a handler for the signal."""
    status = pathlib.Path("/proc", str(process.pid), "status").read_text(encoding="ascii")
    return int(re.search(r"SigCgt:\s*([0-9a-f]+)", status)[1], 16) >> sign - 1 & 1


def test_signals_end_every_command_at_once_without_a_verdict():
    with Served() as served:
        archive(served, records=10)
        for command in ("cat", "sites", "verify"):
            for sign in (signal.SIGINT, signal.SIGTERM):
                # Its standard input stays open: it can come to no end by itself.
                process = served.start("lmlog-decode", command, served.archive, "-", stdin=subprocess.PIPE)
                wait_until(lambda at=process, sign=sign: catches(at, sign), "the handler")
                process.send_signal(sign)
                equal((command, process.wait(60), process.stdout.read(), process.stderr.read()), (command, INTERRUPTED, "", ""))


def test_wrong_words_end_with_2_and_say_what_is_wrong():
    with Served() as served:
        path = archive(served, records=1)
        for options, text in ((["--nonsense", path], "--nonsense"), ([], "PATH"), (["frobnicate"], "'frobnicate' is neither a subcommand"),
                              (["-o", "yaml", path], "yaml"), (["-p", "loud", path], "--level: "), (["-S", "soon", path], "--since: "),
                              (["-n", "many", path], "many"), (["follow", path], "'follow'"), (["stats", path], "'stats'"),
                              (["verify"], "PATH"), (["sites", "-n", "3", path], "-n"), (["--int64", "hex", path], "hex"),
                              (["-p", "", path], "--level: ''"), (["-S", "", path], "--since: ''"), (["-U", "", path], "--until: ''"),
                              (["sites", "-p", "", path], "--level: ''"), (["--level=", path, path], "--level: its value is empty"),
                              (["--service", "", path], "--service: ''"), (["-n", "", path], "--lines: ''"),
                              (["-n", "-1", path], "--lines: '-1'"), (["-n", "1.5", path], "--lines: '1.5'"),
                              (["-n", 2**64, path], "--lines: '18446744073709551616'")):
            done = decode(served, *options)
            equal((options, done.returncode, done.stdout), (options, USAGE, ""))
            assert text in done.stderr and "lmlog-decode --help" in done.stderr, (options, done.stderr)
        for command in ([], ["cat"], ["verify"], ["sites"]):
            done = decode(served, *command, "--help")
            equal((done.returncode, done.stderr), (DONE, ""))
            assert "PATH" in done.stdout and "Examples:" in done.stdout, done.stdout
        done = decode(served, "--version")
        equal((done.returncode, done.stdout.startswith("lmlog-decode ")), (DONE, True))


def test_a_segment_or_journal_comes_from_standard_input():
    with Served() as served:
        for name in ("segments/everything.lms", "journals/ranges.lmj"):
            path = GOLDEN / name
            wanted = decode(served, "-o", "json", path)
            equal(wanted.returncode, DONE)
            piped = served.run("bash", "-c", f"cat {path} | lmlog-decode -o json -")
            equal((piped.returncode, piped.stdout), (DONE, wanted.stdout))
            with open(path, "rb") as file:
                equal(decode(served, "-o", "json", "-", stdin=file).stdout, wanted.stdout)
            equal(served.run("bash", "-c", f"cat {path} | lmlog-decode verify -").stdout, decode(served, "verify", path).stdout)
        done = served.run("bash", "-c", f"cat {GOLDEN}/rings/full.ring | lmlog-decode -")
        equal(done.returncode, DAMAGED)
        assert "standard input: sessions and rings are files that belong together" in done.stderr, done.stderr
        done = decode(served, "-")
        equal(done.returncode, DAMAGED)
        assert "standard input: " in done.stderr, done.stderr
        done = served.run("bash", "-c", "lmlog-decode - <&-")
        equal(done.returncode, IO)
        assert "standard input: cannot be read" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(run(globals()))
