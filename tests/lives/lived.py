# SPDX-License-Identifier: Apache-2.0
"""A life with a collector beside it: every call that returned must be in the archive once, and nothing may be left: of
files, rings, mappings, descriptors, catalog entries and memory no more than at the peak in use, and 5 %."""
import contextlib
import json
import mmap
import os
import pathlib
import shutil
import struct
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / folder) for folder in ("reference", "integration")]
import tmpfs  # noqa: E402
from served import Served  # noqa: E402
from workplace import is_sanitized, wait_until  # noqa: E402

LONG = bool(os.environ.get("LMLOG_LIVES_LONG"))
GROWTH = 1.05
# A process's memory moves by that much without any reason of ours: allocator, stdio.
NOISE_KB = 64


class Lived(Served):
    """Rings on a tmpfs of their own where that can be had, so that pages of unlinked files can be counted too."""

    def __enter__(self):
        super().__enter__()
        self.no_tmpfs = tmpfs.private_tmpfs(self.rings)
        self.witness = self.folder / "witness"
        self.environment["LIFE_WITNESS"] = str(self.witness)
        self.peak_rings, self.peak_sites = {}, {}
        return self

    def __exit__(self, *_):
        super().__exit__(*_)
        if not self.no_tmpfs:
            tmpfs.unmount(self.rings)
            shutil.rmtree(self.rings, ignore_errors=True)

    def live(self, mode, count=100, ends_with=0, watch=False):
        """Leads a life under a collector, which has drained it all afterwards. Gives its footprints by name."""
        collector = self.start_collector()
        life = self.start(os.environ["LMLOG_LIFE"], mode, count, stdin=-1)
        footprints = {}
        if watch:
            while life.poll() is None and "end" not in footprints:
                self.look()
                os.set_blocking(life.stdout.fileno(), False)
                self.take(life.stdout.readline(), footprints)
        else:
            for line in iter(life.stdout.readline, ""):
                if self.take(line, footprints):
                    break
        if "end" in footprints:
            self.holds_nothing(footprints)
        life.stdin.close()
        life.stdin = None
        os.set_blocking(life.stdout.fileno(), True)
        _, errors = life.communicate(timeout=240)
        assert (life.returncode, errors if ends_with == 0 else "") == (ends_with, ""), (life.returncode, errors)
        wait_until(lambda: not self.left(), "the removal of all sessions", self.left)
        assert self.stop(collector, 240) == (0, "")
        assert not list(self.rings.iterdir()) and not self.journal(), list(self.rings.iterdir())
        return footprints

    @staticmethod
    def take(line, footprints):
        if not line.startswith("{"):
            return False
        footprint = json.loads(line)
        before = footprints.setdefault(footprint["at"], footprint)  # said several times: the peak counts
        before.update((key, max(before[key], value)) for key, value in footprint.items() if key != "at")
        return footprint["at"] == "end"

    def left(self):
        return [path.name for path in self.rings.iterdir() if not path.name.startswith(".")]

    def look(self):
        """What readers see from outside, while it lasts."""
        for session in self.sessions():
            key = session["session"]
            self.peak_rings[key] = max(self.peak_rings.get(key, 0), len(session["rings"]))
            self.peak_sites[key] = max(self.peak_sites.get(key, 0), session["sites"])

    def holds_nothing(self, footprints):
        """The process stands still: what it holds now is no more than what it held after its first turns."""
        end, begin = footprints["end"], footprints.get("begin", footprints["end"])
        for what in ("descriptors",) if is_sanitized() else ("maps", "descriptors"):
            assert end[what] <= max(begin[what] * GROWTH, begin[what] + 2), f"{what}: {begin} → {end}"
        # Pages of rings are counted by their mappings: how many of those were touched is a matter of load.
        for what in () if is_sanitized() else ("anonymous_kb", "virtual_kb"):
            assert end[what] <= begin[what] * GROWTH + NOISE_KB, f"{what}: {begin} → {end}"
        if not self.no_tmpfs:  # what is allocated beyond the files that are there is held by somebody
            wait_until(lambda: self.pinned() <= 4096, "the release of unlinked files", lambda: f"{self.pinned()} bytes")

    def pinned(self):
        used, files = tmpfs.used_bytes(self.rings), 0
        for path in self.rings.iterdir():
            with contextlib.suppress(FileNotFoundError):  # the collector removes files meanwhile
                files += path.stat().st_blocks * 512
        return used - files

    def returned(self):
        """{who: calls that returned}"""
        with open(self.witness, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as words:
            return {who: n for who, (n,) in enumerate(struct.iter_unpack("<Q", words)) if n}

    def complete(self, unfinished=0):
        """Every call that returned is decoded once, in order; of `unfinished` threads the one that did not may be too.
        {who: [records]}"""
        expected = self.returned()
        lives, losses = {}, []
        for record in self.records():
            if record["template"] == "life {who} {n}":
                lives.setdefault(record["fields"]["who"], []).append(record)
            elif "records lost" in record["template"]:
                losses.append(record)
        assert not losses, losses
        more = 0
        for who in expected.keys() | lives.keys():
            numbers = sorted(record["fields"]["n"] for record in lives.get(who, []))
            more += len(numbers) - expected.get(who, 0)
            assert len(numbers) - expected.get(who, 0) in (0, 1) and numbers == list(range(len(numbers))), (
                f"who {who}: {expected.get(who, 0)} calls returned, {len(numbers)} decoded")
        assert more <= unfinished, f"{more} records of calls that did not return"
        return lives
