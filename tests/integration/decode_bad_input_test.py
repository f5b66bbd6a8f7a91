# SPDX-License-Identifier: Apache-2.0
"""What lmlog-decode says of paths that it cannot use, and that the rest goes on."""
import os
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import Skipped, equal, run  # noqa: E402
from decoded import DAMAGED, DONE, GOLDEN, IO, NOTHING, archive, decode  # noqa: E402
from served import Served  # noqa: E402


def test_bad_paths_are_named_with_a_remedy_and_the_rest_goes_on():
    with Served() as served:
        path = archive(served, records=10)
        notes = served.folder / "notes.txt"
        notes.write_text("this is no file of ours at all", encoding="utf-8")
        empty = served.folder / "empty"
        empty.write_bytes(b"")
        fifo = served.folder / "pipe"
        os.mkfifo(fifo)
        for bad, code, text in ((served.folder / "nowhere", IO, "no such file or directory"),
                                (notes, DAMAGED, "this is no segment, journal, session or ring file"),
                                (empty, DAMAGED, "this is no segment, journal, session or ring file"),
                                (fifo, DAMAGED, "this is no regular file"),
                                (GOLDEN / "segments" / "newer_major.lms", DAMAGED, "has format version 2.0"),
                                (GOLDEN / "journals" / "newer_major.lmj", DAMAGED, "use a newer lmlog")):
            for command in (["-o", "json"], ["verify"], ["sites", "--json"]):
                done = decode(served, *command, bad, path)
                equal((bad.name, command, done.returncode), (bad.name, command, code))
                equal(done.stderr.count("\n"), 1)
                assert done.stderr.startswith(f"lmlog-decode: {bad}: ") and text in done.stderr, done.stderr
                assert done.stdout, "the rest goes on"
            equal(len(decode(served, "-o", "json", bad, path).stdout.splitlines()), 10)


def test_folders_without_anything_of_ours_say_so():
    with Served() as served:
        empty = served.folder / "empty"
        empty.mkdir()
        done = decode(served, empty)
        equal((done.returncode, done.stdout), (NOTHING, ""))
        assert str(empty) in done.stderr and "no session, journal or segment" in done.stderr, done.stderr
        equal(decode(served, "--quiet", empty).stderr, "")
        equal(decode(served, "sites", "--json", empty).stdout, "[\n]\n")
        (empty / "README").write_text("foreign", encoding="utf-8")
        (empty / "folder").mkdir()
        (empty / ".hidden.lms").write_text("foreign", encoding="utf-8")
        equal(decode(served, empty).returncode, NOTHING)
        path = archive(served, records=10)
        for place in (path, path / "hot", path / "hot" / "orders", path / "journal"):
            (place / "core.1234").write_bytes(b"\x7fELF")
        done = decode(served, "-o", "json", path)
        equal((done.returncode, len(done.stdout.splitlines()), done.stderr), (DONE, 10, ""))
        (path / "hot" / "orders" / "20200101T000000.000Z-0000000001-00000000.lms").write_bytes(b"rubbish" * 20)
        done = decode(served, "-o", "json", path)
        equal((done.returncode, len(done.stdout.splitlines())), (DAMAGED, 10))
        assert "00000000.lms: this is no segment (wrong magic)" in done.stderr, done.stderr


def test_folders_and_files_that_may_not_be_read_are_said():
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        raise Skipped("needs setpriv, to read as somebody else than root")
    with Served() as served:
        path = archive(served, records=10)
        served.folder.chmod(0o755)
        other = archive(served, "other", records=5)
        equal(other, path)
        hidden = path / "hot" / "orders"
        hidden.chmod(0)
        try:
            somebody = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
            done = served.run(*somebody, shutil.which("lmlog-decode"), "-o", "json", path)
            equal((done.returncode, len(done.stdout.splitlines())), (IO, 5))
            assert f"{hidden}: cannot be listed: Permission denied; run as a user who may read it" in done.stderr, done.stderr
            hidden.chmod(0o755)
            # The same for the tier's folder and for the archive, which lets nobody see whether the others exist.
            for place, mode, what in ((path / "hot", 0, "cannot be listed"), (path / "hot", 0o444, "what is in it cannot be opened"),
                                      (path, 0, "cannot be listed"), (path, 0o444, "what is in it cannot be opened")):
                place.chmod(mode)
                for command in (["cat"], ["verify"], ["sites"]):
                    done = served.run(*somebody, shutil.which("lmlog-decode"), *command, f"{path}/")
                    place_is = (place.name, oct(mode), command)
                    equal((place_is, done.returncode, done.stderr),
                          (place_is, IO, f"lmlog-decode: {place}: {what}: Permission denied; run as a user who may read it\n"))
                place.chmod(0o755)
            [segment] = hidden.glob("*.lms")
            segment.chmod(0)
            done = served.run(*somebody, shutil.which("lmlog-decode"), "verify", path)
            equal(done.returncode, IO)
            assert f"{segment}: cannot be opened: Permission denied; run as a user who may read it" in done.stderr, done.stderr
            assert done.stdout.splitlines()[-1].startswith("INCOMPLETE: "), done.stdout
        finally:
            for place in (path, path / "hot", hidden):
                place.chmod(0o755)


def test_sessions_that_are_newer_half_written_or_alone():
    with Served() as served:
        served.replay("synth", "--workload", "W2", "--records", 10)
        ident = bytes(range(1, 17)).hex()
        newer = served.rings / f"golden.4242.{ident}.session"
        shutil.copy(GOLDEN / "sessions" / "newer_major.session", newer)
        half = served.rings / f"half.1.{ident[::-1]}.session.tmp"
        half.write_bytes(b"LMLOGSES")
        lonely = served.rings / f"{'ab' * 16}.0.ring"
        shutil.copy(GOLDEN / "rings" / "full.ring", lonely)
        done = decode(served, "-o", "json", served.rings)
        equal((done.returncode, len(done.stdout.splitlines())), (DAMAGED, 10))
        said = done.stderr.splitlines()
        equal(len(said), 2)
        assert any(f"{newer}: the session has format version 2.0" in line and "use a newer lmlog" in line for line in said), said
        assert any(f"{lonely}: its session file is missing" in line for line in said), said
        done = decode(served, half)
        equal(done.returncode, DAMAGED)
        assert f"{half}: " in done.stderr and ".tmp" in done.stderr and "being made" in done.stderr, done.stderr
        cut = served.rings / f"cut.1.{ident[::-1]}.session"
        cut.write_bytes(b"LMLOGSES" + bytes(100))
        done = decode(served, cut)
        equal(done.returncode, DAMAGED)
        assert f"{cut}: " in done.stderr and "shorter than its header" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(run(globals()))
