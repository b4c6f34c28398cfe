"""Stepping by hand: a wire that is paused, what waits on it, and the lines of Python that did what was clicked."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from tcplab.errors import BadValue, WorldDown
from tcplab.model.segment import Segment
from tcplab.testbed import Testbed
from tcplab.wire.wire import Wire
from tcplab.world.channel import if_up

if TYPE_CHECKING:
    from contextlib import ExitStack

    from tcplab.wire.rules import Held

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A segment that waits, and the letter that it keeps for as long."""

    letter: str
    segment: Segment


class Stepping:
    """One wire of a bed that is stepped by hand; all views of it share this.

    Nothing is changed while the wire runs; `resume()` leaves no rule and no setting behind.
    """

    def __init__(self, bed: Testbed, wire: str) -> None:
        self.bed, self.name = bed, wire
        self.lines: list[str] = []
        self.views = 0
        self.by_hand: set[int] = set()
        """Segments that were dropped here."""
        self._held: Held | None = None
        self._patience: ExitStack | None = None
        self._on: Wire | None = None
        self._letters: dict[int, str] = {}
        self._lock = threading.RLock()

    @property
    def wire(self) -> Wire:
        """Return the wire, of the world that is up now.

        Raises:
            WorldDown: none is.
        """
        if not self.bed.is_up:
            raise WorldDown(f"bed.{self.name}", "its bed is not up")
        return self.bed.wires[self.name]

    @property
    def paused(self) -> bool:
        """Tell whether the wire is paused; one of a world that has gone is not."""
        return self._held is not None and self.bed.is_up and self._on is self.bed.wires.get(self.name)

    def waiting(self) -> list[Waiting]:
        """Return what waits, oldest first: what crosses has not arrived yet."""
        with self._lock:
            segments = self._held.peek() if self._held is not None and self.paused else []
            if not segments:
                self._letters.clear()
            for segment in segments:
                self._letters.setdefault(segment.number, _letters(len(self._letters)))
            return [Waiting(self._letters[segment.number], segment) for segment in segments]

    # ---- paused, and running

    def pause(self) -> None:
        """Hold everything from now on, and let the hosts be patient."""
        with self._lock:
            if self.paused:
                return
            if self._on is not self.wire:
                self.by_hand.clear()  # another world counts its segments anew
            self._on = self.wire
            self._held = self._on.hold()
            self._patience = self.bed.patient()
            self._write("patience = bed.patient()", f"held = bed.{self.name}.hold()")

    def resume(self) -> None:
        """Let everything go on, as if there had never been a pause."""
        with self._lock:
            if not self.paused:
                self._held = self._patience = None
                return
            held, patience, self._held, self._patience = self._held, self._patience, None, None
            assert held is not None
            assert patience is not None
            if_up(held.remove)
            if_up(patience.close)
            self._write("held.remove()", "patience.close()")

    # ---- one segment

    def deliver(self, number: int) -> None:
        """Let it arrive."""
        self._act("release", number)

    def drop(self, number: int) -> None:
        """Throw it away."""
        self._act("discard", number)
        self.by_hand.add(number)

    def duplicate(self, number: int) -> None:
        """Let it arrive twice."""
        self._act("release", number, copies=1)

    def delay(self, number: int, after_ms: float) -> None:
        """Let it arrive later."""
        if type(after_ms) not in (int, float) or not 1 <= after_ms <= 60_000:
            raise BadValue("after_ms", after_ms, "milliseconds, 1 to 60,000")
        self._act("release", number, after_ms=after_ms)

    def deliver_all(self) -> None:
        """Let all that waits arrive, in order; what they bring about waits."""
        with self._lock:
            if self._held is None or not self.waiting():
                raise BadValue("segment", "all", "a segment that waits: none does")
            self._ask("release", None)
            self._write("held.release()")

    def _act(self, operation: str, number: int, *, copies: int = 0, after_ms: float = 0) -> None:
        with self._lock:
            numbers = [each.segment.number for each in self.waiting()]
            if number not in numbers:
                raise BadValue("segment", number, f"one that waits: {', '.join(map(str, numbers)) or 'none does'}")
            place = numbers.index(number)
            details = (copies, int(after_ms * 1e6)) if operation == "release" else ()
            self._ask(operation, place, *details)
            said = f", copies={copies}" if copies else f", after_ms={after_ms:g}" if after_ms else ""
            self._write(f"held.{operation}({place}{said})")

    def _ask(self, operation: str, *details: object) -> None:
        """Do it at once: a click does not wait until all is quiet, as a line of code does."""
        assert self._held is not None
        self.wire.ask(operation, self._held.number, *details, settle_s=0)

    def _write(self, *lines: str) -> None:
        self.lines += lines


_every: WeakValueDictionary[tuple[int, str], Stepping] = WeakValueDictionary()
_registry = threading.Lock()


def stepping(bed: Testbed, wire: str) -> Stepping:
    """Return the stepping of a wire: the same for all who look at it."""
    with _registry:
        found = _every.get((id(bed), wire))
        if found is None:
            found = _every[id(bed), wire] = Stepping(bed, wire)
        return found


def _letters(place: int) -> str:
    """Return how the segment at a place is called: A to Z, then AA, AB, and so on."""
    before, last = divmod(place, len(_LETTERS))
    return (_letters(before - 1) if before else "") + _LETTERS[last]
