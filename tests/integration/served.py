# SPDX-License-Identifier: Apache-2.0
"""A real collector on folders of its own, real producers beside it, and what `lmlog-decode` says afterwards."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

DEADLINE_SECONDS = 60


class Served:
    """Rings on a tmpfs and an archive on disk; gone at the end, with every process that was started."""

    def __enter__(self):
        self.rings = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-collector-", dir="/dev/shm"))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-collector-"))
        self.archive = self.folder / "archive"
        self.environment = {**os.environ, "LMLOG_RING_DIR": str(self.rings)}
        self.started = []
        return self

    def __exit__(self, *_):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.rings, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *options):
        return ["lmlog-collector", "--rings", str(self.rings), "--archive", str(self.archive), *map(str, options)]

    def run(self, *command, **options):
        """Runs to the end; output as text."""
        return subprocess.run([str(word) for word in command], env=self.environment, text=True, timeout=DEADLINE_SECONDS,
                              check=False, **{"capture_output": True, "stdin": subprocess.DEVNULL, **options})

    def collect(self, *options):
        return self.run(*self.command(*options))

    def start(self, *command):
        process = subprocess.Popen([str(word) for word in command], env=self.environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def start_collector(self, *options):
        """Started, and serving: its status says so."""
        process = self.start(*self.command(*options))
        self.wait_for(lambda: self.status().get("pid") == process.pid or process.poll() is not None, "the status")
        return process

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=DEADLINE_SECONDS)
        return process.returncode, errors

    def replay(self, *options):
        """lmlog-replay that must succeed; its report."""
        done = self.run("lmlog-replay", *options)
        assert done.returncode == 0, f"lmlog-replay gave {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    def status(self):
        try:
            return json.loads((self.archive / "status.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def records(self, *options):
        done = self.run("lmlog-decode", *options, "-o", "json", self.archive)
        assert done.returncode == 0, f"lmlog-decode gave {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def journal(self):
        return sorted(path.name for path in (self.archive / "journal").iterdir())

    def segments(self):
        return sorted((self.archive / "hot").rglob("*.lms"))

    @staticmethod
    def wait_for(condition, what):
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"no sign of {what} within {DEADLINE_SECONDS} s"
            time.sleep(0.005)
