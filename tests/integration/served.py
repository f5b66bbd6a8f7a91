# SPDX-License-Identifier: Apache-2.0
"""A real collector on folders of its own, real producers beside it, and what `lmlog-decode` says afterwards."""
import json
import signal

from workplace import DEADLINE_SECONDS, Workplace, wait_until


class Served(Workplace):
    """Rings that a collector serves, and its archive."""

    def __enter__(self):
        super().__enter__()
        self.archive = self.folder / "archive"
        return self

    def command(self, *options):
        return ["lmlog-collector", "--rings", self.rings, "--archive", self.archive, *options]

    def collect(self, *options):
        return self.run(*self.command(*options))

    def start_collector(self, *options, **popen):
        """Started, and serving: its status says so."""
        process = self.start(*self.command(*options), **popen)
        wait_until(lambda: self.status().get("pid") == process.pid or process.poll() is not None, "the status")
        assert process.poll() is None, f"lmlog-collector ended with {process.returncode}: {process.stderr and process.stderr.read()}"
        return process

    def stop(self, process, deadline_seconds=DEADLINE_SECONDS):
        """SIGTERM; (exit code, what it said)."""
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=deadline_seconds)
        return process.returncode, errors

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
