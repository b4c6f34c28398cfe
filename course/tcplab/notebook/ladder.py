"""The ladder: what was sent, what arrived, who was in which state, and why."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.segment import Segment
from tcplab.notebook.display import present
from tcplab.notebook.ladder_twin import lead_sentence, twin
from tcplab.notebook.steps import steps

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING = "Nothing has crossed the wire yet. Run the next cell, or open a connection yourself."


def ladder(
    segments: Iterable[Segment] | Conversation,
    *,
    which: int = -1,
    title: str | None = None,
    times: bool = False,
) -> None:
    """Draw one connection from its segments: two rails of states, each segment in the shape of its fate.

    The states are worked out from the segments, by the rules of RFC 9293: what the wire saw, not what the kernel says.
    To see that, ask `sockets()`.

    Args:
        segments: what a wire recorded, or a capture; or one Conversation
        which: which connection, in the order of their first segments; -1 is the newest
        title: stands above the picture
        times: whether the text twin says when each segment came to the wire, which differs from run to run

    Raises:
        BadValue: there is no such connection

    >>> ladder([])
    Nothing has crossed the wire yet. Run the next cell, or open a connection yourself.
    """
    talk = chosen(segments, which)
    if talk is None:
        print(NOTHING)
        return
    told = steps(talk)

    def draw() -> "Figure":
        from tcplab.notebook.ladder_figure import figure

        return figure(talk, told, title=title)

    words = twin(talk, told, times=times)
    present(draw, words if title is None else f"{title}\n\n{words}", says=lead_sentence(talk))


def chosen(segments: Iterable[Segment] | Conversation, which: int) -> Conversation | None:
    """Return one connection of them; None where there is none at all."""
    if isinstance(segments, Conversation):
        return segments
    talks = conversations(segments)
    if not talks:
        return None
    if not -len(talks) <= which < len(talks):
        raise BadValue("which", which, f"0 to {len(talks) - 1}, or negative to count from the newest (-1)")
    return talks[which]
