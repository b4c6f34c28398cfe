"""Who is left holding TIME_WAIT, run after run: the tally of many connections, and how far it can be trusted.

Where two sides race to close, one run proves nothing. Forty tell how often each wins, within an interval.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from tcplab.errors import BadValue
from tcplab.model.conversation import Conversation
from tcplab.model.state import TcpState
from tcplab.model.states import states

SIDES = ("client", "server")
_Z = 1.96  # 95 of 100


def holder(talk: Conversation) -> str:
    """Tell who is left in TIME_WAIT: "client", "server", "both" or "neither".

    Source: RFC 9293 §3.6.1: a side that said FIN before the other's had arrived.
    """
    told = states(talk)
    held = [side for side, ends in zip(SIDES, (told.client, told.server), strict=True) if _waits(ends[-1].state)]
    return {0: "neither", 2: "both"}.get(len(held)) or held[0]


def _waits(state: TcpState) -> bool:
    return state is TcpState.TIME_WAIT


@dataclass(frozen=True, slots=True, repr=False)
class Holding:
    """One entry a run, oldest first: who was left holding TIME_WAIT."""

    runs: tuple[str, ...]

    def at(self, side: str) -> int:
        """In how many runs a side was left with it, alone or with the other."""
        return sum(one in (side, "both") for one in self.runs)

    def interval(self, side: str) -> tuple[float, float]:
        """Where that side's true share lies, 95 times of 100: from 0 to 1.

        Source: Wilson's score interval, which stays inside 0 and 1 for 0 and for all of the runs, too.
        """
        count, square = len(self.runs), _Z * _Z
        share = self.at(side) / count
        middle = (share + square / (2 * count)) / (1 + square / count)
        reach = _Z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count))
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def __repr__(self) -> str:
        said = Counter(self.runs)
        return ", ".join(f"{name} {said[name]}" for name in (*SIDES, "both", "neither") if said[name])


def holding(talks: Iterable[Conversation]) -> Holding:
    """Tally connections.

    Raises: BadValue where there are none.
    """
    runs = tuple(map(holder, talks))
    if not runs:
        raise BadValue("talks", [], "one connection or more")
    return Holding(runs)
