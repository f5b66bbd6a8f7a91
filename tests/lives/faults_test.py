# SPDX-License-Identifier: Apache-2.0
"""Rings folders that are full, missing, read-only or over quota, at the start or later: the service is never hurt, a
collector works on meanwhile, and once there is room again attempted = stored + lost."""
import contextlib
import json
import os
import pathlib
import shutil
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from lived import Lived  # noqa: E402
import tmpfs  # noqa: E402
from cases import Skipped, run  # noqa: E402
from workplace import is_sanitized, wait_until  # noqa: E402

# Of one call: far more than a try to make a file takes, on a machine that does much else.
LONGEST_MS = 3000
THREADS = 12


class Faulty(Lived):
    def mount(self, options):
        """The rings folder anew, on a tmpfs with these limits."""
        if self.no_tmpfs:
            raise Skipped(self.no_tmpfs)
        tmpfs.unmount(self.rings)
        if why := tmpfs.private_tmpfs(self.rings, options):
            raise Skipped(f"{options}: {why}")

    def fill(self, leave=0):
        """Takes all pages but `leave` bytes."""
        def taken():
            now = os.statvfs(self.rings)
            with open(self.rings / "filler", "wb") as file, contextlib.suppress(OSError):  # the service takes some, too
                os.posix_fallocate(file.fileno(), 0, max(now.f_bfree * now.f_frsize - leave, 4096))
                return True
            return False
        wait_until(taken, "a filler that fits")

    def empty(self):
        (self.rings / "filler").unlink()

    def begin(self, *under, **options):
        return self.start(*under, os.environ["LMLOG_LIFE"], "under-faults", THREADS, stdin=-1, **options)

    def begun(self, life):
        """Has its session, which says how much is attempted from there."""
        assert life.stdout.readline() == "open\n", life.stderr.read()
        return life

    def end(self, life):
        """Stops the service, drains, and compares what it says with what is decoded. What the service said."""
        life.stdin.close()
        life.stdin = None
        out, errors = life.communicate(timeout=120)
        assert life.returncode == 0, (life.returncode, errors)
        told = json.loads(out)
        for collector in self.collectors:
            assert self.stop(collector) == (0, "")
        assert self.collect("--drain").returncode == 0
        stored, lost = 0, 0
        for record in self.records("--service", "under-faults"):
            stored += record["template"] == "life {who} {n}"
            lost += record["fields"]["count"] if "records lost" in record["template"] else 0
        attempted = sum(self.returned().values()) + told["refused"]
        assert lost == told["lost"], f"{lost} lost are decoded, {told}"
        assert attempted == stored + lost, f"{attempted} attempted, {stored} stored, {lost} lost"
        assert told["longest_ms"] < LONGEST_MS, told
        return told

    collectors = ()

    def with_collector(self):
        self.collectors = [self.start_collector()]


def logged(faulty, who, more=20):
    """Waits until this thread has logged so much more."""
    def count():
        return faulty.returned().get(who, 0) if faulty.witness.stat().st_size else 0
    before = count()
    wait_until(lambda: count() >= before + more, f"{more} more calls")


def until_rings(faulty, count):
    wait_until(lambda: len(list(faulty.rings.glob("*.ring"))) >= count, f"{count} rings")


def test_a_tmpfs_that_is_full_at_the_start(faulty):
    faulty.mount("size=8m,mode=0700")
    faulty.fill()
    faulty.with_collector()
    life = faulty.begin()
    time.sleep(0.2)  # a few calls, for which there is nothing to see
    faulty.empty()
    faulty.begun(life)
    until_rings(faulty, THREADS)
    assert faulty.end(life)["no_ring"] == 0


def full_later(faulty, leave):
    faulty.mount("size=8m,mode=0700")
    faulty.with_collector()
    life = faulty.begun(faulty.begin())
    until_rings(faulty, 2)
    faulty.fill(leave)
    logged(faulty, 0, 300)
    faulty.empty()
    until_rings(faulty, THREADS)
    logged(faulty, THREADS)
    return faulty.end(life)


def test_a_tmpfs_that_becomes_full_while_rings_are_made(faulty):
    told = full_later(faulty, leave=200 << 10)
    assert told["no_ring"] > 0, told


def test_a_tmpfs_that_becomes_full_while_the_catalog_grows(faulty):
    told = full_later(faulty, leave=0)
    assert told["no_catalog"] > 0 and told["no_ring"] > 0, told


def test_a_tmpfs_that_has_no_inodes_left(faulty):
    faulty.mount("size=16m,nr_inodes=8,mode=0700")
    faulty.with_collector()
    life = faulty.begun(faulty.begin())
    until_rings(faulty, 4)
    logged(faulty, 0, 200)
    assert tmpfs.remount(faulty.rings, "size=16m,nr_inodes=1000") is None
    until_rings(faulty, THREADS)
    logged(faulty, THREADS)
    told = faulty.end(life)
    assert told["no_ring"] > 0, told


