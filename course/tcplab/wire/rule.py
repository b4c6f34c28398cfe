"""The rules in force and what they hold, as the wire's process keeps them."""

from __future__ import annotations

import sys

from tcplab.wire.condition import compiled
from tcplab.wire.layout import DROPPED, HELD, SWALLOWED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcplab.model.frame import Headers


class Rule:
    """An action, its condition, how often it matched, and what it holds."""

    def __init__(self, number: int, asked: dict[str, Any]) -> None:
        self.number = number
        self.action: str = asked["action"]
        self.delay_ns: int = asked.get("delay_ns", 0)
        self.copies: int = asked.get("copies", 0)
        self.first: int | None = asked.get("first")
        self.matched = 0
        self.held: list[tuple[int, int, bytes, Any]] = []  # number, end, frame, headers
        self.error = ""
        self._test = compiled(asked)
        self._when = _loaded(*asked["when"]) if "when" in asked else None

    def matches(self, headers: Any, number: int, frame: bytes) -> bool:
        """Tell whether the rule applies, and count it."""
        if self.first is not None and self.matched >= self.first:
            return False
        if not self._test(headers) or (self._when and not self._agrees(number, frame)):
            return False
        self.matched += 1
        return True

    def _agrees(self, number: int, frame: bytes) -> bool:
        from tcplab.model.segment import Segment

        assert self._when is not None
        try:
            return bool(self._when(Segment.from_frame(frame, number=number)))
        except Exception as error:  # noqa: BLE001 (the learner's function may raise anything)
            self.error = f"{type(error).__name__}: {error}"
            self._when = lambda _: False  # the owner is told when it next looks at the rule
            return False


def _loaded(pickled: bytes, path: list[str]) -> Any:
    """Bring the owner's function here, with the modules that it may need."""
    import pickle

    sys.path[:] = path
    return pickle.loads(pickled)  # noqa: S301 (the owner's own process wrote it)


class Rules:
    """The rules in the order in which they were made; while patient, what is sent again is swallowed."""

    def __init__(self) -> None:
        self.made: list[Rule] = []
        self.last = 0
        self.patient = False
        self.greeted: set[Any] = set()  # SYNs seen while patient

    def add(self, asked: dict[str, Any]) -> int:
        """Add a rule, after the others; return its number."""
        self.last += 1
        self.made.append(Rule(self.last, asked))
        return self.last

    def find(self, number: int) -> Rule:
        """Return a rule by its number; StopIteration where it is gone."""
        return next(rule for rule in self.made if rule.number == number)

    def remove(self, number: int) -> None:
        """Take a rule away."""
        self.made.remove(self.find(number))

    def take(self, number: int, place: int | None) -> list[tuple[int, int, bytes, Any]]:
        """Take out all that a rule holds, or what it holds at a place."""
        held = self.find(number).held
        taken = held[:] if place is None else [held[place]]
        held[:] = [] if place is None else [kept for kept in held if kept is not taken[0]]
        return taken

    def be_patient(self, *, wanted: bool) -> None:
        """Swallow repeats of what is held, or stop doing so."""
        self.patient = wanted
        self.greeted.clear()

    def judge(self, number: int, end: int, frame: bytes, headers: Headers, after: int) -> tuple[int | None, int, int]:
        """Ask the rules made after rule `after`, in their order.

        Returns:
            The fate of a segment that does not go on, else None; its delay (ns) and its copies.
        """
        if self.patient and after == 0 and self._is_repeat(headers):
            return SWALLOWED, 0, 0
        delay_ns = copies = 0
        for rule in self.made:
            if rule.number <= after or not rule.matches(headers, number, frame):
                continue
            if rule.action == "drop":
                return DROPPED, 0, 0
            if rule.action in ("hold", "keep"):
                rule.held.append((number, end, frame, headers))
            if rule.action == "hold":
                return HELD, 0, 0
            delay_ns += rule.delay_ns
            copies += rule.copies
        return None, delay_ns, copies

    def _is_repeat(self, headers: Headers) -> bool:
        """Tell whether a held segment, or a SYN of a connection that has one held, is sent again."""
        same = _identity(headers)
        held = [_identity(kept) for rule in self.made if rule.action == "hold" for _, _, _, kept in rule.held]
        if same in held:
            return True
        connection = {same[:2], same[1::-1]}
        if headers[7] & 2 and same in self.greeted and any(other[:2] in connection for other in held):
            return True
        if headers[7] & 2:
            self.greeted.add(same)
        return False


def _identity(headers: Headers) -> tuple[Any, ...]:
    """Return what a segment and its retransmission have in common: ends, seq, flags, length."""
    _, source, destination, source_port, destination_port, seq, _, flags, _, _, start, end = headers
    return ((source, source_port), (destination, destination_port), seq, flags, end - start)
