"""One rule, as the wire's process keeps it."""

from __future__ import annotations

import sys

from tcplab.wire.condition import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
