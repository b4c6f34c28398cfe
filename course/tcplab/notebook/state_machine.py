"""The state machine for print: both ends of a connection, and the way that each has taken."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tcplab.model.conversation import Conversation
from tcplab.model.segment import Segment
from tcplab.model.standing import Entered, Standing, with_beginning
from tcplab.notebook.display import present
from tcplab.notebook.ladder import NOTHING, chosen
from tcplab.notebook.steps import Side, Step, steps

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDES: Final[tuple[Side, Side]] = ("client", "server")


def state_machine(segments: Iterable[Segment] | Conversation, *, which: int = -1, title: str | None = None) -> None:
    """Draw RFC 9293's eleven states, and the way of both ends of one connection on them.

    States are worked out from the segments, as `ladder` does it. What moves while it happens is
    `tcplab.live.machine.machine(bed)`, which also asks the kernel.

    Args:
        segments: what a wire recorded, or a capture; or one Conversation
        which: which connection, in the order of their first segments; -1 is the newest
        title: stands above the picture

    Raises:
        BadValue: there is no such connection

    >>> state_machine([])
    Nothing has crossed the wire yet. Run the next cell, or open a connection yourself.
    """
    talk = chosen(segments, which)
    if talk is None:
        print(NOTHING)
        return
    walked = steps(talk)
    ends = {side: Standing(with_beginning(way(walked, side))) for side in SIDES}

    def draw() -> "Figure":
        from tcplab.notebook.state_machine_figure import figure

        return figure(ends, title=title)

    says = f"Client in {ends['client'].state}, server in {ends['server'].state}."
    words = "\n".join([says, "", *(f"{side}: {ends[side]}" for side in SIDES)])
    present(draw, words if title is None else f"{title}\n\n{words}", says=says)


def way(walked: Sequence[Step], side: Side) -> list[Entered]:
    """What the segments tell of one end; a FIN that comes again begins TIME_WAIT anew."""
    entered: list[Entered] = []
    for turn, step in enumerate(walked, start=1):
        if step.side == side:
            again = bool(entered) and entered[-1].state is step.state
            cause = "FIN came again" if again else step.cause.partition(":")[0]
            entered = [*(entered[:-1] if again else entered), Entered(step.state, cause, "wire", turn)]
    return entered
