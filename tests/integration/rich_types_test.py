# SPDX-License-Identifier: Apache-2.0
"""Every type of argument, from a real service to JSON: the message is what libfmt printed in the service, the fields keep
their types; read from the rings of the living service, of the dead one, and from the archive.
usage: rich_types_test.py RICH_TYPES     (called by meson)"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import equal, run  # noqa: E402
from served import Served  # noqa: E402

SERVICE = sys.argv.pop(1)
SEED, ROUNDS = 20261123, 150
PASSWORD, USER, KEY = "correct horse battery", "alice of wonderland", "a key of two hosts"


class Logged:
    """What the service said of its records, while it waits for its end."""

    def __init__(self, served, *arguments):
        served.environment["TZ"] = "UTC"
        self.process = served.start(SERVICE, *arguments, stdin=-1)
        self.rows = []
        for line in self.process.stdout:
            if line == "done\n":
                return
            self.rows.append(json.loads(line))
        raise AssertionError(f"the service ended: {self.process.wait()}: {self.process.stderr.read()}")

    def end(self):
        self.process.communicate()
        equal(self.process.returncode, 0)


def decode(served, *paths):
    done = served.run("lmlog-decode", "-o", "json", *paths)
    assert done.returncode == 0, f"lmlog-decode gave {done.returncode}: {done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_every_life(served, logged):
    """The records as the living rings, the dead ones and the archive give them."""
    alive = decode(served, served.rings)
    logged.end()
    dead = decode(served, served.rings)
    equal(served.collect("--drain").returncode, 0)
    return {"alive": alive, "dead": dead, "archived": decode(served, served.archive)}


def check(rows, records, place):
    equal(len(records), len(rows))
    for row, record in zip(rows, records):
        equal((place, record["template"], record["message"]), (place, record["template"], row["message"]))
        if row["fields"] is not None:
            equal((place, record["template"], record["fields"]), (place, record["template"], row["fields"]))
            # 48.0 is no 48, and 1 is not true: equal to Python, not to who reads the JSON.
            equal(json.dumps(record["fields"]), json.dumps(row["fields"]))
        assert "truncated" not in record, record


def test_every_type_and_spec_reads_back(served):
    logged = Logged(served, "table")
    for place, records in in_every_life(served, logged).items():
        check(logged.rows, records, place)


def test_random_values_print_as_in_the_service(served):
    logged = Logged(served, "random", SEED, ROUNDS)
    equal(len(logged.rows), ROUNDS * 12)
    for place, records in in_every_life(served, logged).items():
        check(logged.rows, records, place)


def test_values_that_were_cut_keep_their_beginning(served):
    for records in in_every_life(served, Logged(served, "cut")).values():
        equal(len(records), 90)
        whole = ["", {"key": 1, "none": None}, ["bcd", "ef"],
                 {"order_id": 7, "px": 48.0, "side": 2, "venues": ["X", "Y\"Z"]}, 0x0102030405060708]
        seen = set()
        for length, record in enumerate(records):
            equal(record["fields"]["after"], 42)
            whole[0] = "a" * length
            # 64 bytes are kept of text, map, list, structure, and number.
            equal(record.get("truncated"), ["0"])
            found = record["fields"]["0"]
            assert is_beginning(found, whole), f"{found} is no beginning of {whole}"
            seen.add(json.dumps(found[1:]))
        equal(records[0]["fields"]["0"][:3], whole[:1][:0] + ["", {"key": 1, "none": None}, ["bcd", "ef"]])
        equal(records[70]["fields"]["0"], ["a" * 60])
        assert len(seen) > 12, seen


def is_beginning(found, whole):
    """Every part as it was, up to the one that was cut, behind which there is nothing."""
    if isinstance(found, str) and isinstance(whole, str):
        return whole.startswith(found)
    if isinstance(found, list) and isinstance(whole, list):
        parts = list(zip(found, whole))
        return len(found) <= len(whole) and all(a == b for a, b in parts[:-1]) and all(is_beginning(*p) for p in parts[-1:])
    if isinstance(found, dict) and isinstance(whole, dict):
        return list(found) == list(whole)[:len(found)] and is_beginning(list(found.values()), list(whole.values())[:len(found)])
    return found == whole


def siphash(key, message):
    """SipHash-2-4, for the key that a text makes."""
    mask = (1 << 64) - 1
    v = [key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D, key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573]

    def rotated(value, bits):
        return (value << bits | value >> (64 - bits)) & mask

    def rounds(count):
        for _ in range(count):
            v[0], v[2] = (v[0] + v[1]) & mask, (v[2] + v[3]) & mask
            v[1], v[3] = rotated(v[1], 13) ^ v[0], rotated(v[3], 16) ^ v[2]
            v[0] = rotated(v[0], 32)
            v[2], v[0] = (v[2] + v[1]) & mask, (v[0] + v[3]) & mask
            v[1], v[3] = rotated(v[1], 17) ^ v[2], rotated(v[3], 21) ^ v[0]
            v[2] = rotated(v[2], 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at:at + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 255
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def key_of(text):
    names = [int.from_bytes(part, "little") for part in (b"lmlog ha", b"sh key 0", b"sh key 1")]
    return [siphash((names[0], names[1]), text), siphash((names[0], names[2]), text)]


def files(*folders):
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_secrets_and_the_key_of_hashes_stay_in_the_process(served):
    equal(siphash((0x0706050403020100, 0x0F0E0D0C0B0A0908), bytes(range(15))), 0xA129CA6149BE45E5)
    served.environment["LMLOG_HASH_KEY"] = KEY
    logged = Logged(served, "private")
    key = key_of(KEY.encode())
    user_hash = f"{siphash(key, USER.encode()):016x}"
    kept = files(served.rings)
    assert any(b"{user} logs in with {password}" in data for data in kept.values()), "the rings' files are not what we look at"
    lives = in_every_life(served, logged)
    kept = {**kept, **files(served.rings, served.archive)}
    assert any(path.suffix == ".lms" for path in kept), kept.keys()
    forbidden = [PASSWORD.encode(), USER.encode(), KEY.encode(), *(half.to_bytes(8, "little") for half in key)]
    for path, data in kept.items():
        for secret in forbidden:
            assert secret not in data, f"{secret!r} is in {path}"
    for place, records in lives.items():
        equal((place, records[0]["message"]), (place, f"{user_hash} logs in with ***"))
        equal(records[0]["fields"], {"user": user_hash, "password": "***"})
        equal(records[1]["fields"], {"0": user_hash, "apiToken": "***"})
        assert not re.search(f"{PASSWORD}|{USER}|{KEY}", json.dumps(records)), records


if __name__ == "__main__":
    sys.exit(run(globals(), Served))
