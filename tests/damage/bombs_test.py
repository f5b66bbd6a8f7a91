#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What files that claim or hold as much as their formats let them cost in memory: lmlog-decode, lmlog-decode verify and a
collector that starts on them stay below a cap, end in time, and do not die by a signal.
usage: bombs_test.py MAKE_BOMBS"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

CAP_MIB = 512  # stated in formats/spec/segment-format.md
SECONDS = 120  # some unpack hundreds of megabytes, on machines that do other work


def peak_of(command, seconds=SECONDS, may_go_on=False):
    """Peak memory in MiB, seconds, exit status (negative: a signal). `may_go_on`: what it says may be without end."""
    begun = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    killed = False
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        taken = time.monotonic() - begun
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss // 1024, taken, 0 if killed and may_go_on else child.returncode
        if taken > seconds and not killed:
            child.kill()
            killed = True
        time.sleep(0.01)


def recovery(bomb, folder):
    """A collector that finds the file in its archive, takes what it can, and ends."""
    archive, rings = folder / "archive", folder / "rings"
    shutil.rmtree(archive, ignore_errors=True)
    rings.mkdir(exist_ok=True)
    place = archive / "hot/golden" if bomb.suffix == ".lms" else archive / "journal"
    place.mkdir(parents=True)
    shutil.copy(bomb, place / ("0" * 16 + ".lmj" if bomb.suffix == ".lmj" else bomb.name))
    return peak_of(["lmlog-collector", "--rings", str(rings), "--archive", str(archive), "--drain"])


def main():
    failed = False
    worst = 0
    with tempfile.TemporaryDirectory(prefix="lmlog-bombs-", dir="/dev/shm") as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], name], check=True, stdout=subprocess.DEVNULL)
        for bomb in sorted(folder.glob("*.lm*")):
            runs = {"decode": peak_of(["lmlog-decode", str(bomb)], seconds=5, may_go_on=True),
                    "last lines": peak_of(["lmlog-decode", "-n", "5", str(bomb)]),
                    "verify": peak_of(["lmlog-decode", "verify", str(bomb)]),
                    "recovery": recovery(bomb, folder)}
            for what, (peak, taken, status) in runs.items():
                bad = peak > CAP_MIB or status < 0 or taken > SECONDS
                failed |= bad
                worst = max(worst, peak)
                print(f"{'not ok' if bad else 'ok'}: {bomb.name} ({bomb.stat().st_size} bytes), {what}: "
                      f"{peak} MiB, {taken:.1f} s, exit {status}", flush=True)
    print(f"peak {worst} MiB, cap {CAP_MIB} MiB")
    return 1 if failed or not worst else 0


if __name__ == "__main__":
    sys.exit(main())
