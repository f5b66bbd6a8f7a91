# SPDX-License-Identifier: Apache-2.0
"""Runs the tools as people do, each test in a rings folder of its own, and reads rings with the independent reader."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from lmlog_reference.files import read_file  # noqa: E402

DEADLINE_SECONDS = 60


class Rings:
    """A rings folder on a tmpfs; gone at the end, with every process that was started in it."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="lmlog-tools-", dir="/dev/shm"))
        self.environment = {**os.environ, "LMLOG_RING_DIR": str(self.path)}
        self.started = []
        return self

    def __exit__(self, *_):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, *command, **options):
        """Runs to the end; output as text."""
        return subprocess.run([str(word) for word in command], env=self.environment, text=True,
                              timeout=DEADLINE_SECONDS, check=False,
                              **{"capture_output": True, "stdin": subprocess.DEVNULL, **options})

    def start(self, *command):
        process = subprocess.Popen([str(word) for word in command], env=self.environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
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

    def records(self):
        """{thread: its statements in order}, as the independent reader finds them in the ring files."""
        threads = {}
        for path in sorted(self.path.glob("*.ring")):
            found = read_file(str(path))
            assert found["damage"] == [], found["damage"]
            for record in found["records"]:
                if record["kind"] == "statement":
                    threads.setdefault(record["thread"], []).append(record)
        return threads

    def argument_types(self):
        """{template: its argument types}, from the session's catalog."""
        (path,) = self.path.glob("*.session")
        return {statement["template"]: [argument["type"] for argument in statement["arguments"]]
                for statement in read_file(str(path))["catalog"]["statements"]}


def wait_until(holds, what):
    """Polls until `holds()` is true, and gives its answer."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.005)
    return answer
