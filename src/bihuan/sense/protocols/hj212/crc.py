"""The check of HJ 212-2017, appendix A; the edition of 2005 has the same.

Not CRC-16/MODBUS: the register's low byte is dropped before each byte comes in, so only eight bits are carried from
byte to byte, and about one corruption in 256 goes unnoticed. A value must be checked for sense as well.
"""

from __future__ import annotations


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


TABLE = _table()
_CARRY = bytes(value >> 8 for value in TABLE)
"""What a byte leaves in the register for the next one."""


def _powers() -> tuple[bytes, ...]:
    powers = [bytes(range(256))]
    for _ in range(7):
        powers.append(powers[-1].translate(_CARRY))
    return tuple(powers)


_POWERS = _powers()
_, _P1, _P2, _P3, _P4, _P5, _P6, _P7 = _POWERS
_SEED = tuple(_POWERS[(count - 1) % 8][0xFF] for count in range(8))
"""What is left of the register's first value after so many bytes."""
_FOLDS = tuple((64 << power, (1 << (64 << power)) - 1) for power in range(14, -1, -1))
"""Widths of halves and their masks, down to the eight lanes; enough for a megabyte."""


def crc16(body: bytes) -> int:
    """Return the check of `body`.

    The carry is linear over exclusive-or, and applied eight times it gives back what went in. So bytes that stand a
    multiple of eight apart may be exclusive-ored with each other first, all eight lanes at once in one large integer.
    """
    count = len(body)
    if not count:
        return 0xFFFF
    lanes = int.from_bytes(body, "big")
    for width, mask in _FOLDS[-((count - 1) // 8).bit_length() :] if count > 8 else ():
        lanes = (lanes >> width) ^ (lanes & mask)
    a, b, c, d, e, f, g, h = lanes.to_bytes(8, "big")
    return TABLE[_SEED[count & 7] ^ h ^ _P1[g] ^ _P2[f] ^ _P3[e] ^ _P4[d] ^ _P5[c] ^ _P6[b] ^ _P7[a]]
