# SPDX-License-Identifier: Apache-2.0
"""What a reading found wrong: damage with its byte range, refusals, and remarks on what a writer should not have done."""

# not_ours: another kind of file · version, flags: refused · unknown: a part that must be understood, and is not
# truncated: shorter than it says · torn: an end that a crash may leave · checksum: a check failed
# structure: lengths or values that cannot be · hash: a site hash that is not that of its parts
# record: ring bytes that are no record · missing: ring bytes that no range holds · accounting: an index that disagrees
KINDS = ("not_ours", "version", "flags", "unknown", "truncated", "torn", "checksum", "structure", "hash", "record",
         "missing", "accounting")


class Refused(Exception):
    """The whole file is of no use to this reader."""

    def __init__(self, kind, message, offset=0, length=0):
        super().__init__(message)
        self.kind, self.offset, self.length = kind, offset, length


class Findings:
    """Collects damage and remarks of one file; a file is good when there is no damage."""

    def __init__(self):
        self.damage, self.notes = [], []

    def report(self, kind, offset, length, message, **more):
        if kind not in KINDS:
            raise AssertionError(f"no such kind of damage: {kind}")
        self.damage.append({"kind": kind, "offset": offset, "length": length, "message": message, **more})

    def note(self, message):
        if message not in self.notes:
            self.notes.append(message)


def check_version(name, major, minor, incompatible):
    """registry.md, Version rules: refuses another major version and unknown incompatible flags; gives a version text."""
    if major != 1:
        raise Refused("version", f"{name} has version {major}.{minor}; this reader knows 1.0")
    if incompatible:
        raise Refused("flags", f"{name} has version {major}.{minor} with incompatible flags {incompatible:#x}; "
                               "this reader knows 1.0 and none of them")
    return f"{major}.{minor}"
