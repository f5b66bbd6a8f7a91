# SPDX-License-Identifier: Apache-2.0
"""Each record once, under one cursor, wherever it is: living and killed producers, rings, journal, segments, alone and together."""
import json
import pathlib
import re
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
from served import Served  # noqa: E402
from workplace import is_sanitized, wait_until  # noqa: E402

RECORD = re.compile(r'"time_unix_nano":"(\d+)".*"fields":\{"n":(\d+)\}.*"cursor":"((\w+):\d+)"\}$')
LOST = '"template":"{count} records lost"'


class Reading:
    """What one run of lmlog-decode gave: numbers by cursor and by ring (each thread has one), and losses."""

    def __init__(self, served, *paths):
        done = served.run("lmlog-decode", "-o", "json", *paths)
        assert done.returncode in (0, 1) and not done.stderr, (done.returncode, done.stderr)
        self.cursors, self.threads, self.keys, self.lost = {}, {}, [], 0
        latest = {}  # by ring
        for line in done.stdout.splitlines():
            if LOST in line:
                loss = json.loads(line)
                cursor, what = loss["cursor"], "lost"
                self.lost += loss["fields"]["count"]
            else:
                time, number, cursor, ring = RECORD.search(line).groups()
                what = int(number)
                self.threads.setdefault(ring, []).append(what)
                # Threads that end hand their ring on, with times of their own: within a ring the largest time counts.
                latest[ring] = max(latest.get(ring, 0), int(time))
                self.keys.append(latest[ring])
            assert cursor not in self.cursors, f"{cursor} stands for {self.cursors[cursor]} and for {what}"
            self.cursors[cursor] = what

    @property
    def count(self):
        return len(self.keys)

    def has_no_gap(self):
        """Every thread counts from 0 on without a hole: nothing is missing, nothing is out of order."""
        for thread, numbers in self.threads.items():
            assert numbers == list(range(len(numbers))), f"{thread}: {first_gap(numbers)}"

    def goes_on_from(self, before):
        """A record that was seen once keeps its cursor for ever."""
        for cursor, what in before.cursors.items():
            if what != "lost":  # one that a look at a living ring made is replaced by that of the ring
                equal((cursor, self.cursors.get(cursor)), (cursor, what))


def first_gap(numbers):
    at = next(i for i, number in enumerate(numbers) if number != i)
    return f"number {at} is {numbers[at]} ({len(numbers)} in all)"


def producer(served, *options):
    return served.start("lmlog-replay", "synth", "--workload", "W2", *options)


def stored_in_shared_memory(served):
    """(attempted, stored, dropped) of all sessions, which the counters tell of killed ones too."""
    done = served.run("lmlog-rings", "--json", served.rings)
    equal(done.returncode, 0)
    sessions = json.loads(done.stdout)
    return tuple(sum(session[key] for session in sessions) for key in ("attempted", "stored", "dropped"))


def test_living_producers_and_a_collector_are_read_without_gap_or_double():
    with Served() as served:
        served.start_collector()
        producers = [producer(served, "--threads", 2, "--records", 30000, "--rate", 40000, "--policy", "block",
                              "--ring-bytes", "64KiB", "--service", name) for name in ("a", "b", "c")]
        wait_until(lambda: list(served.rings.glob("*.session")), "a session")
        before, looks = None, 0
        while any(process.poll() is None for process in producers):
            reading = Reading(served, served.archive, served.rings)
            reading.has_no_gap()
            if before:
                reading.goes_on_from(before)
            before, looks = reading, looks + 1
        attempted = sum(json.loads(process.communicate()[0])["attempted"] for process in producers)
        assert looks > 0 if is_sanitized() else looks > 2, looks  # a sanitized decoder needs as long as they live
        equal(attempted, 180000)
        # Whatever the collector has come to by now: journal, segments, rings.
        last = Reading(served, served.archive, served.rings)
        last.has_no_gap()
        last.goes_on_from(before)
        equal((last.count, len(last.threads), last.lost), (attempted, 6, 0))


def test_losses_of_living_producers_add_up():
    with Served() as served:
        served.start_collector()
        process = producer(served, "--threads", 3, "--records", 100000, "--policy", "drop", "--ring-bytes", "64KiB")
        wait_until(lambda: list(served.rings.glob("*.session")), "a session")
        while process.poll() is None:
            Reading(served, served.archive, served.rings)
        report = json.loads(process.communicate()[0])
        last = Reading(served, served.archive, served.rings)
        equal((last.count, last.lost), (report["stored"], report["dropped"]))
        equal(last.count + last.lost, 300000)


