"""What a request costs, against the length of the way: measured on a wire whose round trip is dialled."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.comparison import orders
from tcplab.model.conversation import conversations
from tcplab.model.round_trips import handshakes, round_trips
from tcplab.notebook.display import present
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcplab.wire.wire import Wire


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way of asking took: `took_ms` has, for each dialled round trip, how long each request took."""

    name: str
    took_ms: dict[float, tuple[float, ...]]
    handshakes: int
    round_trips: int

    @property
    def requests(self) -> int:
        """How many there were in all."""
        return sum(map(len, self.took_ms.values()))

    @property
    def each(self) -> float:
        """Round trips a request."""
        return self.round_trips / self.requests


def costs(wire: "Wire", *, rtt_ms: Sequence[float], each: int = 5, **variants: Callable[[], object]) -> None:
    """Time requests at several round-trip times, count their round trips on the wire, and draw both.

    Args:
        wire: whose delay is dialled
        rtt_ms: the round-trip times, milliseconds, 0 to 60,000
        each: requests a variant and round-trip time
        variants: by the name that their line shall have (`_` for a blank), what sends one request and waits

    Raises:
        BadValue: there is nothing to measure
        Whatever a variant raises

    >>> costs(bed.wire, rtt_ms=(0, 25, 50), no_pool=fresh, pool=pooled)     # doctest: +SKIP
    """
    if not variants or not rtt_ms or type(each) is not int or each < 1:
        raise BadValue("variants", list(variants), "one or more, a round-trip time or more, and a request of each")
    took: dict[str, dict[float, tuple[float, ...]]] = {name: {} for name in variants}
    seen: dict[str, list[int]] = {name: [0, 0] for name in variants}
    for at_ms, order in zip(rtt_ms, orders(tuple(variants), len(rtt_ms)), strict=True):
        with wire.delay(rtt_ms=at_ms):
            for name in order:
                before = len(wire.segments)
                took[name][at_ms] = tuple(_timed(variants[name]) for _ in range(each))
                talks = conversations(wire.segments[before:])
                seen[name][0] += handshakes(talks)
                seen[name][1] += sum(map(round_trips, talks))
    found = [Cost(name.replace("_", " "), took[name], *seen[name]) for name in variants]

    def draw() -> "Figure":
        from tcplab.notebook.costs_figure import figure

        return figure(found)

    present(draw, twin(found), says=lead_sentence(found))


def _timed(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def lead_sentence(found: Sequence[Cost]) -> str:
    """Say what each way costs."""
    return "; ".join(f"{cost.name}: {in_round_trips(cost)}" for cost in found) + "."


def in_round_trips(cost: Cost) -> str:
    """Say how many round trips a request takes.

    >>> in_round_trips(Cost("no pool", {0: (0.5, 0.6)}, 2, 4))
    '2 round trips a request'
    """
    return f"{cost.each:g} round trip{'' if cost.each == 1 else 's'} a request"


def twin(found: Sequence[Cost]) -> str:
    """Return what was counted as text; the times are the picture's."""
    rows: list[tuple[str, ...]] = [
        (f"{cost.name}:", f"{cost.requests} requests", f"{cost.handshakes} handshakes", in_round_trips(cost))
        for cost in found
    ]
    return table(rows, right=frozenset({1, 2}))
