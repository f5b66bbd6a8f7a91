# SPDX-License-Identifier: Apache-2.0
"""A collector that serves honest producers beside hostile ones: what it says, how it is known that the honest ones are
served as before, and that nothing is miscounted in the end."""
import os
import pathlib
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import served  # noqa: E402
from forged import ForgedSession  # noqa: E402
from workplace import wait_until  # noqa: E402


class Field(served.Served):
    """One collector for all cases of a script. Each case leaves its harm in the folder: the later ones live with it."""

    def __init__(self, *options, configuration=None, **popen):
        self.options, self.configuration, self.popen = options, configuration, popen
        self.refusals = {}  # path: pattern of the reason, for the status at the end
        self.honest = {}  # service: attempted
        self.forged = {}  # session id: the values that must come of it

    def __enter__(self):
        super().__enter__()
        options = self.options
        if self.configuration:
            path = self.folder / "lmlog.toml"
            path.write_text(self.configuration, encoding="utf-8")
            options = (*options, "--config", path)
        self.words = self.folder / "stderr"
        with open(self.words, "w", encoding="utf-8") as stderr:
            self.collector = self.start_collector(*options, **{"stderr": stderr, **self.popen})
        return self

    def said(self):
        return self.words.read_text(encoding="utf-8", errors="surrogateescape")

    def expect_refusal(self, path, reason):
        """The collector says soon that it does not serve the file, or reads its session no further, and why."""
        name = re.escape(os.fspath(path))
        pattern = re.compile(f"{name}[^\n]*{reason}")
        wait_until(lambda: pattern.search(self.said()), f"{path.name}: {reason}", self.said)
        self.refusals[os.fspath(path)] = reason

    def expect_quarantine(self, ring, reason):
        self.expect_refusal(ring.path, "breaks the protocol: " + reason)
        del self.refusals[os.fspath(ring.path)]
        self.refusals[os.fspath(ring.session.path)] = reason

    def serve_honestly(self, service, records=300, *options):
        """An honest process logs, loses nothing, and all that it logged is taken soon: in seconds."""
        begin = time.monotonic()
        report = self.replay("synth", "--workload", "W2", "--threads", "2", "--records", records, "--policy", "block",
                             "--service", service, *options)
        wait_until(lambda: self.is_gone(service), f"the end of {service}", self.said)
        assert report["attempted"] == report["stored"] == 2 * records, report
        self.honest[service] = 2 * records
        assert self.collector.poll() is None, f"the collector ended with {self.collector.returncode}: {self.said()}"
        return time.monotonic() - begin

    def served_ring(self, **options):
        """A ring that was drained up to its head, with the records 1, 2, 3 in it."""
        session = ForgedSession(self.rings)
        ring = session.ring(**options)
        ring.log([1, 2, 3])
        wait_until(lambda: ring.tail() == ring.head, "the tail", self.said)
        self.expect_records(session, [1, 2, 3])
        return ring

    def expect_records(self, session, values):
        """Of this forged session exactly these come, in this order."""
        self.forged[session.id.hex()] = (session.path.name, list(values))

    def is_gone(self, service):
        """Drained to its end, and its files removed."""
        return not any(name.startswith(service + ".") for name in os.listdir(self.rings))

    def expect_status(self, holds, what):
        """The status, as soon as `holds` of it."""
        def fitting():
            status = self.status()
            return status if status and holds(status) else None
        return wait_until(fitting, what, self.status)

    def expect_all_refusals(self):
        """The status when it lists every file that was refused, and every session that was put into quarantine."""
        return self.expect_status(
            lambda status: set(self.refusals) <= {file["path"] for file in status["quarantined"]}, "the quarantined")

    def end(self):
        """Stops the collector; its records, after the exact accounts of the honest services."""
        code = self.stop(self.collector)[0]
        assert code == 0, f"exit code {code}: {self.said()}"
        records = self.records()
        for service, attempted in self.honest.items():
            mine = [record for record in records if record["service"] == service]
            assert sum("n" in record.get("fields", {}) for record in mine) == attempted == len(mine), service
        for id_, (name, values) in self.forged.items():
            mine = [record["fields"]["n"] for record in records if record["session"] == id_ and "n" in record["fields"]]
            assert mine == values, f"{name}: {mine} where {values} was expected"
        return records

    def losses(self, records, session):
        """{reason: count} of the loss records of a session."""
        out = {}
        for record in records:
            if record["session"] == session.id.hex() and record["template"] == "{count} records lost":
                reason = record["fields"]["reason"]
                out[reason] = out.get(reason, 0) + record["fields"]["count"]
        return out
