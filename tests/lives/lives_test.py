# SPDX-License-Identifier: Apache-2.0
"""All the lives that a process and its threads can lead: after each, every record of a call that returned is decoded, and
nothing is left (lived.py). LMLOG_LIVES_LONG=1: the long ones."""
import pathlib
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from lived import LONG, Lived  # noqa: E402
from cases import Skipped, run  # noqa: E402
from workplace import is_sanitized  # noqa: E402


def by(records, key):
    return {record[key] for record in records}


def test_fork_gives_the_child_a_session_of_its_own(lived):
    lived.live("fork", 200)
    lives = lived.complete()
    assert {who: len(records) for who, records in lives.items()} == {0: 400, 1: 200, 2: 200}
    assert by(lives[1], "session") == by(lives[2], "session") != by(lives[0], "session")
    assert by(lives[1], "pid") == by(lives[2], "pid") != by(lives[0], "pid")


def test_fork_of_fork_piles_nothing_up(lived):
    generations = 200 if LONG else 20
    lived.live("fork-of-fork", generations)
    lives = lived.complete()
    assert len(lives) == generations + 1
    assert len({record["session"] for records in lives.values() for record in records}) == generations + 1


def test_fork_finds_nothing_half_done(lived):
    if is_sanitized():
        raise Skipped("a child of many threads may inherit a locked allocator of the sanitizer")
    children = 200 if LONG else 15
    lived.live("fork-while-logging", children)
    assert len(lived.complete()) == 4 + 2 * children


def test_a_prefork_server_holds_no_more_than_its_workers_need(lived):
    workers = 1000 if LONG else 100
    lived.live("prefork", workers)
    assert len(lived.complete()) == 1 + workers


def test_idle_children_keep_nothing_of_their_parent(lived):
    lived.live("idle-child", 10)
    lived.complete()


def test_a_daemon_that_closes_all_descriptors_logs_on(lived):
    lived.live("daemonise", 100)
    lives = lived.complete()
    assert len(lives[1]) == 2100 and len(by(lives[1], "session")) <= 3


def test_a_raw_clone_begins_anew_as_well(lived):
    lived.live("raw-clone", 50)
    lives = lived.complete()
    assert len({record["session"] for records in lives.values() for record in records}) == 11


def test_exec_ends_the_session(lived):
    footprints = lived.live("exec", 100)
    lives = lived.complete()
    assert by(lives[0], "pid") == by(lives[2], "pid") and by(lives[0], "session") != by(lives[2], "session")
    assert footprints["end"]["descriptors"] <= 4, "three and the new session's"


def test_vfork_uses_what_its_parent_has(lived):
    lived.live("vfork", 1000 if LONG else 100)
    lives = lived.complete()
    assert len(by(lives[0], "session")) == 1 and by(lives[0], "session") == by(lives[1], "session")


def test_a_guest_without_a_ring_counts_its_losses(lived):
    collector_sees = 20
    lived.live("guest-without-ring", collector_sees)
    lost = [record for record in lived.records() if "records lost" in record["template"]]
    assert sum(record["fields"]["count"] for record in lost) == collector_sees, lost
    assert {record["fields"]["reason"] for record in lost} == {"no_ring"}, lost


def test_posix_spawn_leaves_the_parent_as_it_was(lived):
    lived.live("spawn", 100)
    assert len(lived.complete()) == 2


def test_a_clone_in_our_memory_leaves_the_parent_as_it_was(lived):
    lived.live("clone-vm", 100)
    lives = lived.complete()
    assert len(lives[0]) == 700 and len(by(lives[0], "session")) == 1


def test_threads_hand_their_rings_on(lived):
    count = 100_000 if LONG else 5_000
    lived.live("threads", count, watch=True)
    assert len(lived.complete()) == count
    assert max(lived.peak_rings.values()) <= 50 * 1.05, lived.peak_rings


def test_cancelled_threads_finish_their_calls(lived):
    lived.live("cancelled", 50)
    lives = lived.complete()
    assert [len(lives[who]) for who in (0, 1, 10, 49)] == [3000, 3, 3000, 3]


def test_thread_locals_log_in_their_destructors(lived):
    lived.live("thread-locals", 200)
    lives = lived.complete()
    assert [len(lives[who]) for who in (0, 1)] == [2, 1]


def test_detached_threads_outlive_session_and_main(lived):
    lived.live("detached", 2000)
    assert len(lived.complete(unfinished=3)) == 4


def test_threads_outlive_main(lived):
    lived.live("main-ends-first", 300)
    assert [len(records) for _, records in sorted(lived.complete().items())] == [10, 3000, 3000, 3000]


def test_sessions_one_after_the_other_leave_nothing(lived):
    lived.live("sessions", 1000 if LONG else 200)
    lived.complete()


def test_sessions_change_under_running_threads(lived):
    lived.live("sessions-under-threads", 500 if LONG else 100)
    lived.complete()


def test_retired_sessions_leave_nothing(lived):
    lived.live("retired", 50 if LONG else 5)
    lived.complete()


def test_a_library_may_come_and_go(lived):
    cycles = 10_000 if LONG else 1_000
    lived.live("plugin", cycles, watch=True)
    lived.complete()
    assert max(lived.peak_sites.values()) < 20, f"each statement once: {lived.peak_sites}"
    logged = [record for record in lived.records() if record["template"] == "plugin visible {}"]
    assert [record["fields"]["0"] for record in logged] == list(range(cycles))


def test_libraries_with_equal_statements_share_them(lived):
    lived.live("twins", 100)
    lived.complete()
    logged = [record for record in lived.records() if record["template"] == "plugin visible {}"]
    assert [record["fields"]["0"] for record in logged] == list(range(200))
    assert len(by(logged, "site")) == 1


def ends(mode, ends_with=0, last_words=0, destructors=False):
    def test(lived):
        lived.live(mode, 2000, ends_with)
        lives = lived.complete(unfinished=3)
        assert len(lives[0]) == 2000 and len(lives.get(4, [])) == last_words, {who: len(n) for who, n in lives.items()}
        around = [record["template"] for record in lived.records() if record["template"].endswith(" main")]
        after = ["after main", "by a new thread after main"]
        assert around == ["before main"] + destructors * after, around
    return test


test_return_loses_nothing = ends("return", destructors=True)
test_exit_loses_nothing = ends("exit", destructors=True)
test__exit_loses_nothing = ends("_exit")
test_quick_exit_loses_nothing = ends("quick_exit", last_words=3)
test_abort_loses_nothing = ends("abort", -signal.SIGABRT)
test_an_exception_that_nobody_catches_loses_nothing = ends("throw", -signal.SIGABRT)
test_sigkill_loses_nothing = ends("sigkill", -signal.SIGKILL)
test_sigterm_loses_nothing = ends("sigterm", -signal.SIGTERM)
test_sigsegv_loses_nothing = ends("sigsegv", -signal.SIGSEGV)
test_a_signal_handler_may_log_the_crash = ends("logging-handler", last_words=3)

if __name__ == "__main__":
    sys.exit(run(globals(), Lived))
