"""What each lab needs of the machine while `tcplab run` executes it: one row a lab."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Need:
    """How long a lab keeps a core busy or awake, and whether others may run beside it.

    Args:
        awake_s: on two cores, alone, without the time it sleeps
        asleep_s: that it waits for a clock, in its cell with the tag `asleep`: nothing of it runs then
        alone: it compares times or rates, which say nothing where another lab computes
    """

    awake_s: float
    asleep_s: float = 0.0
    alone: bool = False

    @property
    def seconds(self) -> float:
        """Return how long it takes, all in all."""
        return self.awake_s + self.asleep_s


NEEDS: Final[Mapping[str, Need]] = {
    "00": Need(5),
    "01": Need(5),
    "02": Need(6, asleep_s=60),  # one minute of TIME_WAIT
    "03": Need(9),
    "04": Need(6, alone=True),  # connect() where ports run out, against connect() before
    "05": Need(7),
    "06": Need(7, alone=True),  # connect() to a crowded server, against an empty one
    "07": Need(7),
    "08": Need(6),
    "09": Need(8),
    "10": Need(11, alone=True),  # ab, four ways
    "11": Need(9),
    "12": Need(7, alone=True),  # a connection faster than 15.6 MB/s
    "13": Need(7),
    "14": Need(7),
}
"""By a lab's number. `tests/bench/test_whole_course.py` prints the seconds measured, to be written here."""

UNKNOWN: Final = Need(8)
"""Of a lab that has no row yet: it overlaps with others, and is not the longest."""


def need(number: str) -> Need:
    """Return what a lab needs.

    >>> need("02").seconds > need("99").seconds
    True
    """
    return NEEDS.get(number, UNKNOWN)
