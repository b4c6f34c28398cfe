"""A load as a form describes it: read strictly, each field refused by a sentence of its own, and written as code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcplab.model.comparison import FEWEST_ROUNDS

RANGES = {"rounds": (FEWEST_ROUNDS, 50), "requests": (10, 10_000), "concurrency": (1, 100), "rtt_ms": (0, 200)}
"""What a form takes: an evening of requests is typed, not clicked."""


class Refused(ValueError):
    """A field of the form cannot be what was typed."""

    def __init__(self, field: str, says: str, value: object) -> None:
        self.field, self.says, self.value = field, says, value
        super().__init__(says)


@dataclass(frozen=True, slots=True)
class Load:
    """What a benchmark is to run.

    Args:
        variants: names, two or more; the others are compared with the first
        rounds: how often each runs
        requests: of one run
        concurrency: so many at once
        persistent: ab's `-k`
        rtt_ms: round trip on the wire, where there is one
        wire: its name; "" where the bed has none
    """

    variants: tuple[str, ...]
    rounds: int = FEWEST_ROUNDS
    requests: int = 300
    concurrency: int = 1
    persistent: bool = False
    rtt_ms: int = 0
    wire: str = ""

    def typed(self, form: Mapping[str, Any], known: Sequence[str], wires: Sequence[str]) -> "Load":
        """Return the load that a form describes; a field that it lacks stays as it is here.

        Raises:
            Refused: what was typed is no such number, or no such choice

        >>> Load(("off", "on")).typed({"rounds": "7", "persistent": True}, ["off", "on"], []).rounds
        7
        """
        numbers = {name: _number(name, form.get(name, now), now) for name, now in self.numbers.items()}
        if numbers["concurrency"] > numbers["requests"]:
            says = f"{numbers['concurrency']} at a time is more than {numbers['requests']} requests in all."
            raise Refused("concurrency", says, self.concurrency)
        chosen = form.get("variants", self.variants)
        variants = tuple(name for name in known if name in chosen)
        if len(variants) < 2:
            raise Refused("variants", "A comparison takes two variants, or more.", list(self.variants))
        wire = str(form.get("wire", self.wire))
        if numbers["rtt_ms"] and wire not in wires:
            says = 'This bed has no wire that could be slow. Testbed.proxied(link="wire") has two.'
            raise Refused("rtt_ms", says, 0)
        return Load(variants, persistent=bool(form.get("persistent", self.persistent)), wire=wire, **numbers)

    @property
    def numbers(self) -> dict[str, int]:
        """The fields that are numbers."""
        return {name: getattr(self, name) for name in RANGES}

    def __str__(self) -> str:
        names = ", ".join(self.variants[:-1]) + f" and {self.variants[-1]}"
        kept = ", with -k" if self.persistent else ""
        slow = f", {self.rtt_ms} ms on {self.wire}" if self.rtt_ms else ""
        return f"{names}: {self.rounds} rounds of {self.requests:,} requests, {self.concurrency} at a time{kept}{slow}"

    @property
    def code(self) -> str:
        """Return what does the same in a cell, for a bed of Testbed.proxied()."""
        options = f"requests={self.requests}, concurrency={self.concurrency}, persistent={self.persistent}"
        names = ", ".join(f'"{name}"' for name in self.variants)
        slow = f", bed.{self.wire}.delay(rtt_ms={self.rtt_ms})" if self.rtt_ms else ""
        return f"""\
from tcplab import benchmark
from tcplab.traffic.variants import ways
load = dict({options})
with ways(bed.client, bed.proxy, bed.backend, **load) as all_ways{slow}:
    variants = {{name: all_ways[name] for name in ({names})}}
    print(benchmark(variants, hosts=list(bed.hosts.values()), rounds={self.rounds}))"""


def _number(name: str, given: object, now: int) -> int:
    """Read a whole number within its range."""
    low, high = RANGES[name]
    words = str(given).strip()
    if words.isascii() and words.isdigit() and low <= int(words) <= high and not isinstance(given, bool):
        return int(words)
    what = "RTT" if name == "rtt_ms" else name
    why = ": from fewer no interval follows" if name == "rounds" else ""
    unit = " ms" if name == "rtt_ms" else ""
    raise Refused(name, f"“{words}” is not possible for {what}. Allowed: {low:,} to {high:,}{unit}{why}.", now)
