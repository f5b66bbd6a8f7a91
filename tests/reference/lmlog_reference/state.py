# SPDX-License-Identifier: Apache-2.0
"""The state vector (registry.md): what must be known before a record, how records change it, and its wire form."""
import copy
import dataclasses

from .record_bodies import (bounded, clock_kind, read_context, read_losses, read_span, read_thread, read_weight, shown_body)
from .registry import (CLOCK, CLOCK_NAMES, CONTEXT, FIRST_STATEMENT_ID, LOSS, MAX_OPEN_SPANS, SPAN_BEGIN, SPAN_END, THREAD,
                       WEIGHT)
from .wire import Malformed, WireReader, round_up_8

TAG_THREAD, TAG_CLOCK, TAG_CONTEXT, TAG_SPANS, TAG_WEIGHTS, TAG_LOSSES, TAG_SORT_KEY, TAG_INDEX = range(1, 9)
FIRST_SKIPPED_TAG = 32768


@dataclasses.dataclass
class State:
    """Defaults are those of an absent item: the state at the start of a ring."""
    thread: dict = None
    clock: tuple = None  # (kind, epoch); None: the session's clock, epoch 0
    context: dict = None
    spans: list = dataclasses.field(default_factory=list)
    weights: dict = dataclasses.field(default_factory=dict)
    losses: dict = dataclasses.field(default_factory=dict)
    sort_key: int = 0
    index: int = 0
    unknown: dict = dataclasses.field(default_factory=dict)

    def clock_kind(self, session_clock):
        return self.clock[0] if self.clock else session_clock

    def key_of(self, id_, decoded, time):
        """The sort key of a record that comes next."""
        if id_ == CLOCK and decoded["epoch"] != (self.clock[1] if self.clock else 0):
            return time
        return max(self.sort_key, time)

    def apply(self, id_, decoded, time):
        """Goes past a record; gives its sort key and, for a loss record, what is newly lost by reason."""
        key, new_losses = self.key_of(id_, decoded, time), {}
        self.sort_key = key
        if id_ >= FIRST_STATEMENT_ID:
            self.index += 1
        elif id_ == THREAD:
            self.thread, self.context, self.spans = decoded, None, []
        elif id_ == CONTEXT:
            self.context = decoded
        elif id_ == CLOCK:
            self.clock = (decoded["kind"], decoded["epoch"])
        elif id_ == WEIGHT:
            self.weights.pop(decoded["statement"], None)
            if decoded["weight"] != 1.0:
                self.weights[decoded["statement"]] = decoded["weight"]
        elif id_ == LOSS:
            new_losses = self.report_losses(decoded)
        elif id_ == SPAN_BEGIN and len(self.spans) < MAX_OPEN_SPANS:
            self.spans.append(decoded)
        elif id_ == SPAN_END:
            open_ids = [span["span_id"] for span in self.spans]
            if decoded["span_id"] in open_ids:
                last = len(open_ids) - 1 - open_ids[::-1].index(decoded["span_id"])
                del self.spans[last:]
        return key, new_losses

    def report_losses(self, cumulative):
        """Takes cumulative counts as reported; gives the differences."""
        new = {}
        for reason, count in cumulative.items():
            if count > self.losses.get(reason, 0):
                new[reason] = count - self.losses.get(reason, 0)
                self.losses[reason] = count
        return new

    def copy(self):
        return copy.deepcopy(self)

    def differences(self, other, session_clock):
        """Names of the items in which two states differ, whatever their wire form."""
        def meaning(state):
            return {"thread": state.thread, "clock": state.clock or (session_clock, 0), "context": state.context,
                    "spans": state.spans, "weights": state.weights,
                    "losses": {reason: count for reason, count in state.losses.items() if count},
                    "sort key": state.sort_key, "index": state.index, "unknown items": state.unknown}
        mine, its = meaning(self), meaning(other)
        return [name for name in mine if mine[name] != its[name]]

    def shown(self):
        shown = {}
        if self.thread:
            shown["thread"] = shown_body(THREAD, self.thread)
        if self.clock:
            shown["clock"] = {"kind": CLOCK_NAMES.get(self.clock[0], str(self.clock[0])), "epoch": self.clock[1]}
        if self.context:
            shown["context"] = shown_body(CONTEXT, self.context)
        if self.spans:
            shown["spans"] = [shown_body(SPAN_BEGIN, span) for span in self.spans]
        if self.weights:
            shown["weights"] = {str(id_): weight for id_, weight in sorted(self.weights.items())}
        if self.losses:
            shown["losses"] = {str(reason): count for reason, count in sorted(self.losses.items())}
        shown["sort_key"], shown["index"] = self.sort_key, self.index
        if self.unknown:
            shown["unknown"] = {str(tag): payload.hex() for tag, payload in self.unknown.items()}
        return shown


def read_spans(reader):
    count = bounded(reader.u32(), MAX_OPEN_SPANS, "open spans")
    reader.u32()
    return [read_span(WireReader(reader.take(reader.u32(), "span"))) for _ in range(count)]


def read_weights(reader):
    count = reader.u32()
    reader.u32()
    if count * 16 > reader.left:
        raise Malformed(f"{count} weights do not fit into {reader.left} bytes")
    weights = {}
    for _ in range(count):
        weight = read_weight(reader)
        weights[weight["statement"]] = weight["weight"]
    return weights


def parse_state(data):
    """A State from its wire form. Raises Malformed for tags out of order and those that must be understood."""
    reader, state, last = WireReader(data), State(), 0
    while reader.left:
        tag, _, size = reader.u16(), reader.u16(), reader.u32()
        if tag <= last:
            raise Malformed(f"state item {tag} behind item {last}", reader.at)
        last = tag
        item = WireReader(reader.take(size, f"state item {tag}"))
        reader.take(round_up_8(size) - size, "padding of a state item")
        if tag == TAG_THREAD:
            state.thread = read_thread(item)
        elif tag == TAG_CLOCK:
            state.clock = (clock_kind(item.u32()), item.u32())
        elif tag == TAG_CONTEXT:
            state.context = read_context(item)
        elif tag == TAG_SPANS:
            state.spans = read_spans(item)
        elif tag == TAG_WEIGHTS:
            state.weights = read_weights(item)
        elif tag == TAG_LOSSES:
            state.losses = read_losses(item)
        elif tag == TAG_SORT_KEY:
            state.sort_key = item.u64()
        elif tag == TAG_INDEX:
            state.index = item.u64()
        elif tag < FIRST_SKIPPED_TAG:
            raise Malformed(f"state item {tag} must be understood, and is not known to this reader (1.0)", reader.at)
        else:
            state.unknown[tag] = item.data
    return state
