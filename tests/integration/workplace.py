# SPDX-License-Identifier: Apache-2.0
"""Where tests run programs as people do: folders of their own, processes that end with them, and waits with a deadline."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

DEADLINE_SECONDS = 60


def wait_until(holds, what, explain=lambda: ""):
    """Polls until `holds()` is true, and gives its answer; else fails with `what` did not come, and why."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"{what} did not come within {DEADLINE_SECONDS} s {explain()}"
        time.sleep(0.005)
    return answer


def is_sanitized():
    """A sanitizer's shadow memory, allocator and mappings are none of the program's."""
    build = pathlib.Path(os.environ["LMLOG_BUILD_ROOT"], "meson-info", "intro-buildoptions.json")
    return '"name": "b_sanitize", "value": "none"' not in build.read_text(encoding="utf-8")


class Workplace:
    """A rings folder on a tmpfs and a folder on disk; gone at the end, with every process that was started."""

    def __enter__(self):
        self.rings = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-test-", dir="/dev/shm"))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-test-"))
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

    def run(self, *command, **options):
        """Runs to the end; output as text."""
        return subprocess.run([str(word) for word in command], env=self.environment, text=True, check=False,
                              **{"capture_output": True, "stdin": subprocess.DEVNULL, "timeout": DEADLINE_SECONDS,
                                 **options})

    def start(self, *command, **options):
        """Starts a process that is ended with the workplace at the latest."""
        process = subprocess.Popen([str(word) for word in command], env=self.environment, text=True,
                                   **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                      **options})
        self.started.append(process)
        return process

    def replay(self, *options):
        """lmlog-replay that must succeed; its report."""
        done = self.run("lmlog-replay", *options)
        assert done.returncode == 0, f"lmlog-replay gave {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    def sessions(self):
        """lmlog-rings --json that must succeed."""
        done = self.run("lmlog-rings", "--json")
        assert (done.returncode, done.stderr) == (0, ""), f"lmlog-rings gave {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)
