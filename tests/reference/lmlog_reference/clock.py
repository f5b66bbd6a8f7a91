# SPDX-License-Identifier: Apache-2.0
"""From a ring's clock to nanoseconds since the epoch (registry.md, Ticks to time)."""
import datetime

from .registry import TSC

MIN_HZ, MAX_HZ = 10_000_000, 100_000_000_000
NS = 1_000_000_000
MAX_ANCHOR_DISTANCE_NS = 1 << 62


class Timeline:
    """Converts ticks of one session; anchors are (tsc, realtime ns, ...) in any order; tsc 0: none."""

    def __init__(self, anchors, tsc_hz):
        self.tsc_hz, self.anchors = tsc_hz or NS, []
        for anchor in sorted(anchors, key=lambda each: each[0]):
            if anchor[0] and (not self.anchors or self._fits(self.anchors[-1], anchor)):
                self.anchors.append(anchor)
        self.pairs = list(zip(self.anchors, self.anchors[1:]))

    @staticmethod
    def _fits(first, second):
        ticks, elapsed = second[0] - first[0], second[1] - first[1]
        return (ticks > 0 and 0 < elapsed <= MAX_ANCHOR_DISTANCE_NS
                and MIN_HZ * elapsed <= ticks * NS <= MAX_HZ * elapsed)

    def to_ns(self, time, kind):
        """Nanoseconds since the epoch."""
        if kind != TSC or not self.anchors:
            return time
        if self.pairs:
            # The pair that holds the tick, else the nearest one, extended.
            first, second = min(self.pairs, key=lambda pair: max(pair[0][0] - time, time - pair[1][0], 0))
            return first[1] + (time - first[0]) * (second[1] - first[1]) // (second[0] - first[0])
        return self.anchors[0][1] + (time - self.anchors[0][0]) * NS // self.tsc_hz


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
