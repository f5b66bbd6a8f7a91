# SPDX-License-Identifier: Apache-2.0
"""The enumeration of faults must fail with each deliberate mistake, and pass without: the same command, the same faults.
Usage: mutants_test.py COMMAND OF lmlog_faults.py"""
import os
import subprocess
import sys

# The calls of the life at which they show: writes and syncs of the drain's thread and of the archiver's.
CALLS = "pwrite64,fdatasync"
MUTANTS = ("journal_error_ignored", "failed_sync_trusted")


def fails(command, mutant):
    environment = {**os.environ, "LMLOG_MUTANT": mutant}
    done = subprocess.run([sys.executable, *command, "--calls", CALLS], env=environment, capture_output=True, text=True,
                          check=False)
    print(done.stdout[-800:] if mutant == "none" else done.stdout.splitlines()[-2])
    return done.returncode == 1 and done.stdout.splitlines()[-1] == "FAIL"


def main(command):
    wrong = ["it fails without a mutant"] if fails(command, "none") else []
    wrong += [f"{mutant} is not found" for mutant in MUTANTS if not fails(command, mutant)]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
