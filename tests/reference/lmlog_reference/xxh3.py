# SPDX-License-Identifier: Apache-2.0
"""XXH3-64 without seed, from the public xxHash specification (doc/xxhash_spec.md of the xxHash project)."""
import operator
import struct

from .wire import MASK64

MASK32 = (1 << 32) - 1

PRIME32_1, PRIME32_2, PRIME32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
PRIME64_1, PRIME64_2, PRIME64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
PRIME64_4, PRIME64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
PRIME_MX1, PRIME_MX2 = 0x165667919E3779F9, 0x9FB21C651E98DF25

# The default secret: 192 bytes fixed by the specification.
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")

STRIPES_PER_BLOCK = (len(SECRET) - 64) // 8
BLOCK_BYTES = 64 * STRIPES_PER_BLOCK
SECRET_WORDS = struct.unpack("<24Q", SECRET)


def _words(data, offset, count):
    return struct.unpack_from(f"<{count}Q", data, offset)


def _avalanche(value):
    value ^= value >> 37
    value = value * PRIME_MX1 & MASK64
    return value ^ (value >> 32)


def _avalanche_xxh64(value):
    value ^= value >> 33
    value = value * PRIME64_2 & MASK64
    value ^= value >> 29
    value = value * PRIME64_3 & MASK64
    return value ^ (value >> 32)


def _fold(left, right):
    """The two halves of the 128-bit product, xor-ed."""
    product = left * right
    return (product & MASK64) ^ (product >> 64)


def _rotate(value, count):
    return (value << count | value >> (64 - count)) & MASK64


def _short(data):
    """0 to 16 bytes."""
    size = len(data)
    if size == 0:
        first, second = _words(SECRET, 56, 2)
        return _avalanche_xxh64(first ^ second)
    if size <= 3:
        first, second = struct.unpack_from("<2I", SECRET)
        mixed = data[-1] | size << 8 | data[0] << 16 | data[size >> 1] << 24
        return _avalanche_xxh64(first ^ second ^ mixed)
    if size <= 8:
        first, second = _words(SECRET, 8, 2)
        (head,), (tail,) = struct.unpack_from("<I", data), struct.unpack_from("<I", data, size - 4)
        value = first ^ second ^ (tail | head << 32)
        value ^= _rotate(value, 49) ^ _rotate(value, 24)
        value = value * PRIME_MX2 & MASK64
        value ^= (value >> 35) + size
        value = value * PRIME_MX2 & MASK64
        return value ^ (value >> 28)
    first, second, third, fourth = _words(SECRET, 24, 4)
    low = first ^ second ^ _words(data, 0, 1)[0]
    high = third ^ fourth ^ _words(data, size - 8, 1)[0]
    swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
    return _avalanche((size + swapped + high + _fold(low, high)) & MASK64)


def _mix(data, offset, secret_offset):
    (low, high), (first, second) = _words(data, offset, 2), _words(SECRET, secret_offset, 2)
    return _fold(low ^ first, high ^ second)


def _medium(data):
    """17 to 240 bytes."""
    size = len(data)
    sum_ = size * PRIME64_1
    if size <= 128:
        for index in range((size - 1) >> 5, -1, -1):
            sum_ += _mix(data, index * 16, index * 32) + _mix(data, size - index * 16 - 16, index * 32 + 16)
        return _avalanche(sum_ & MASK64)
    sum_ += sum(_mix(data, index * 16, index * 16) for index in range(8))
    sum_ = _avalanche(sum_ & MASK64)
    sum_ += sum(_mix(data, index * 16, (index - 8) * 16 + 3) for index in range(8, size >> 4))
    sum_ += _mix(data, size - 16, 119)
    return _avalanche(sum_ & MASK64)


def _accumulate(lanes, words, secret_words):
    """Adds stripes to the eight lanes. Sums are commutative, so each lane takes all its stripes at once."""
    stripes = len(words) // 8
    for lane in range(8):
        keyed = map(operator.xor, words[lane::8], secret_words[lane:lane + stripes])
        lanes[lane] += sum(words[lane ^ 1::8]) + sum((value & MASK32) * (value >> 32) for value in keyed)
    for lane in range(8):
        lanes[lane] &= MASK64


def _long(data):
    """241 bytes and more."""
    size = len(data)
    lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1]
    scramble = SECRET_WORDS[-8:]
    last_block = (size - 1) // BLOCK_BYTES * BLOCK_BYTES
    for start in range(0, last_block, BLOCK_BYTES):
        _accumulate(lanes, _words(data, start, BLOCK_BYTES // 8), SECRET_WORDS)
        for lane in range(8):
            value = lanes[lane] ^ (lanes[lane] >> 47) ^ scramble[lane]
            lanes[lane] = value * PRIME32_1 & MASK64
    full_stripes = (size - last_block - 1) // 64
    _accumulate(lanes, _words(data, last_block, full_stripes * 8), SECRET_WORDS)
    _accumulate(lanes, _words(data, size - 64, 8), _words(SECRET, len(SECRET) - 71, 8))
    merge = _words(SECRET, 11, 8)
    result = size * PRIME64_1
    for index in range(0, 8, 2):
        result += _fold(lanes[index] ^ merge[index], lanes[index + 1] ^ merge[index + 1])
    return _avalanche(result & MASK64)


def xxh3_64(data):
    """XXH3-64 of bytes, with seed 0 and the default secret, as an unsigned integer."""
    if len(data) <= 16:
        return _short(data)
    return _medium(data) if len(data) <= 240 else _long(data)
