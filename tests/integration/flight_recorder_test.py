# SPDX-License-Identifier: Apache-2.0
"""The policy overwrite with real processes: read while it is overwritten, after the process was killed, with and without
a collector. The contents of every record follow from its number, and every
loss is counted exactly.
usage: flight_recorder_test.py RECORDER_SERVICE [CASE...]"""
import json
import pathlib
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
from decoded import DONE  # noqa: E402
from served import Served  # noqa: E402
from workplace import is_sanitized, wait_until  # noqa: E402

SERVICE = sys.argv.pop(1)
RING_BYTES = 64 << 10
PAUSE_US = 20_000


TEXT = "the quick brown fox jumps over the lazy dog, and writes down that it did"


def start(served, calls, pause_us=0):
    """Bursts of a few times the ring, with pauses where what a collector takes is to be read whole."""
    return served.start(SERVICE, RING_BYTES, calls, pause_us)


def wait_for_calls(served, more):
    """Until so many more calls were made."""
    begin = served.sessions()[0]["attempted"]
    wait_until(lambda: served.sessions()[0]["attempted"] >= begin + more, f"{more} calls")


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def decode(served, *paths):
    done = served.run("lmlog-decode", "-o", "json", *(paths or (served.rings,)))
    equal((done.returncode, done.stderr), (DONE, ""))
    return [json.loads(line) for line in done.stdout.splitlines()]


def account(records):
    """Checks order and contents; (numbers of the calls, calls that are said to be overwritten), each gap said once."""
    expected, overwritten, numbers, cursors = 0, 0, [], set()
    for record in records:
        assert record["cursor"] not in cursors, f"cursor {record['cursor']} comes twice"
        cursors.add(record["cursor"])
        fields = record["fields"]
        if record["template"] == "{count} records lost":
            equal(fields["reason"], "overwritten")
            expected += fields["count"]
            overwritten += fields["count"]
            continue
        equal(fields["number"], expected)
        equal(fields["check"], expected * 2654435761 & 0xFFFFFFFF)
        equal(fields["text"], TEXT[:expected * 7 % len(TEXT)])
        numbers.append(fields["number"])
        expected += 1
    return numbers, overwritten


def test_a_killed_service_leaves_its_newest_records_and_the_exact_number_of_the_others(served):
    calls = 60_000  # some fifty times the ring
    process = start(served, calls)
    process.stdout.readline()
    kill(process)
    records = decode(served)
    numbers, overwritten = account(records)
    equal(numbers[-1], calls - 1)
    equal(len(numbers) + overwritten, calls)
    assert len(numbers) > 400, f"{len(numbers)} records in seven eighths of {RING_BYTES} bytes"
    session = served.sessions()[0]
    equal((session["attempted"], session["stored"], session["overwritten"], session["dropped"]),
          (calls, len(numbers), overwritten, 0))
    equal(served.run("lmlog-decode", "verify", served.rings).returncode, DONE)


def test_a_ring_is_read_while_it_is_overwritten_at_full_speed(served):
    process = start(served, 0)
    process.stdout.readline()
    newest, empty, steps = -1, 0, 0
    for _ in range(100):
        numbers, _ = account(decode(served))
        if numbers:
            assert numbers[-1] >= newest, f"call {numbers[-1]} is the newest after call {newest} was"
            steps += numbers[-1] > newest  # the service may have been without a processor meanwhile
            newest = numbers[-1]
        else:
            empty += 1
    assert process.poll() is None, "the service lives"
    assert empty < 10, f"{empty} of 100 looks found nothing"
    assert steps > 50, f"{steps} of 100 looks found something new"
    kill(process)
    numbers, overwritten = account(decode(served))
    equal(numbers[-1] + 1, len(numbers) + overwritten)


def test_the_text_output_begins_with_the_loss(served):
    process = start(served, 10_000)
    process.stdout.readline()
    text = served.run("lmlog-decode", "-o", "text", served.rings).stdout.splitlines()
    assert "records lost reason=overwritten" in text[0], text[0]
    assert " call 9999 " in text[-1], text[-1]
    kill(process)


def test_a_collector_archives_what_it_can_and_says_what_was_overwritten(served):
    collector = served.start_collector()
    calls = 100_000 if is_sanitized() else 1_000_000
    process = start(served, calls)  # at full speed
    wait_until(lambda: any(session["attempted"] for session in served.sessions()), "the first call")
    # Archive and living ring together: each record once, whatever moves meanwhile.
    for _ in range(3):
        account(decode(served, served.archive, served.rings))
    process.stdout.readline()
    kill(process)
    wait_until(lambda: not list(served.rings.iterdir()), "the removal of the dead session's files")
    equal(served.stop(collector)[0], DONE)
    numbers, overwritten = account(served.records())
    equal((numbers[-1], len(numbers) + overwritten), (calls - 1, calls))
    counts = served.status()["records"]
    equal((counts["stored"], counts["overwritten"], counts["dropped"]), (len(numbers), overwritten, 0))
    verified = served.run("lmlog-decode", "verify", served.archive)
    equal((verified.returncode, verified.stderr), (DONE, ""))


def test_a_collector_that_comes_late_or_again_goes_on_where_it_was(served):
    process = start(served, 200_000)
    process.stdout.readline()  # the ring was overwritten many times
    for _ in range(2):
        equal(served.collect("--drain").returncode, DONE)
        numbers, overwritten = account(decode(served, served.archive, served.rings))
        equal((numbers[-1], len(numbers) + overwritten), (199_999, 200_000))
    # Nobody writes into the ring but its owner.
    session = served.sessions()[0]
    equal(session["stored"] + session["overwritten"], 200_000)
    kill(process)
    equal(served.collect("--drain").returncode, DONE)
    equal(list(served.rings.iterdir()), [])
    numbers, overwritten = account(served.records())
    equal((numbers[-1], len(numbers) + overwritten), (199_999, 200_000))


def test_a_killed_collector_loses_nothing_that_it_had(served):
    process = start(served, 0, PAUSE_US)
    process.stdout.readline()
    for _ in range(4):
        collector = served.start_collector()
        wait_for_calls(served, 50_000)
        kill(collector)
        account(decode(served, served.archive, served.rings))
    kill(process)
    equal(served.collect("--drain").returncode, DONE)
    numbers, overwritten = account(served.records())
    equal(numbers[-1] + 1, len(numbers) + overwritten)
    equal(served.run("lmlog-decode", "verify", served.archive).returncode, DONE)


if __name__ == "__main__":
    sys.exit(run(globals(), Served))
