# SPDX-License-Identifier: Apache-2.0
"""Runs the real producer, collector and decoder for end_to_end_test.py, each run in a folder of its own on a tmpfs."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from cases import Skipped

DEADLINE_SECONDS = 60


class Workplace:
    """A rings folder on /dev/shm and an archive; all gone at the end, all processes ended."""

    def __init__(self, *programs):
        missing = [program for program in programs if not shutil.which(program)]
        if missing:
            raise Skipped(f"not built: {', '.join(missing)}")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="lmlog-reference-", dir="/dev/shm")
        self.rings, self.archive = pathlib.Path(self.folder.name, "rings"), pathlib.Path(self.folder.name, "archive")
        self.rings.mkdir(mode=0o700)
        self.archive.mkdir()
        self.environment = {**os.environ, "LMLOG_RING_DIR": str(self.rings), "TZ": "UTC"}
        self.running = []
        return self

    def __exit__(self, *_):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.folder.cleanup()

    def replay(self, *options):
        """Runs lmlog-replay synth to its end; gives its summary."""
        run = subprocess.run(["lmlog-replay", "synth", *map(str, options)], env=self.environment, capture_output=True,
                             text=True, timeout=DEADLINE_SECONDS, check=False)
        assert run.returncode == 0, f"lmlog-replay gave {run.returncode}: {run.stderr}"
        return json.loads(run.stdout)

    def collect(self, *options):
        """Starts a collector that goes on until it is ended, or with --drain by itself."""
        command = ["lmlog-collector", "--rings", str(self.rings), "--archive", str(self.archive), *options]
        with open(os.path.join(self.folder.name, "collector.log"), "ab") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def drain(self):
        process = self.collect("--drain")
        code = process.wait(DEADLINE_SECONDS)
        assert code == 0, f"lmlog-collector --drain gave {code}: {self.collectors_words()}"

    def collectors_words(self):
        return pathlib.Path(self.folder.name, "collector.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait_until(self, holds, what):
        """Polls until `holds()` is true, and gives its answer."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (answer := holds()):
            assert time.monotonic() < deadline, f"{what} did not come: {self.collectors_words()}"
            time.sleep(0.01)
        return answer

    def decode(self, *paths):
        """Records of lmlog-decode as objects."""
        run = subprocess.run(["lmlog-decode", "cat", "-o", "json", *map(str, paths)], env=self.environment,
                             capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
        # 1: nothing to show.
        assert run.returncode == 0 or run.returncode == 1 and not run.stdout, f"lmlog-decode: {run.returncode}: {run.stderr}"
        return [json.loads(line) for line in run.stdout.splitlines()]
