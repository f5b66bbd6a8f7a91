# SPDX-License-Identifier: Apache-2.0
"""Sessions and rings forged byte by byte in a served rings folder, by the writer that knows the specification alone, and
spoiled while they are served."""
import fcntl
import itertools
import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from written import ring_bytes as rb  # noqa: E402
from written import shm_files  # noqa: E402

HEAD, TAIL, FLOOR, LOSSES, OWNER, STATE = 256, 320, 704, 448, 768, 512
DATA = 4096
MASK64 = (1 << 64) - 1
USER_NS = 3
NUMBERS = rb.statement(64, b"n is {n}", [(7, 3, b"n")])
_ids = itertools.count(1)


def new_id():
    return struct.pack("<QQ", next(_ids), int.from_bytes(os.urandom(8), "little"))


class ForgedRing:
    """Ring `number` of a session: written as a producer would, and then not."""

    def __init__(self, session, number, data_bytes=rb.RING_BYTES, owner=None, named=None, of_session=None,
                 torn=False, **header):
        self.session, self.number = session, number
        self.bytes = rb.RingBytes(data_bytes)
        self.bytes.add(2, 1000, rb.thread(11, 0, b"forged"))
        self.bytes.add(4, 1000, rb.clock(USER_NS, 0))
        self.path = session.folder / (named or f"{session.id.hex()}.{number}.ring")
        data = shm_files.ring_file(self.bytes, **{"ring_id": new_id(), **header})
        data[48:64] = of_session or session.id
        struct.pack_into("<I", data, 72, number)
        if torn:
            struct.pack_into("<QQ", data, TAIL, 8, 8)
        self.file = _publish(self.path, data, owner)

    @property
    def head(self):
        return self.bytes.head

    def put(self, offset, layout, *values):
        os.pwrite(self.file, struct.pack("<" + layout, *values), offset)

    def get(self, offset, layout):
        return struct.unpack("<" + layout, os.pread(self.file, struct.calcsize("<" + layout), offset))

    def log(self, values, time=2000, id_=64):
        """One record of statement 64 for each value, published together."""
        before = self.bytes.head
        for value in values:
            self.bytes.add(id_, time, struct.pack("<i", value))
        self.publish(before)

    def publish(self, before):
        """Everything from the position `before` on."""
        begin, end = before % self.bytes.data_bytes, self.bytes.head % self.bytes.data_bytes
        image = self.bytes.image
        if begin < end:
            os.pwrite(self.file, image[begin:end], DATA + begin)
        else:
            os.pwrite(self.file, image[begin:], DATA + begin)
            os.pwrite(self.file, image[:end], DATA)
        self.put(HEAD, "Q", self.bytes.head)

    def let_go(self):
        """Nobody writes into it any more, and this process has no descriptor of it."""
        self.put(OWNER, "I", 0)
        os.close(self.file)

    def tail(self):
        return self.get(TAIL, "Q")[0]

    def header_of_next(self, length, id_=64, stamp=None, time=2000):
        """Publishes `length` bytes that begin with a record header of these parts, whatever they lead to."""
        position = self.bytes.head
        word = id_ | (length // 8 & 0xFFF) << 20
        header = struct.pack("<QII", time, position // 8 if stamp is None else stamp, word)
        os.pwrite(self.file, header, DATA + position % self.bytes.data_bytes)
        return position


class ForgedSession:
    """A session that lives as long as this process holds its lock."""

    def __init__(self, folder, service="forged", entries=(NUMBERS,), lives=True, id_=None, name=None, owner=None,
                 header=None, losses=None):
        self.folder = pathlib.Path(folder)
        self.id = id_ or new_id()
        head = bytearray(shm_files.descriptor(service=service.encode()))
        head[32:48] = self.id
        struct.pack_into("<I", head, 56, os.getpid())
        for offset, value in (header or {}).items():
            head[offset:offset + len(value)] = value
        self.path = self.folder / (name or f"{service}.{os.getpid()}.{self.id.hex()}.session")
        self.file = _publish(self.path, shm_files.session_file(entries, bytes(head), losses=losses), owner, lives)
        self.rings = []
        self.is_dead = False

    def ring(self, **options):
        self.rings.append(ForgedRing(self, len(self.rings), **options))
        return self.rings[-1]

    def put(self, offset, layout, *values):
        os.pwrite(self.file, struct.pack("<" + layout, *values), offset)

    def die(self):
        """As a producer that closes its session: its process, this one, lives on."""
        for ring in self.rings:
            ring.put(OWNER, "I", 0)
        self.close()

    def close(self):
        """The same, where all rings were let go."""
        self.is_dead = True
        self.put(STATE, "I", 2)
        os.close(self.file)


def _publish(path, data, owner=None, lock=False):
    """As producers do: `.tmp`, filled, locked, renamed. The descriptor stays open."""
    temporary = f"{path}.tmp"
    file = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.truncate(file, len(data))
    used = len(data.rstrip(b"\0"))
    os.pwrite(file, memoryview(data)[:used], 0)
    if owner is not None:
        os.chown(temporary, owner, owner)
    if lock:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
    os.rename(temporary, path)
    return file
