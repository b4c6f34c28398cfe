"""What a kind of outage is: how it is made, how it is mended, and what people try in vain."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tcplab.incident.service import Service


def anywhere(_service: Service) -> bool:
    """Tell that any kernel can have it."""
    return True


ALONE = frozenset({"everything"})
"""What is touched where nothing else could be told from it: so it comes in no pair."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A repair that many would try, and that does not mend: what is done, and words of the verdict that it gets."""

    tried: Callable[[Service], object]
    says: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of outage.

    Args:
        name: as the tests and the judgement call it
        sides: which side may be named for it; the first is where it is
        mechanism: one of MECHANISMS
        crowd: whose complaint it is, and who is asked first whether it is mended
        touches: what it changes; two kinds of a pair touch nothing in common
        broken: makes the outage; the numbers in it are drawn
        mended: the recorded repair
        wrong: repairs that do not mend
        seen: who else sees it, and is quoted in the report; the same crowd by default
        possible: whether the kernel at hand can have it; what is not is not drawn
    """

    name: str
    sides: tuple[str, ...]
    mechanism: str
    crowd: str
    touches: frozenset[str]
    broken: Callable[[Service, Random], object]
    mended: Callable[[Service], object]
    wrong: tuple[Wrong, ...]
    seen: str = ""
    possible: Callable[[Service], bool] = anywhere
