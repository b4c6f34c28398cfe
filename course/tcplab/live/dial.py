"""The round-trip time of a wire, as a dial: what `wire.delay(rtt_ms=…)` does."""

import re
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import traitlets

from tcplab.errors import BadValue, WorldDown
from tcplab.live.source import script, style
from tcplab.live.view import View
from tcplab.testbed import Testbed
from tcplab.testbed.parts import wire_named
from tcplab.wire.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tcplab.wire.rules import Rule

MOST_MS = 200
_dialled: "WeakSet[Rule]" = WeakSet()
_turning = threading.Lock()


def dial(wire: Wire) -> "Dial":
    """Show the round-trip time that this dial, and any other on the same wire, adds: 0 to 200 ms.

    Args:
        wire: A wire of a bed that is up. Rules that you make by yourself come on top, and are told.

    Raises:
        BadValue: It is no wire.

    >>> dial(bed.wire)       # doctest: +SKIP
    """
    if not isinstance(wire, Wire):
        raise BadValue("wire", wire, "a wire of a bed that is up, such as bed.wire")
    return Dial(Testbed.of(wire), wire)


class Dial(View):
    """A dial on one wire. `do_turn` sets it; 0 takes its rule away."""

    _esm = script("copy.js", "code.js", "dial.js")
    _css = style("dial.css")
    period_s = 0.3

    wire = traitlets.Unicode().tag(sync=True)
    between = traitlets.Unicode().tag(sync=True)
    most_ms = traitlets.Int(MOST_MS).tag(sync=True)
    rtt_ms = traitlets.Float(0).tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)

    def __init__(self, bed: Testbed, wire: Wire) -> None:
        self._bed = bed
        between = " and ".join(host.name for host in wire.hosts)
        super().__init__(wire=wire.name, between=between)
        self._look()

    @property
    def _wire(self) -> Wire:
        return wire_named(self._bed, self.wire)

    def _again(self) -> None:
        self._bed.again()
        self._look()

    def _look(self) -> None:
        if not self._bed.is_up:
            raise WorldDown(f"bed.{self.wire}")
        turned = _turned(self._wire)
        self.rtt_ms = turned.adds_ms if turned else 0.0
        self.lead = lead(self.between, self.rtt_ms, [rule for rule in self._wire.rules if rule is not turned])
        self.code = line(self.wire, self.rtt_ms)
        self.words = self.twin()

    def twin(self) -> str:
        """Return how far it is turned, and the line that does the same."""
        return f"{self.lead}\n{self.code}"

    def do_turn(self, rtt_ms: object = 0) -> dict[str, Any]:
        """Turn it: the new rule takes the place of the one before."""
        before = self.rtt_ms
        wanted = _number(rtt_ms)
        if wanted is None or not 0 <= wanted <= MOST_MS:
            refused = f"“{rtt_ms}” is not a round trip. Allowed: 0 to {MOST_MS} ms."
            return {"refused": refused, "button": f"Put {before:g} back", "do": "turn", "with": {"rtt_ms": before}}
        wire = self._wire
        with _turning:
            turned = _turned(wire)
            if wanted != (turned.adds_ms if turned else 0):
                rule = wire.redelay(turned, rtt_ms=wanted)
                _dialled.update([rule] if rule else [])
        self._look()
        return {"rtt_ms": wanted}


def _turned(wire: Wire) -> "Rule | None":
    """The rule that the dials of a wire have made, if nobody has removed it."""
    return next((rule for rule in wire.rules if rule in _dialled), None)


def lead(between: str, rtt_ms: float, others: "Sequence[Rule]") -> str:
    """Say how long a round trip is, and which rules are in force besides the dial's."""
    more_ms = sum(rule.adds_ms for rule in others)
    said = f"Between {between}: {rtt_ms + more_ms:g} ms there and back"
    if more_ms:
        said += f", {more_ms:g} of them by rules of yours"
    told = f" In force besides: {', '.join(rule.call for rule in others)}." if others else ""
    return f"{said}.{told}"


def line(wire: str, rtt_ms: float) -> str:
    """Return the line of code that does what the dial does.

    >>> line("wire", 20.0)
    'slow = bed.wire.delay(rtt_ms=20)'
    """
    if rtt_ms:
        return f"slow = bed.{wire}.delay(rtt_ms={rtt_ms:g})"
    return f"slow = bed.{wire}.delay(rtt_ms=20)  # turns it to 20\nslow.remove()  # and back to 0"


def _number(given: object) -> float | None:
    if not re.fullmatch(r"\s*\d{1,4}(\.\d{1,3})?\s*", str(given)):
        return None
    number = float(str(given))
    return int(number) if number.is_integer() else number
