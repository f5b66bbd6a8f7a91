# SPDX-License-Identifier: Apache-2.0
"""The Test Anything Protocol for the scripts of this folder: each check is a case of its own in meson's report."""
import sys


class Tap:
    """Collects cases; `finish` prints the plan and gives the exit code."""

    def __init__(self):
        self.count, self.failures = 0, 0

    def case(self, name, problems):
        """A case passes if its list of problems is empty."""
        self.count += 1
        self.failures += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name.replace('#', 'No. ')}")
        for problem in problems:
            print(f"{name}: {problem}", file=sys.stderr)  # which meson shows, unlike comments

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}")

    def finish(self):
        print(f"1..{self.count}")
        sys.stdout.flush()
        return 1 if self.failures else 0