def test_a_folder_that_is_missing_at_the_start(faulty):
    faulty.rings /= "later/rings"
    faulty.environment["LMLOG_RING_DIR"] = str(faulty.rings)
    life = faulty.begin()
    time.sleep(0.2)
    faulty.rings.parent.mkdir()
    faulty.begun(life)
    until_rings(faulty, THREADS)
    faulty.with_collector()
    faulty.end(life)
    faulty.rings = faulty.rings.parent.parent
    shutil.rmtree(faulty.rings / "later")


def test_a_folder_that_is_removed_and_comes_again(faulty):
    life = faulty.begun(faulty.begin())
    until_rings(faulty, 3)
    for path in faulty.rings.iterdir():
        path.unlink()
    # The next thread that wants a ring finds the session gone, and opens another; the call that has made its ring logs.
    # (A ring of the first session may have been made while its files were removed.)
    wait_until(lambda: any(list(faulty.rings.glob(session.stem.rpartition(".")[2] + ".*.ring"))
                           for session in faulty.rings.glob("*.session")), "another session with a ring")
    life.stdin.close()
    life.stdin = None
    _, errors = life.communicate(timeout=60)
    assert life.returncode == 0, errors
    assert faulty.collect("--drain").returncode == 0
    assert faulty.records("--service", "under-faults")


def test_a_file_system_that_is_read_only_at_the_start(faulty):
    faulty.mount("size=8m,mode=0700")
    assert tmpfs.remount(faulty.rings, "size=8m", read_only=True) is None
    life = faulty.begin()
    time.sleep(0.2)
    assert tmpfs.remount(faulty.rings, "size=8m") is None
    faulty.begun(life)
    faulty.with_collector()
    until_rings(faulty, THREADS)
    faulty.end(life)


def test_a_user_who_is_over_quota(faulty):
    nobody = 65534
    faulty.mount("size=16m,mode=0777,usrquota,usrquota_block_hardlimit=1m")
    os.chmod(faulty.folder, 0o777)
    faulty.witness.touch()
    os.chmod(faulty.witness, 0o666)
    try:
        life = faulty.begin(user=nobody, group=nobody, extra_groups=[])
    except PermissionError as why:
        raise Skipped(f"another user may not run the programs of this build: {why}") from None
    faulty.with_collector()
    faulty.begun(life)
    logged(faulty, 0, 300)
    told = faulty.end(life)
    assert told["no_ring"] > 0, told
    assert len(list(faulty.rings.iterdir())) == 0


def test_a_quota_that_is_raised_after_a_while(faulty):
    """Every thread is told twice that there is no room for its file, also where tmpfs has no quotas."""
    if not shutil.which("strace"):
        raise Skipped("there is no strace program")
    faulty.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # it traces too
    life = faulty.begin("strace", "--follow-forks", "--seccomp-bpf", "--trace=fallocate", "--output=/dev/null",
                        "--inject=fallocate:error=EDQUOT:when=1..2")
    faulty.with_collector()
    if life.poll() is not None and "ptrace" in (why := life.stderr.read()):
        raise Skipped(f"programs cannot be traced here: {why}")
    faulty.begun(life)
    until_rings(faulty, THREADS)
    logged(faulty, THREADS)
    told = faulty.end(life)
    assert told["no_ring"] > 0, told


def test_processes_of_one_pid_are_not_mixed_up(faulty):
    lives, pid = 40, 300
    script = (f"i=0; while [ $i -lt {lives} ]; do echo {pid - 1} >/proc/sys/kernel/ns_last_pid || exit 77; "
              "\"$LMLOG_LIFE\" same-pid $i; i=$((i+1)); done")
    if not shutil.which("unshare"):
        raise Skipped("there is no unshare program")
    faulty.with_collector()
    done = faulty.run("unshare", "--pid", "--fork", "--kill-child", "sh", "-c", script)
    if "unshare" in done.stderr or "ns_last_pid" in done.stderr:
        raise Skipped(f"pids cannot be chosen here: {done.stderr.strip()}")
    for collector in faulty.collectors:
        assert faulty.stop(collector) == (0, "")
    records = faulty.complete()
    assert len(records) == lives
    assert {record["pid"] for of_one in records.values() for record in of_one} == {pid}
    assert len({record["session"] for of_one in records.values() for record in of_one}) == lives
    assert all(len({record["session"] for record in of_one}) == 1 for of_one in records.values())


def test_a_plugin_may_bring_the_library_along(faulty):
    faulty.with_collector()
    done = faulty.run(os.environ["LMLOG_BARE_HOST"], os.environ["LMLOG_SAMPLE_BEARER"], 300)
    assert (done.returncode, done.stderr) == (0, ""), done
    begin, end = [line.split()[:1 if is_sanitized() else 2] for line in done.stdout.splitlines()]
    assert begin == end, f"descriptors and mappings: {begin} → {end}"
    for collector in faulty.collectors:
        assert faulty.stop(collector) == (0, "")
    logged_by_plugin = [record for record in faulty.records() if record["template"] == "plugin visible {}"]
    assert [record["fields"]["0"] for record in logged_by_plugin] == list(range(300))


if __name__ == "__main__":
    sys.exit(run(globals(), Faulty))
