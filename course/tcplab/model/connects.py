"""Connections opened one after the other: how long each connect() took, and how the row ended."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, repr=False)
class Connects:
    """What became of a row of connect() calls, in their order.

    Args:
        ports: the local port that each was given
        took_us: how long each took, from call to return (µs)
        refused: the errno that ended the row; None where none did
        refused_us: how long the kernel took to refuse (µs)

    A slice is the same for a part of the row.

    >>> row = Connects((40000, 40002, 40001), (30.0, 32.0, 300.0), errno.EADDRNOTAVAIL, 600.0)
    >>> row
    3 connects, median 32 µs, then EADDRNOTAVAIL
    >>> row[:2].median_us, row[:2].error
    (31.0, None)
    """

    ports: tuple[int, ...]
    took_us: tuple[float, ...]
    refused: int | None = None
    refused_us: float | None = None

    def __len__(self) -> int:
        return len(self.ports)

    def __getitem__(self, part: slice) -> "Connects":
        whole = part.indices(len(self))[1] == len(self)
        refusal = (self.refused, self.refused_us) if whole else (None, None)
        return Connects(self.ports[part], self.took_us[part], *refusal)

    @property
    def median_us(self) -> float:
        """The time (µs) that half of them stayed below.

        Raises:
            ValueError: there is none (StatisticsError)
        """
        return median(self.took_us)

    @property
    def error(self) -> str | None:
        """The errno that ended the row, by its name; None where none did."""
        return None if self.refused is None else errno.errorcode.get(self.refused, str(self.refused))

    def __repr__(self) -> str:
        said = f"{len(self):,} connect{'' if len(self) == 1 else 's'}"
        if self.took_us:
            said += f", median {self.median_us:.0f} µs"
        return said if self.refused is None else f"{said}, then {self.error}"


def in_kernels_order(lowest: int, highest: int) -> tuple[range, range]:
    """The ports of a range as connect() takes them: the parity of the lowest, then the other.

    >>> [list(half) for half in in_kernels_order(40000, 40004)]
    [[40000, 40002, 40004], [40001, 40003]]

    Source: `__inet_hash_connect()` in net/ipv4/inet_hashtables.c. Limit: inside a half connect() begins anywhere.
    """
    return range(lowest, highest + 1, 2), range(lowest + 1, highest + 1, 2)


def first_of(halves: Sequence[range], count: int) -> list[range]:
    """The first so many ports of these halves, as ranges."""
    found = []
    for half in halves:
        found.append(half[: max(0, count)])
        count -= len(half)
    return [part for part in found if part]
