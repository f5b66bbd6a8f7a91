# SPDX-License-Identifier: Apache-2.0
"""From a ring's clock to nanoseconds since the epoch (registry.md, Ticks to time)."""
import datetime

from .registry import TSC

MIN_HZ, MAX_HZ = 10_000_000, 100_000_000_000
NS = 1_000_000_000


class Timeline:
    """Converts ticks of one session; anchors are (tsc, realtime ns, ...) in any order."""

    def __init__(self, anchors, tsc_hz):
        self.tsc_hz, self.anchors = tsc_hz, []
        for anchor in sorted(anchors, key=lambda each: each[0]):
            if not self.anchors or self.anchors[-1][0] != anchor[0]:
                self.anchors.append(anchor)
        self.pairs = [pair for pair in zip(self.anchors, self.anchors[1:]) if self._has_a_clocks_rate(*pair)]

    @staticmethod
    def _has_a_clocks_rate(first, second):
        ticks, elapsed = second[0] - first[0], second[1] - first[1]
        return elapsed > 0 and MIN_HZ * elapsed <= ticks * NS <= MAX_HZ * elapsed

    def to_ns(self, time, kind):
        """Nanoseconds since the epoch, or None where the anchors do not say."""
        if kind != TSC:
            return time
        if self.pairs:
            # The pair that holds the tick, else the nearest one, extended.
            first, second = min(self.pairs, key=lambda pair: max(pair[0][0] - time, time - pair[1][0], 0))
            return first[1] + (time - first[0]) * (second[1] - first[1]) // (second[0] - first[0])
        if self.anchors and self.tsc_hz:
            return self.anchors[0][1] + (time - self.anchors[0][0]) * NS // self.tsc_hz
        return None


def rfc3339(time_ns):
    """UTC with nine digits; None for a time that no calendar has."""
    if time_ns is None:
        return None
    seconds, rest = divmod(time_ns, NS)
    try:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
