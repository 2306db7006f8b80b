"""The 32-bit xxHash (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md), with seed 0."""

from __future__ import annotations

_PRIME_1, _PRIME_2, _PRIME_3, _PRIME_4, _PRIME_5 = 2654435761, 2246822519, 3266489917, 668265263, 374761393
_MASK = 0xFFFFFFFF


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def xxhash32(data: bytes) -> int:
    """The hash of the bytes, 0 to 2^32 - 1."""
    length, at = len(data), 0
    if length >= 16:
        lanes = [_PRIME_1 + _PRIME_2, _PRIME_2, 0, -_PRIME_1]
        while at <= length - 16:
            for lane in range(4):
                word = int.from_bytes(data[at : at + 4], "little")
                lanes[lane] = _rotated((lanes[lane] + word * _PRIME_2) & _MASK, 13) * _PRIME_1 & _MASK
                at += 4
        value = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True))
    else:
        value = _PRIME_5
    value = (value + length) & _MASK
    while at <= length - 4:
        word = int.from_bytes(data[at : at + 4], "little")
        value = _rotated((value + word * _PRIME_3) & _MASK, 17) * _PRIME_4 & _MASK
        at += 4
    for byte in data[at:]:
        value = _rotated((value + byte * _PRIME_5) & _MASK, 11) * _PRIME_1 & _MASK
    value = (value ^ value >> 15) * _PRIME_2 & _MASK
    value = (value ^ value >> 13) * _PRIME_3 & _MASK
    return value ^ value >> 16
