# SPDX-License-Identifier: Apache-2.0
"""lmlog-collector as a process: its life, its signals, its messages and exit codes, and what it leaves behind."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import Skipped, run  # noqa: E402
from served import Served  # noqa: E402
from workplace import wait_until  # noqa: E402

W2 = ("synth", "--workload", "W2", "--policy", "block", "--service", "svc")


def numbers(records):
    """{thread: its values of n in the order of the output}"""
    threads = {}
    for record in records:
        threads.setdefault((record["session"], record["tid"]), []).append(record["fields"]["n"])
    return threads


def test_drain_takes_what_dead_processes_left(served):
    report = served.replay(*W2, "--threads", "2", "--records", "5000")
    done = served.collect("--drain")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert list(served.rings.iterdir()) == [], "rings of the dead are removed"
    assert served.journal() == [], "everything is in segments"
    assert [len(values) for values in numbers(served.records()).values()] == [5000, 5000]
    assert report["stored"] == 10000


def test_sigterm_drains_and_seals(served):
    collector = served.start_collector()
    served.replay(*W2, "--threads", "3", "--records", "20000")
    assert served.stop(collector) == (0, "")
    assert served.journal() == []
    for values in numbers(served.records()).values():
        assert values == list(range(20000))
    assert served.status()["records"]["stored"] == 60000


def test_sigint_is_as_good_as_sigterm(served):
    collector = served.start_collector()
    served.replay(*W2, "--threads", "1", "--records", "100")
    collector.send_signal(signal.SIGINT)
    collector.communicate(timeout=60)
    assert collector.returncode == 0
    assert len(served.records()) == 100


def test_sigkill_loses_and_doubles_nothing(served):
    producer = served.start("lmlog-replay", *W2, "--threads", "2", "--records", "400000", "--ring-bytes", "65536")
    kills = 0
    while producer.poll() is None:
        collector = served.start_collector()
        # A while of work between start and death: until something new was drained, or the producer is done.
        wait_until(lambda: producer.poll() is not None or served.status()["records"]["stored"] > 0 or kills % 2, "records")
        collector.kill()
        collector.communicate()
        kills += 1
    assert served.collect("--drain").returncode == 0
    for values in numbers(served.records()).values():
        assert values == list(range(400000)), f"after {kills} kills"


def test_a_damaged_journal_is_kept(served):
    collector = served.start_collector()
    for _ in range(3):
        served.replay(*W2, "--threads", "1", "--records", "1000")
    wait_until(lambda: served.status()["records"]["stored"] == 3000, "the records")
    collector.kill()
    collector.communicate()
    [name] = served.journal()
    journal = served.archive / "journal" / name
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 1
    journal.write_bytes(content)
    for _ in range(2):
        done = served.collect("--drain")
        assert done.returncode == 0 and f"{journal} is damaged in bytes " in done.stderr, done
        assert journal.read_bytes() == content and served.journal() == [name]
        assert served.status()["losses"] == {"corrupt": 1}, served.status()
        assert "is kept for lmlog-decode" in served.status()["last_error"]
        verified = served.run("lmlog-decode", "verify", served.archive)
        assert verified.returncode == 3 and name in verified.stdout + verified.stderr, verified
    journal.unlink()
    records = served.records()
    assert 0 < len(records) < 3000
    assert len({(record["session"], record["fields"]["n"]) for record in records}) == len(records), "each once"


def test_a_second_collector_says_who_is_first(served):
    first = served.start_collector()
    other = served.folder / "other"
    done = served.run("lmlog-collector", "--rings", served.rings, "--archive", other, "--drain")
    assert done.returncode == 4, done
    assert f"{served.rings} is served by another lmlog-collector (pid {first.pid})" in done.stderr, done.stderr
    other_rings = served.folder / "rings"
    done = served.run("lmlog-collector", "--rings", other_rings, "--archive", served.archive, "--drain")
    assert done.returncode == 4, done
    assert f"{served.archive} is served by another lmlog-collector (pid {first.pid})" in done.stderr, done.stderr
    assert served.stop(first)[0] == 0


def test_status_is_shown_as_text_and_json(served):
    collector = served.start_collector()
    served.replay(*W2, "--threads", "2", "--records", "1000")
    wait_until(lambda: served.status()["records"]["stored"] == 2000, "2000 records")
    done = served.run("lmlog-collector", "--archive", served.archive, "--status", "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    status = json.loads(done.stdout)
    assert status["pid"] == collector.pid
    for key in ("since", "sessions", "rings", "records", "losses", "lag_seconds", "tiers", "services", "quarantined", "last_error"):
        assert key in status, key
    text = served.run("lmlog-collector", "--archive", served.archive, "--status")
    assert (text.returncode, text.stderr) == (0, ""), text
    assert f"pid {collector.pid}" in text.stdout and "stored 2000" in text.stdout
    served.stop(collector)
    late = served.run("lmlog-collector", "--archive", served.archive, "--status", "--json")
    assert late.returncode == 0 and "no collector runs" in late.stderr
    none = served.run("lmlog-collector", "--archive", served.folder / "none", "--status")
    assert none.returncode == 4 and "No collector has served this archive" in none.stderr


def test_the_status_of_a_stopped_collector_says_how_old_it_is(served):
    def shown():
        done = served.run("lmlog-collector", "--archive", served.archive, "--status")
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    collector = served.start_collector()
    assert " s old" not in shown()
    collector.send_signal(signal.SIGSTOP)
    wait_until(lambda: re.match(r"age +this is \d+ s old: the collector is stopped, or cannot write", shown()), "an old status")
    collector.send_signal(signal.SIGCONT)
    wait_until(lambda: " s old" not in shown(), "a new status")
    assert served.stop(collector)[0] == 0


def test_output_that_cannot_be_written_ends_with_4(served):
    assert served.collect("--drain").returncode == 0
    for option in ("--status", "--check-config"):
        with open("/dev/full", "wb") as full:
            done = served.run(*served.command(option), capture_output=False, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 4 and "cannot write to standard output: No space left on device" in done.stderr, done


def test_a_status_that_one_may_not_read_is_no_missing_one(served):
    if os.geteuid() != 0:
        raise Skipped("becoming another user needs root")
    assert served.collect("--drain").returncode == 0
    served.folder.chmod(0o755)
    done = served.run("lmlog-collector", "--archive", served.archive, "--status", user=65534, group=65534, extra_groups=[])
    assert done.returncode == 4 and "Permission denied. Ask as the collector's user" in done.stderr, done


def test_sighup_reloads_and_refuses_what_is_bad(served):
    config = served.folder / "lmlog.toml"
    config.write_text("[collector]\nblock_seconds = 3600\n", encoding="utf-8")
    collector = served.start_collector("--config", config)
    served.replay(*W2, "--threads", "1", "--records", "100")
    wait_until(lambda: served.status()["journal"]["records"] > 0, "records in the journal")
    config.write_text("[collector]\nblock_secondz = 1\n", encoding="utf-8")
    collector.send_signal(signal.SIGHUP)
    line = collector.stderr.readline()
    assert f"{config}:2:1: unknown key collector.block_secondz" in line and "The old one stays" in line, line
    assert served.segments() == []
    config.write_text("[collector]\nblock_seconds = 1\n", encoding="utf-8")
    collector.send_signal(signal.SIGHUP)
    assert "reloaded" in collector.stderr.readline()
    wait_until(served.segments, "a block that is a second old")
    assert served.stop(collector)[0] == 0


def test_a_bad_configuration_ends_with_2(served):
    config = served.folder / "lmlog.toml"
    config.write_text("[rotation]\nsegment_age = \"0s\"\n", encoding="utf-8")
    for options in (["--check-config"], ["--drain"], []):
        done = served.collect("--config", config, *options)
        assert done.returncode == 2, done
        assert f"{config}:2:15: rotation.segment_age must be a duration between 1s and 365d" in done.stderr, done.stderr
    config.write_text("[rotation]\nsegment_age = \"5m\"\n", encoding="utf-8")
    done = served.collect("--config", config, "--check-config")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{config}: good\n", "")
    assert not served.archive.exists(), "a check makes nothing"
    config.write_text("[tier.hot]\nmax_age = \"1d\"\n", encoding="utf-8")
    done = served.collect("--config", config, "--check-config")
    assert done.returncode == 0 and "have no effect: there is no colder tier" in done.stderr, done
    served.environment["CONFIGURATION_DIRECTORY"] = str(served.folder / "none")
    done = served.collect("--check-config")
    assert done.returncode == 0 and done.stdout.endswith("not there; the defaults are good\n"), done


def test_wrong_options_end_with_2(served):
    for options in (["--archive", ""], ["--config", ""], ["--nonsense"], ["--json"], ["--drain", "--status"], ["--config"], ["extra"]):
        done = served.run("lmlog-collector", *options)
        assert done.returncode == 2 and done.stderr and not done.stdout, (options, done)
    done = served.run("lmlog-collector", "--version")
    assert done.returncode == 0 and done.stdout.startswith("lmlog-collector "), done
    done = served.run("lmlog-collector", "--help")
    assert done.returncode == 0 and "Examples:" in done.stdout, done


def test_an_archive_that_cannot_be_made_ends_with_4(served):
    (served.folder / "file").write_text("", encoding="utf-8")
    done = served.run("lmlog-collector", "--rings", served.rings, "--archive", served.folder / "file" / "archive", "--drain")
    assert done.returncode == 4, done
    assert str(served.folder / "file") in done.stderr and "--archive" in done.stderr, done.stderr
    done = served.run("lmlog-collector", "--rings", served.folder / "file", "--archive", served.archive, "--drain")
    assert done.returncode == 4, done
    assert f"the rings folder {served.folder / 'file'} cannot be used" in done.stderr and "--rings" in done.stderr, done.stderr


def test_a_missing_rings_folder_ends_with_4(served):
    done = served.run("lmlog-collector", "--rings", served.folder / "no" / "rings", "--archive", served.archive, "--drain")
    assert done.returncode == 4, done
    assert "does not exist" in done.stderr and "--rings" in done.stderr, done.stderr


def test_broken_files_are_said_once_and_stop_nobody(served):
    ident = "0123456789abcdef" * 2
    (served.rings / f"half.1.{ident}.session").write_bytes(b"LMLOGSES")
    os.mkfifo(served.rings / f"fifo.1.{ident[::-1]}.session")
    (served.rings / f"link.1.{ident.replace('0', 'f')}.session").symlink_to("/etc/passwd")
    collector = served.start_collector()
    served.replay(*W2, "--threads", "1", "--records", "500")
    wait_until(lambda: served.status()["records"]["stored"] == 500, "the good records")
    quarantined = {pathlib.Path(one["path"]).name.split(".")[0]: one["reason"] for one in served.status()["quarantined"]}
    assert set(quarantined) == {"half", "fifo", "link"}, quarantined
    assert "shorter than its header" in quarantined["half"] and "no regular file" in quarantined["fifo"]
    code, errors = served.stop(collector)
    assert code == 0
    assert len(errors.splitlines()) == 3, errors
    assert len(list(served.rings.iterdir())) == 3, "what is not understood is left alone"


def test_a_damaged_ring_of_a_dead_process_is_kept(served):
    served.replay("synth", "--workload", "W2", "--policy", "block", "--service", "\u00e4", "--threads", "1", "--records", "500")
    [cut] = served.rings.glob("*.ring")
    [session] = served.rings.glob("*.session")
    os.truncate(cut, 6000)
    served.replay(*W2, "--threads", "1", "--records", "500")
    for losses in ({"corrupt": 1}, {}):
        done = served.collect("--drain")
        assert done.returncode == 0 and f"{cut} is not served: " in done.stderr, done
        assert sorted(served.rings.iterdir()) == sorted([cut, session])
        assert [one["path"] for one in served.status()["quarantined"]] == [str(cut)]
        assert served.status()["losses"] == losses, served.status()
        assert "\u00e4" in served.status()["services"], served.status()
        assert len([record for record in served.records() if "n" in record["fields"]]) == 500


def test_a_full_disk_is_waited_for(served):
    small = served.folder / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(small)], capture_output=True, check=False)
    if mounted.returncode != 0:
        raise Skipped("mounting a small tmpfs needs root")
    try:
        served.archive = small / "archive"
        served.archive.mkdir()
        filler = small / "filler"
        collector = served.start_collector()
        filler.write_bytes(b"x" * (300 << 10))
        producer = served.start("lmlog-replay", *W2, "--threads", "1", "--records", "60000", "--ring-bytes", "65536")
        line = collector.stderr.readline()
        assert "cannot be written" in line and "No space left on device" in line, line
        assert producer.poll() is None, "it waits for room in its ring"
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        producer.communicate(timeout=60)
        code, errors = served.stop(collector)
        assert code == 0 and "can be written again" in errors, errors
        assert list(numbers(served.records()).values()) == [list(range(60000))]
    finally:
        for process in served.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run(["umount", "-l", str(small)], check=False)


if __name__ == "__main__":
    sys.exit(run(globals(), Served))
