"""What a bench finds: ours beside a peer, round by round, held against a bound. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self

from tcplab.model.comparison import FEWEST_ROUNDS, interval

MET, MISSED, OPEN = "met", "missed", "open"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a ratio, or a figure that stands alone, must not exceed; or, with least, not fall below."""

    limit: float
    least: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value keeps it."""
        return value >= self.limit if self.least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        bench: the name of the bench.
        what: what was measured, such as "up".
        unit: of the values.
        ours: what of ours it is.
        values: ours, one a round.
        peer: what it stands beside; empty for a figure that stands alone.
        peers: the peer's, in the same rounds.
        bound: on the ratio of ours to the peer's, or on the figure.
        reason: what bounds it, where the bound is not met.
    """

    bench: str
    what: str
    unit: str
    ours: str
    values: tuple[float, ...]
    peer: str = ""
    peers: tuple[float, ...] = ()
    bound: Bound | None = None
    reason: str = ""

    @property
    def compared(self) -> tuple[float, ...]:
        """In each round the ratio to the peer; without one, the values themselves."""
        return tuple(a / b for a, b in zip(self.values, self.peers, strict=True)) if self.peer else self.values

    @property
    def middle(self) -> float:
        """The median of ours."""
        return median(self.values)

    @property
    def peer_middle(self) -> float:
        """The median of the peer's."""
        return median(self.peers)

    @property
    def median(self) -> float:
        """What half of the rounds stay below: of the ratios, or of the values."""
        return median(self.compared)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the median lies in 95 of 100 such runs; None where rounds are too few to say."""
        positive = min(self.compared) > 0
        return interval(self.compared) if positive and len(self.compared) >= FEWEST_ROUNDS else None

    @property
    def verdict(self) -> str:
        """Whether the bound is met: "open" where the interval holds it, or there is none; empty without a bound."""
        if self.bound is None:
            return ""
        if self.interval is None:
            return OPEN
        kept = [self.bound.holds(end) for end in self.interval]
        return MET if all(kept) else OPEN if any(kept) else MISSED

    def as_dict(self) -> dict[str, Any]:
        """For JSON; what follows from the rounds stands beside them, for who reads it with another program."""
        found = asdict(self) | {"median": self.median, "interval": self.interval, "verdict": self.verdict}
        return found | {"bound": None if self.bound is None else asdict(self.bound)}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Read from JSON; what follows from the rounds is computed anew."""
        bound = said["bound"] and Bound(**said["bound"])
        words = {name: said[name] for name in ("bench", "what", "unit", "ours", "peer", "reason")}
        return cls(**words, values=tuple(said["values"]), peers=tuple(said["peers"]), bound=bound)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A peer, or a whole bench, that could not be had here, and why."""

    bench: str
    peer: str
    reason: str


def beside(
    bench: str,
    what: str,
    unit: str,
    found: Mapping[str, Sequence[float]],
    *,
    bounds: Mapping[str, Bound] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Iterable[Row]:
    """Make a row for each peer of what was measured side by side; the first variant is ours.

    Args:
        found: values by the name of the variant, as `side_by_side` returns them.
        bounds, reasons: by the name of the peer.
    """
    ours, *others = found
    for peer in others:
        told = {"bound": (bounds or {}).get(peer), "reason": (reasons or {}).get(peer, "")}
        yield Row(bench, what, unit, ours, tuple(found[ours]), peer, tuple(found[peer]), **told)