def test_a_killed_producer_without_a_collector_is_read_from_its_rings():
    with Served() as served:
        process = producer(served, "--threads", 2, "--records", 10**9, "--policy", "drop", "--ring-bytes", "64KiB")
        wait_until(lambda: stored_in_shared_memory(served)[2] > 0, "losses")
        process.kill()
        process.communicate()
        attempted, stored, dropped = stored_in_shared_memory(served)
        reading = Reading(served, served.rings)
        reading.has_no_gap()
        equal((reading.count, reading.lost, reading.count + reading.lost), (stored, dropped, attempted))
        # A collector that comes later keeps every cursor but those of the losses that the look above made.
        equal(served.collect("--drain").returncode, 0)
        archived = Reading(served, served.archive)
        equal((archived.threads, archived.lost), (reading.threads, dropped))
        archived.goes_on_from(reading)


def stopped_in_the_middle(served, *collector_options):
    """A killed producer whose records lie in segments, journal and rings; the collector stands still."""
    config = served.folder / "lmlog.toml"
    config.write_text("[tier.hot]\nblock_records = 4096\n", encoding="utf-8")
    collector = served.start_collector("--config", config, *collector_options)
    process = producer(served, "--threads", 2, "--records", 10**9, "--policy", "block", "--ring-bytes", "64KiB", "--rate", 60000)
    wait_until(lambda: len(served.segments()) and served.status()["records"]["stored"] > 30000, "blocks")
    collector.send_signal(signal.SIGSTOP)
    wait_until(lambda: fill_is_steady(served), "full rings")
    process.kill()
    process.communicate()
    return collector


def fill_is_steady(served):
    one, other = (stored_in_shared_memory(served) for _ in range(2))
    return one == other


def test_a_killed_producer_is_read_whole_from_segments_journal_and_rings():
    with Served() as served:
        collector = stopped_in_the_middle(served)
        attempted, stored, dropped = stored_in_shared_memory(served)
        reading = Reading(served, served.archive, served.rings)
        reading.has_no_gap()
        equal((attempted, reading.count, dropped), (stored, stored, 0))
        for paths in ([served.rings, served.archive], [served.archive, served.rings, served.archive],
                      [*served.segments(), served.archive / "journal", *served.rings.iterdir()]):
            equal(Reading(served, *paths).cursors, reading.cursors)
        collector.send_signal(signal.SIGCONT)
        equal(served.stop(collector)[0], 0)
        equal(Reading(served, served.archive, served.rings).cursors, reading.cursors)


def test_every_file_alone_gives_its_own_part():
    with Served() as served:
        stopped_in_the_middle(served)
        whole = Reading(served, served.archive, served.rings)
        journals = sorted((served.archive / "journal").iterdir())
        [session] = served.rings.glob("*.session")
        rings = sorted(served.rings.glob("*.ring"))
        parts = [Reading(served, *served.segments()), Reading(served, *journals), Reading(served, session)]
        assert all(part.count for part in parts), [part.count for part in parts]
        found = {}
        for part in parts:
            found.update(part.cursors)
            for cursor, what in part.cursors.items():
                equal(whole.cursors[cursor], what)
        equal(found, whole.cursors)
        alone = [Reading(served, ring).cursors for ring in rings]
        equal(len(alone), 2)
        assert not set(alone[0]) & set(alone[1]) and all(alone), [len(cursors) for cursors in alone]
        equal({**alone[0], **alone[1]}, parts[2].cursors)
        for ring, cursors in zip(rings, alone):
            equal(len({cursor.split(":")[0] for cursor in cursors}), 1)
        equal(Reading(served, *rings).cursors, parts[2].cursors)


def test_records_are_in_order_of_time_across_threads_and_processes():
    for clock, tolerance in (("tsc", 1_000_000), ("user_ns", 0)):  # of ticks each block has anchors of its own
        with Served() as served:
            collector = served.start_collector()
            producers = [producer(served, "--threads", 3, "--records", 4000, "--clock", clock, "--policy", "block",
                                  "--service", name) for name in ("a", "b")]
            for process in producers:
                process.communicate()
            equal(served.stop(collector)[0], 0)
            late = producer(served, "--threads", 2, "--records", 3000, "--clock", clock, "--service", "late")
            late.communicate()
            keys = Reading(served, served.archive, served.rings).keys
            equal(len(keys), 30000)
            backwards = [one - other for one, other in zip(keys, keys[1:]) if one - other > tolerance]
            equal((clock, backwards[:3]), (clock, []))


if __name__ == "__main__":
    sys.exit(run(globals()))
