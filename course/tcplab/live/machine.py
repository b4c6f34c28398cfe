"""The state machine: both ends of a connection on RFC 9293's eleven states, as they move."""

from time import thread_time
from typing import TYPE_CHECKING, Any

import traitlets

from tcplab.errors import BadValue, WorldDown
from tcplab.live.diagram import diagram
from tcplab.live.explained import WAITS_FOR
from tcplab.live.source import script, style
from tcplab.live.view import View
from tcplab.live.whereabouts import Seen, Whereabouts, source
from tcplab.notebook.display import graphics
from tcplab.notebook.state_machine import SIDES

if TYPE_CHECKING:
    from tcplab.live.connections import Found
    from tcplab.model.standing import Standing
    from tcplab.testbed import Testbed

_PART = 0.1  # of one processor core, at most, goes into looking
_SLOWEST_S = 1.0
_IN_A_BURST_S = 0.25  # each look finds another connection: nobody could follow them


class Machine(View):
    """Both ends of one connection on the state machine; see machine()."""

    _esm = f"const MACHINE = {diagram()};\n" + script(
        "copy.js", "code.js", "machine_picture.js", "machine_panel.js", "machine.js"
    )
    _css = style("machine.css")

    ends = traitlets.Dict().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)
    followed = traitlets.Unicode("").tag(sync=True)
    printed = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    def __init__(self, bed: "Testbed", which: int = -1) -> None:
        self._bed = bed
        self._where = Whereabouts(bed, which)
        self._replaced = 0
        super().__init__(note=source(bed))
        if graphics():
            self.look()

    def twin(self) -> str:
        """Return the way of both ends as text, once all that was sent has arrived."""
        with self._asking:
            return self._said(self._where.look(settled=True))

    def _look(self) -> None:
        begun = thread_time()
        seen = self._where.look()
        followed = "" if seen.talk is None else seen.talk.key
        self._replaced = self._replaced + 1 if followed != self.followed else 0
        with self.hold_trait_notifications():
            self.choices = [list(choice) for choice in seen.choices]
            self.followed = followed
            self.printed = "" if seen.talk is None else _printed(seen.talk)
            self.ends = {side: _told(seen.ends[side]) for side in SIDES}
            self.lead, self.words = seen.lead, self._said(seen)
        rest_s = _IN_A_BURST_S if self._replaced > 1 else View.period_s
        if not self._bed.is_up:
            raise WorldDown("A world")  # what its wire recorded is drawn, whole
        self.period_s = min(max(rest_s, (thread_time() - begun) / _PART), _SLOWEST_S)

    def _again(self) -> None:
        self._bed.again()

    def do_choose(self, key: str) -> None:
        """Follow one connection, by its key; the empty key follows the newest."""
        keys = [each for each, _ in self.choices]
        if key not in ("", *keys):
            raise BadValue("key", key, f"one of {', '.join(keys)}, or nothing for the newest")
        self._where.chosen = self.chosen = key
        self._look()

    def do_connect(self) -> dict[str, Any]:
        """Open a connection once and close it, the client first."""
        with self._bed.server.listen(0) as listener:
            mine = self._bed.client.connect(self._bed.server, listener.getsockname()[1])
            theirs, _ = listener.accept()
            mine.close()
            self._bed.settle()  # its FIN has arrived
            theirs.close()
        return {}

    def _said(self, seen: Seen) -> str:
        if seen.talk is None and all(len(seen.ends[side].way) == 1 for side in SIDES):
            return seen.lead
        lines = [seen.lead, "", *(f"{side}: {seen.ends[side]}" for side in SIDES), ""]
        lines += [f"{side} {_waits(seen.ends[side])}" for side in SIDES]
        lines += [f"{side}: {seen.ends[side].remark}" for side in SIDES if seen.ends[side].remark]
        return "\n".join([*lines, *filter(None, [self.note])])


def _waits(end: "Standing") -> str:
    cause = f" ({end.cause})" if end.cause else ""
    return f"is in {end.state}{cause} and waits for {WAITS_FOR[end.state]}."


def _printed(talk: "Found") -> str:
    """The code that draws the same for print; what has no wire has no record to draw from."""
    if not talk.wire:
        return ""
    drawn = f"state_machine(bed.{talk.wire}.segments, which={talk.place})"
    return f"from tcplab.notebook.state_machine import state_machine\n{drawn}"


def _told(end: "Standing") -> dict[str, Any]:
    """What a browser must know of one end."""
    left_s = None if end.left_s is None else round(end.left_s)
    way = [[str(each.state), each.cause, each.witness, each.turn] for each in end.way]
    return {"way": way, "left": left_s, "remark": end.remark}


def machine(bed: "Testbed", *, which: int = -1) -> Machine:
    """Show RFC 9293's eleven states, and both ends of a connection moving on them.

    States come from two sources: the wire's segments tell the way, with states that last for no time that anybody could
    look at; the kernel's socket table tells where both are now, and how long TIME_WAIT's clock still runs. Where they
    differ, the picture says so. A bed without a wire has only the second.

    Args:
        bed: whose connections
        which: which connection, in the order of their first segments; -1 is the newest, and goes on to newer ones

    >>> machine(bed)                        # doctest: +SKIP
    Client in TIME_WAIT, server in CLOSED.
    """
    return Machine(bed, which)
