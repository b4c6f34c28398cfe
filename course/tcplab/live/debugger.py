"""The TCP debugger: a wire that waits for you, segment by segment."""

import contextlib
from collections.abc import Iterator
from typing import Any

import traitlets

from tcplab.errors import BadValue
from tcplab.live.ladder import FILES, Ladder
from tcplab.live.source import script, style
from tcplab.live.stepping import Waiting, stepping
from tcplab.notebook.ladder import NOTHING
from tcplab.notebook.ladder_twin import flag_words
from tcplab.notebook.say import table
from tcplab.testbed import Testbed
from tcplab.wire.record import Segments

RUNNING = "The wire runs. Pause it, and every segment waits for you."


class Debugger(Ladder):
    """See debugger()."""

    _esm = script(*FILES, "stepping.js", "scrub.js", "debugger.js")
    _css = style("ladder.css", "debugger.css")

    paused = traitlets.Bool(False).tag(sync=True)  # noqa: FBT003 (traitlets has it so)
    waiting = traitlets.List().tag(sync=True)
    outlook = traitlets.Dict().tag(sync=True)
    lines = traitlets.List().tag(sync=True)
    by_hand = traitlets.List().tag(sync=True)

    def __init__(self, bed: Testbed, wire: str) -> None:
        self._stepping = stepping(bed, wire)
        self._stepping.views += 1
        self._open = True
        self._kept_back: list[dict[str, Any]] | None = None
        super().__init__(self._stepping.wire, bed)
        self._read()

    # ---- looking

    def _look(self) -> None:
        with self._together():
            try:
                super()._look()
            finally:
                self._read_all()

    def _read(self) -> None:
        with self._together():
            self._read_all()

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """Send all that is set and told meanwhile at once, so that it is drawn once."""
        self._kept_back = []
        try:
            with self.hold_sync():
                yield
        finally:
            news, self._kept_back = self._kept_back, None
            for each in news:
                self.tell(each)

    def tell(self, news: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send news to every browser that shows it, behind what is set together with it."""
        if self._kept_back is None:
            super().tell(news, buffers)
        else:
            self._kept_back.append(news)

    def _read_all(self) -> None:
        mine = self._stepping
        waiting = mine.waiting() if mine.bed.is_up else []
        segments = self._look_quietly()  # after: what waits has then been seen
        self.paused, self.lines = mine.paused, list(mine.lines)
        self.waiting = [self._said(each, segments) for each in waiting]
        self.by_hand = sorted(mine.by_hand)
        held = {each.segment.number for each in waiting}
        seen = self._follower.telling.outlook() if held else {}
        self.outlook = {str(number): state for number, state in seen.items() if state and number in held}
        self.lead = self._lead()

    def _said(self, waiting: Waiting, segments: Segments) -> dict[str, Any]:
        one = waiting.segment
        turn = self._follower.turn(segments, one.number)
        return {
            "number": one.number,
            "letter": waiting.letter,
            "flags": one.flags,
            "seq": one.seq if turn is None else turn.seq,
            "ack": one.ack if turn is None else turn.ack,
            "bytes": one.payload_bytes,
            "from": one.from_host,
            "to": one.to_host,
            "ports": "" if one.number in self._follower.turns else f"{one.source.port} → {one.destination.port}",
            "ms": one.time_s * 1000,
        }

    def _lead(self) -> str:
        if not self.paused:
            return RUNNING
        count = len(self.waiting)
        waits = f"{count or 'No'} segment{'' if count == 1 else 's'} wait{'s' if count == 1 else ''} on the wire."
        if not (ends := self._follower.telling.ends):
            return waits
        client, server = self.hosts["client"], self.hosts["server"]
        return f"{waits} The {client} is in {ends[True].state}, the {server} in {ends[False].state}."

    def _name(self) -> None:
        super()._name()
        self.lead = self._lead()

    def twin(self) -> str:
        """Return what waits, the states of both ends, and the code so far."""
        mine = self._stepping
        waiting = mine.waiting() if mine.bed.is_up else []
        rows: list[tuple[str, ...]] = []
        rows += [(each.letter, each.segment.from_host, flag_words(each.segment.flags)) for each in waiting]
        told = super().twin() if mine.paused else NOTHING
        parts = [self._lead(), table(rows) if rows else "", "" if told == NOTHING else told, "\n".join(mine.lines)]
        return "\n\n".join(part for part in parts if part)

    # ---- asked

    def do_choose(self, which: int) -> dict[str, Any]:
        """Follow another connection; what waits of others is named by its ports."""
        answer = super().do_choose(which)
        self._read()
        return answer

    def do_pause(self) -> None:
        """Hold everything from now on."""
        self._step(self._stepping.pause)

    def do_resume(self) -> None:
        """Let it run."""
        self._step(self._stepping.resume)

    def do_deliver(self, number: int) -> None:
        """Let a segment arrive."""
        self._step(self._stepping.deliver, number)

    def do_drop(self, number: int) -> None:
        """Throw a segment away."""
        self._step(self._stepping.drop, number)

    def do_duplicate(self, number: int) -> None:
        """Let a segment arrive twice."""
        self._step(self._stepping.duplicate, number)

    def do_delay(self, number: int, after_ms: Any) -> dict[str, Any] | None:
        """Let a segment arrive later; a delay that is none is refused with the nearest that is."""
        try:
            given = float(after_ms)
            self._step(self._stepping.delay, number, int(given) if given.is_integer() else given)
        except (BadValue, TypeError, ValueError, OverflowError) as error:
            if isinstance(error, BadValue) and error.name != "after_ms":
                raise
            says = f"“{after_ms}” is not a delay. Delays are milliseconds from 1 to 60,000."
            again = {"number": number, "after_ms": 500}
            return {"refused": says, "button": "Delay it by 500 ms", "do": "delay", "with": again}
        return None

    def do_deliver_all(self) -> None:
        """Let all that waits arrive."""
        self._step(self._stepping.deliver_all)

    def _step(self, act: Any, *details: Any) -> None:
        act(*details)
        self._read()
        self._waker.set()  # what it brings about is seen soon

    # ---- up again, and gone

    def _again(self) -> None:
        self._stepping.resume()
        super()._again()
        self._read()

    def close(self) -> None:
        """Look no more; the last view of a paused wire lets it run."""
        if self._open:
            self._open = False
            self._stepping.views -= 1
            if not self._stepping.views:
                self._stepping.resume()
        super().close()


def debugger(bed: Testbed, wire: str | None = None) -> Debugger:
    """Show a wire that can be paused: what waits on it is delivered, dropped, duplicated or delayed by a click or key.

    It works while a cell waits in `connect()` or `recv()`, and each click writes the line of Python that does the same.

    Args:
        bed: up, with link="wire"
        wire: which one, by name, where there are several; the first by default

    Raises:
        BadValue: there is no such wire, or none at all.
        WorldDown: the bed is not up.

    >>> debugger(bed)                                    # doctest: +SKIP
    """
    name = wire or bed.spans[0].name
    names = [span.name for span in bed.spans]
    if name not in names:
        raise BadValue("wire", name, f"the links of this bed: {', '.join(names)}")
    getattr(bed, name)  # refuses a bed without wires, or one that is down
    return Debugger(bed, name)
