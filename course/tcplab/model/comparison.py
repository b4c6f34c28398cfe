"""Variants measured side by side, round by round: how they compare, and how far that can be trusted.

A machine has slow minutes. So every variant is measured in each round, in shuffled order; what counts is the ratio to
the first variant in the same round, and an interval that says how far the rounds agree.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tcplab.errors import BadValue

FEWEST_ROUNDS = 5
"""From fewer rounds no interval follows: the true median lies outside all of n values once in 2 ** (n - 1) times."""

NO_DIFFERENCE = "no difference seen"
_RESAMPLES = 2_000
_SEED = 793  # any: so that the same rounds give the same interval


@dataclass(frozen=True, slots=True, repr=False)
class Ratio:
    """How a variant compares with the first one.

    Args:
        variant, to: their names
        rounds: the ratio in each round
        low, high: the interval that holds the median ratio in 95 of 100 such measurements
    """

    variant: str
    to: str
    rounds: tuple[float, ...]
    low: float
    high: float

    @property
    def median(self) -> float:
        """The ratio that half of the rounds stay below."""
        return _middle(self.rounds)

    @property
    def verdict(self) -> str:
        """What may be said of it: "less", "more", or "no difference seen" where the interval includes 1."""
        if self.low <= 1 <= self.high:
            return NO_DIFFERENCE
        return "less" if self.high < 1 else "more"

    def __repr__(self) -> str:
        interval = f"{self.median:.2f} × {self.to} [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.variant}: {interval}, {len(self.rounds)} rounds: {self.verdict}"


class Comparison:
    """Two or more variants, each measured once in every round.

    Args:
        measured: by the name of the variant, one value a round, in the order of the rounds; the first variant is what
            the others are compared with
        unit: of the values, such as "µs"

    Raises:
        BadValue: fewer than two variants or five rounds, a round that lacks a variant, a value that is not above 0

    >>> Comparison({"old": [10, 12, 11, 30, 10], "new": [5, 6, 6, 16, 5]}, unit="ms")
    old: 11 ms
    new: 6 ms, 0.50 × old [0.50, 0.55], 5 rounds: less
    """

    def __init__(self, measured: Mapping[str, Sequence[float]], *, unit: str = "") -> None:
        if len(measured) < 2:
            raise BadValue("measured", list(measured), "two or more variants, by name")
        if len({len(values) for values in measured.values()}) > 1:
            lengths = {name: len(values) for name, values in measured.items()}
            raise BadValue("rounds", lengths, "every variant measured once in each round")
        self._values = {name: tuple(map(float, values)) for name, values in measured.items()}
        self.unit = unit
        if self.rounds < FEWEST_ROUNDS:
            raise BadValue("rounds", self.rounds, f"{FEWEST_ROUNDS} or more: from fewer no interval follows")
        for name, values in self._values.items():
            for value in values:
                if not 0 < value < math.inf:
                    raise BadValue(name, value, "a measured value above 0")

    @property
    def variants(self) -> tuple[str, ...]:
        """Their names; the first is what the others are compared with."""
        return tuple(self._values)

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return len(next(iter(self._values.values())))

    def values(self, variant: str) -> tuple[float, ...]:
        """What was measured of a variant, in the order of the rounds."""
        if variant not in self._values:
            raise BadValue("variant", variant, ", ".join(self._values))
        return self._values[variant]

    def ratio(self, variant: str = "") -> Ratio:
        """How a variant compares with the first; without a name, the last one."""
        variant = variant or self.variants[-1]
        first = self.variants[0]
        pairs = zip(self.values(variant), self.values(first), strict=True)
        ratios = tuple(one / other for one, other in pairs)
        return Ratio(variant, first, ratios, *interval(ratios))

    def __repr__(self) -> str:
        lines = []
        for name in self.variants:
            said = f"{median(self._values[name]):.3g} {self.unit}".rstrip()
            ratio = "" if name == self.variants[0] else repr(self.ratio(name)).removeprefix(f"{name}:")
            lines.append(f"{name}: {said}{',' if ratio else ''}{ratio}")
        return "\n".join(lines)


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the median ratio, by bootstrap: the same ratios give the same interval.

    The rounds are drawn again, with replacement, 2,000 times; between the two ends lie 95 % of the medians.

    Limit: Few rounds say less than that. With 7, two equal variants differ by it once in 8 times, not once in 20: it
    leaves out the lowest and the highest of 7, and the true median lies there 16 times in 128.

    Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    chance = random.Random(_SEED)  # noqa: S311 (no secret)
    medians = sorted(_middle(chance.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLES))
    cut = round(_RESAMPLES * 0.025)
    return medians[cut], medians[-1 - cut]


def orders(variants: Sequence[str], rounds: int, *, seed: int = _SEED) -> list[tuple[str, ...]]:
    """Return in which order to measure, for each round: shuffled, and every variant comes first as often.

    >>> orders(["old", "new"], 4, seed=1)
    [('new', 'old'), ('old', 'new'), ('old', 'new'), ('new', 'old')]

    Raises:
        BadValue: no rounds
    """
    if rounds < 1:
        raise BadValue("rounds", rounds, "1 or more")
    chance = random.Random(seed)  # noqa: S311 (no secret)
    firsts = [variants[at % len(variants)] for at in range(rounds)]
    chance.shuffle(firsts)
    made = []
    for first in firsts:
        rest = [variant for variant in variants if variant != first]
        chance.shuffle(rest)
        made.append((first, *rest))
    return made


def measured(
    variants: Mapping[str, Callable[[], float]],
    rounds: int,
    *,
    unit: str = "",
    progress: Callable[[int, int], object] | None = None,
) -> Comparison:
    """Measure each variant once in every round, in shuffled order, and compare.

    Args:
        variants: by name, what measures one and returns the value, above 0; the others are compared with the first
        rounds: 5 or more
        unit: of the values
        progress: called with how many rounds are done, and how many there will be

    Raises:
        BadValue: fewer than two variants or five rounds, before anything is measured

    >>> measured({"old": lambda: 8.0, "new": lambda: 4.0}, 6, unit="ms").ratio()
    new: 0.50 × old [0.50, 0.50], 6 rounds: less
    """
    if len(variants) < 2:
        raise BadValue("variants", list(variants), "two or more, by name")
    if rounds < FEWEST_ROUNDS:
        raise BadValue("rounds", rounds, f"{FEWEST_ROUNDS} or more: from fewer no interval follows")
    values: dict[str, list[float]] = {name: [] for name in variants}
    for done, order in enumerate(orders(list(variants), rounds), start=1):
        for name in order:
            values[name].append(variants[name]())
        if progress is not None:
            progress(done, rounds)
    return Comparison(values, unit=unit)


def _middle(ratios: Sequence[float]) -> float:
    """The median of ratios: between two, the one as many times the lower as the upper is of it."""
    return math.exp(median(map(math.log, ratios)))
