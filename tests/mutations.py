"""Bytes that nobody has written: noise, and recorded bytes with something changed. The same ones for the same seed."""

import random
from collections.abc import Iterator, Sequence

_WORDS = (b"\0", b"\xff", b"\x7f", b"\x80", b"\0\0", b"\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x80")


def mutated(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Change one to four places: a bit, a byte, a word at a limit, a piece cut out, twice, or of another's."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, until = sorted(chance.randrange(len(changed) + 1) for _ in range(2))
        match chance.randrange(8):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(changed):
                changed[at] = chance.randrange(256)
            case 2:
                word = chance.choice(_WORDS)
                changed[at : at + len(word)] = word
            case 3:
                del changed[at:until]
            case 4:
                del changed[at:]
            case 5:
                changed[at:at] = changed[at : min(until, at + 64)]
            case 6:
                changed[at:at] = chance.randbytes(chance.randrange(9))
            case _:
                other = chance.choice(others)
                begin = chance.randrange(len(other) + 1)
                changed[at:until] = other[begin : begin + until - at]
    return bytes(changed)


def inputs(known: Sequence[bytes], count: int, *, seed: int, most_bytes: int = 200) -> Iterator[bytes]:
    """What is known, as it is; then so many inputs: of ten one is noise, the others are made of what is known."""
    yield from known
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.1:
            yield chance.randbytes(chance.randrange(most_bytes))
        else:
            yield mutated(chance.choice(known), known, chance)
