# SPDX-License-Identifier: Apache-2.0
"""The lives of lives_test.py without a collector, for the sanitizers: each ends well, and they have nothing to say.
usage: alone_test.py none|address|thread     (the sanitizer of this build)"""
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / folder) for folder in ("meta", "integration")]
from tap import Tap  # noqa: E402
from workplace import Workplace  # noqa: E402

LIVES = {"fork": 100, "fork-of-fork": 5, "fork-while-logging": 3, "prefork": 20, "raw-clone": 20, "exec": 50, "vfork": 10,
         "guest-without-ring": 10, "spawn": 20, "clone-vm": 20, "threads": 200, "cancelled": 20, "thread-locals": 20,
         "detached": 100, "main-ends-first": 10, "sessions": 20, "sessions-under-threads": 20, "plugin": 20, "twins": 5, "return": 100,
         "quick_exit": 100}
# Where a sanitizer cannot follow: its own thread outlives the last of ours; a child of a process with many threads may not
# start one, or inherits a lock of the sanitizer's allocator; vfork is a fork to it; it would count what is shared with a
# clone twice.
CANNOT_FOLLOW = {
    "thread": {"fork-while-logging", "guest-without-ring", "clone-vm", "main-ends-first"},
    "address": {"fork-while-logging", "clone-vm"},
    "none": set(),
}


def main():
    tap = Tap()
    sanitizer = sys.argv[1].partition(",")[0]
    for mode, count in LIVES.items():
        sentence = f"{mode} ends well"
        if mode in CANNOT_FOLLOW[sanitizer]:
            tap.skip(sentence, f"the {sanitizer} sanitizer cannot follow")
            continue
        with Workplace() as place:
            place.environment |= {"LIFE_WITNESS": str(place.folder / "witness"), "LIFE_ALONE": "1"}
            place.environment["TSAN_OPTIONS"] = os.environ.get("TSAN_OPTIONS", "") + ":die_after_fork=0"
            done = place.run(os.environ["LMLOG_LIFE"], mode, count)
            tap.case(sentence, [f"it ended with {done.returncode}: {done.stderr}"] * (done.returncode != 0 or done.stderr != ""))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
