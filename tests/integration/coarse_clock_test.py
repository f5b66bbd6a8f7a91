# SPDX-License-Identifier: Apache-2.0
"""The coarse clock with real processes: served by a collector, after it was killed, and before one was started."""
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
from served import Served  # noqa: E402
from workplace import wait_until  # noqa: E402

MS = 1_000_000
SLACK_NS = 500 * MS  # what a busy machine may stop a process for
RECORDS = 3000
REPLAY = ("lmlog-replay", "synth", "--workload", "W2", "--records", RECORDS, "--rate", 2000, "--clock", "coarse")


def attempted(served):
    sessions = served.sessions()
    return sessions[0]["attempted"] if sessions else 0


def check(served, begin):
    """Every record once, and its time where the pace of the calls puts it."""
    records = served.records()
    equal([record["fields"]["n"] for record in records], list(range(RECORDS)))
    times = [int(record["time_unix_nano"]) for record in records]
    equal(times, sorted(times))
    assert begin - 2 * MS <= times[0] and times[-1] <= time.time_ns() + 2 * MS, (begin, times[0], times[-1], time.time_ns())
    longest = max(after - before for before, after in zip(times, times[1:]))
    assert longest < SLACK_NS, f"the clock stood still for {longest / 1e6} ms"
    return times


def test_records_carry_the_milliseconds_of_the_collector(served):
    collector = served.start_collector()
    begin = time.time_ns()
    done = served.run(*REPLAY)
    equal(done.returncode, 0)
    equal(served.stop(collector)[0], 0)
    check(served, begin)


def test_times_stay_right_when_the_collector_is_killed(served):
    collector = served.start_collector()
    begin = time.time_ns()
    producer = served.start(*REPLAY)
    wait_until(lambda: attempted(served) > RECORDS // 4, "a quarter of the calls")
    collector.kill()
    collector.wait()
    producer.wait()
    equal(served.collect("--drain").returncode, 0)
    check(served, begin)


def test_times_stay_right_when_a_collector_comes_late(served):
    begin = time.time_ns()
    producer = served.start(*REPLAY)
    wait_until(lambda: attempted(served) > RECORDS // 4, "a quarter of the calls")
    collector = served.start_collector()
    producer.wait()
    equal(served.stop(collector)[0], 0)
    check(served, begin)


if __name__ == "__main__":
    sys.exit(run(globals(), Served))
