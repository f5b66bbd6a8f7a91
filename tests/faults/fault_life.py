# SPDX-License-Identifier: Apache-2.0
"""One life of a collector, the same each time: a copy of what a killed collector and two services left (a torn segment,
a journal that is in no segment, a dead session, a living one), which `lmlog-collector --drain` takes over: start, recovery,
drain, journal, blocks, rotation, the end of the dead session, seal."""
import collections
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

CONFIG = """[collector]
durability = "{durability}"
block_seconds = 3600
flush_interval_ms = 5
[rotation]
segment_bytes = "64KiB"
[tier.hot]
block_records = 24
"""
# (Records of each thread, bytes of noise in each.) The dead session's first ones were taken by the killed collector.
DEAD_THREADS, DEAD = 1, [(60, 600), (68, 1200)]
LIVING_THREADS, LIVING = 1, (30, 600)
TORN_END = b"\x4c\x4d\x4c\x4f" * 5  # what a killed writer may leave: less than an entry's header
DEADLINE_SECONDS = 30


def copy_sparse(source, target):
    """A session file is mostly a hole: its data alone is copied."""
    with open(source, "rb") as old, open(target, "wb") as new:
        size = os.fstat(old.fileno()).st_size
        new.truncate(size)
        at = 0
        while at < size:
            try:
                begin = os.lseek(old.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(old.fileno(), begin, os.SEEK_HOLE)
            os.pwrite(new.fileno(), os.pread(old.fileno(), at - begin, begin), begin)


class Tools:
    """The programs, and a folder for all lives; gone at the end."""

    def __init__(self, options):
        self.collector, self.decode = options.collector, options.decode
        self.injector, self.service = options.injector, options.service
        self.durability = options.durability
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-faults-", dir=options.work))
        self.config = self.folder / "lmlog.toml"
        self.config.write_text(CONFIG.format(durability=options.durability), encoding="utf-8")
        self.template = self.folder / "template"
        self.expected = None  # (cursor, message) of every record that was written
        self.living = None  # names of the files that stay
        self.processes = []

    def collect_command(self, place, *more):
        return [self.collector, "--config", str(self.config), "--rings", str(place / "rings"), "--archive",
                str(place / "archive"), *more]

    def start_service(self, name, threads):
        process = subprocess.Popen([self.service, name, str(threads)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   env={**os.environ, "LMLOG_RING_DIR": str(self.template / "rings")})
        self.processes.append(process)
        return process

    def records(self, *paths):
        """(cursor, message) of every record; exit code and words of the decoder."""
        done = subprocess.run([self.decode, "--quiet", "-o", "json", *map(str, paths)], capture_output=True, text=True,
                              timeout=DEADLINE_SECONDS, check=False)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        return sorted((record["cursor"], record["message"]) for record in records), done.returncode, done.stderr.strip()

    def prepare(self):
        (self.template / "rings").mkdir(parents=True, mode=0o700)
        (self.template / "archive").mkdir()
        dead, living = self.start_service("dead", DEAD_THREADS), self.start_service("living", LIVING_THREADS)
        tell(dead, *DEAD[0])
        collector = subprocess.Popen(self.collect_command(self.template), stderr=None)
        self.processes.append(collector)
        archive = self.template / "archive"
        deadline = time.monotonic() + DEADLINE_SECONDS
        # Two blocks of the first sixty records are in a segment, all sixty in the journal.
        while len(self.records(archive)[0]) < DEAD_THREADS * DEAD[0][0] or not list(archive.glob("hot/dead/*.lms")):
            assert time.monotonic() < deadline, "the collector took nothing"
            time.sleep(0.02)
        time.sleep(0.1)  # the second block
        end(collector)
        tell(dead, *DEAD[1])
        dead.kill()  # never reaped: no other process may get its number while there are lives
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        tell(living, *LIVING)
        with open(sorted(archive.glob("journal/*.lmj"))[-1], "ab") as journal:
            journal.write(TORN_END)
        self.expected, code, errors = self.records(archive, self.template / "rings")
        assert code == 0 and not errors, (code, errors)
        count = DEAD_THREADS * sum(records for records, _ in DEAD) + LIVING_THREADS * LIVING[0]
        assert len(set(self.expected)) == len(self.expected) == count, f"{len(self.expected)} records in place of {count}"
        self.living = {path.name for path in (self.template / "rings").iterdir() if not is_of(path, "dead", self.template)}
        assert len(list(archive.glob("journal/*.lmj"))) == 1 and len(list(archive.glob("hot/*/*.lms"))) == 1

    def close(self):
        for process in self.processes:
            end(process)
        shutil.rmtree(self.folder, ignore_errors=True)


def is_of(path, service, template):
    """Whether a session or ring file belongs to the session of this service."""
    (session,) = (template / "rings").glob(f"{service}.*.session")
    return session.name.split(".")[2] in path.name


def tell(service, records, noise):
    service.stdin.write(f"{records} {noise}\n")
    service.stdin.flush()
    assert service.stdout.readline() == "done\n"


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()


Run = collections.namedtuple("Run", "code signal stderr calls hit since_fault_ms seconds")


class Life:
    """A copy of the template to live on. The living session's lock is held by this process."""

    def __init__(self, tools):
        self.tools = tools
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="life-", dir=tools.folder))
        for path in tools.template.rglob("*"):
            target = self.place / path.relative_to(tools.template)
            if path.is_dir():
                target.mkdir(mode=path.stat().st_mode & 0o777)
            else:
                copy_sparse(path, target)
        self.rings, self.archive = self.place / "rings", self.place / "archive"
        (session,) = self.rings.glob("living.*.session")
        self.lock = open(session, "r+b")
        fcntl.lockf(self.lock, fcntl.LOCK_EX, 1, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lock.close()
        shutil.rmtree(self.place, ignore_errors=True)

    def run(self, *fault):
        """The collector under the injector."""
        command = [self.tools.injector, *map(str, fault), "--", *self.tools.collect_command(self.place, "--drain")]
        begin = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
        *calls, last = [json.loads(line) for line in done.stdout.splitlines()]
        hit = next((call for call in calls if call.get("hit")), None)
        return Run(last["end"], last["signal"], done.stderr, calls, hit, last["since_fault_ms"], time.monotonic() - begin)

    def recover(self):
        """What is wrong after a collector without faults has followed."""
        begin = time.monotonic()
        done = subprocess.run(self.tools.collect_command(self.place, "--drain"), capture_output=True, text=True,
                              timeout=DEADLINE_SECONDS, check=False)
        seconds = time.monotonic() - begin
        if done.returncode != 0 or done.stderr or seconds > 1:
            yield f"the next collector ended with {done.returncode} after {seconds:.1f} s: {done.stderr}"
        yield from self.leftovers()
        yield from self.wrong_records("after recovery")

    def leftovers(self):
        """What a collector leaves that has come to its end must be a living session alone."""
        left = [path.name for path in self.rings.iterdir() if path.name not in self.tools.living]
        left += [str(path.relative_to(self.archive)) for path in self.archive.rglob("*")
                 if path.is_file() and path.suffix != ".lms" and path.name != "status.json"]
        if left:
            yield f"left behind: {' '.join(left)}"

    def wrong_records(self, when, *paths):
        found, code, errors = self.tools.records(*(paths or (self.archive, self.rings)))
        if code != 0 or errors:
            yield f"{when}: lmlog-decode gave {code}: {errors}"
        if found == self.tools.expected:
            return
        counts = collections.Counter(found)
        counts.subtract(self.tools.expected)
        lost = sum(-n for n in counts.values() if n < 0)
        yield f"{when}: {lost} records lost, {sum(n for n in counts.values() if n > 0)} doubled or invented"
