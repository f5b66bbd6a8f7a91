# SPDX-License-Identifier: Apache-2.0
"""Which kind of file it is, and its reading as one JSON object with its damage and remarks."""
import glob
import os

from .damage import Refused
from .journal import MAGIC as JOURNAL_MAGIC
from .journal import Journal
from .parts import HEADER_MAGIC
from .ring import MAGIC as RING_MAGIC
from .ring import Ring
from .segment import Segment
from .session import MAGIC as SESSION_MAGIC
from .session import Session


def session_beside(path, session_id):
    """The session file of a ring: `SERVICE.PID.ID.session` in the same folder."""
    found = glob.glob(os.path.join(glob.escape(os.path.dirname(path) or "."), f"*.{session_id.hex()}.session"))
    return found[0] if found else None


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def open_ring(path, data, other_paths):
    """A ring with its session: the one beside it, or one of the other files."""
    session_id = data[48:64]
    beside = session_beside(path, session_id)
    for candidate in ([beside] if beside else []) + [other for other in other_paths if other != path]:
        stored = contents(candidate)
        if stored[:8] == SESSION_MAGIC and stored[32:48] == session_id:
            try:
                return Ring(data, Session(stored, candidate))
            except Refused as problem:
                ring = Ring(data)
                ring.findings.note(f"the session file is of no use: {problem}")
                return ring
    return Ring(data)


def open_file(path, other_paths=()):
    """A Session, Ring, Journal or Segment; raises Refused for what is none of them, and for what they refuse."""
    data = contents(path)
    if data[:8] == SESSION_MAGIC:
        return Session(data, path)
    if data[:8] == RING_MAGIC:
        return open_ring(path, data, other_paths)
    if data[:8] == JOURNAL_MAGIC:
        return Journal(data, path)
    if data[8:16] == HEADER_MAGIC:
        return Segment(data)
    # A damaged magic: the name says what it should be.
    if path.endswith(".lms"):
        return Segment(data)
    if path.endswith(".lmj"):
        return Journal(data, path)
    raise Refused("not_ours", "neither session, ring, journal nor segment: no magic of these", 0, len(data))


def read_file(path, other_paths=()):
    """The reading of a file as JSON shows it; `good` is false with any damage or refusal."""
    result = {"path": path}
    try:
        opened = open_file(path, other_paths)
    except Refused as problem:
        refusal = {"kind": problem.kind, "offset": problem.offset, "length": problem.length, "message": str(problem)}
        return {**result, "good": False, "refused": refusal, "damage": [refusal], "notes": []}
    shown = opened.shown()
    return {**result, "good": not opened.findings.damage, "damage": opened.findings.damage,
            "notes": opened.findings.notes, **shown}
