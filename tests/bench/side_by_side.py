"""Rounds: in each of them every variant is measured once, in an order that is another each time."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack

from bench.rows import Skipped
from tcplab.model.comparison import orders

Measured = Mapping[str, float]
Measure = Callable[[], Measured]
Progress = Callable[[int, int], object]


class Missing(Exception):
    """A peer cannot be had here; the message says why."""


def side_by_side(
    variants: Mapping[str, Measure],
    rounds: int,
    *,
    warm: bool = True,
    rest_s: float = 0.0,
    progress: Progress = lambda *_: None,
) -> dict[str, dict[str, list[float]]]:
    """Measure every variant once a round.

    Args:
        variants: by name, ours first; each measures one thing or several, by name
        rounds: how many; from fewer than five no interval follows
        warm: whether each is measured once before, and that forgotten
        rest_s: between one and the next, for what the one before leaves to the kernel
        progress: called with how many rounds are done, and how many there will be

    Returns: what was measured → variant → one value a round. What only some variants know has only these.
    """
    for measure in variants.values() if warm else ():
        measure()
    found: dict[str, dict[str, list[float]]] = {}
    for done, order in enumerate(orders(list(variants), rounds), start=1):
        said = {name: _rested(variants[name], rest_s) for name in order}
        for name in variants:
            for what, value in said[name].items():
                found.setdefault(what, {}).setdefault(name, []).append(value)
        progress(done, rounds)
    return found


def _rested(measure: Measure, rest_s: float) -> Measured:
    time.sleep(rest_s)
    return measure()


def opened(
    stack: ExitStack, bench: str, peers: Mapping[str, Callable[[], AbstractContextManager[Measure]]]
) -> tuple[dict[str, Measure], list[Skipped]]:
    """Open the peers that can be had; the others are named, with the reason."""
    there: dict[str, Measure] = {}
    skipped: list[Skipped] = []
    for name, peer in peers.items():
        try:
            there[name] = stack.enter_context(peer())
        except Missing as missing:
            skipped.append(Skipped(bench, name, str(missing)))
    return there, skipped
