"""Two connections on one four-tuple, on one line of sequence numbers: do the second's overlap the first's?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.conversation import Conversation, Turn
from tcplab.notebook.display import present
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_UNSCALED = ("S", "SA")  # a SYN's own window is never scaled (RFC 7323, section 2.2)


@dataclass(frozen=True, slots=True)
class Line:
    """The client's numbers, counted from the old connection's SYN: where each thing lies.

    `new_end` is how far the server has it; `late` are the copies that the wire keeps, `arrived` those that it let go.
    """

    old_end: int
    new_syn: int
    new_end: int
    window_bytes: int
    late: tuple[int, ...] = ()
    arrived: tuple[int, ...] = ()

    @property
    def overlaps(self) -> bool:
        """Whether the new connection begins among the numbers of the old."""
        return self.new_syn < self.old_end


def overlap(old: Conversation, new: Conversation, late: Sequence[Turn] = ()) -> None:
    """Draw the numbers of two connections, the new one's SYN among or behind the old one's, and copies of old segments.

    Args:
        old, new: two connections with the same four-tuple, one after the other
        late: old segments that are still on the way, as `new.seen` numbers them

    Raises:
        BadValue: they are not between the same endpoints

    >>> overlap(old, new, late)     # doctest: +SKIP
    """
    if (old.client, old.server) != (new.client, new.server):
        raise BadValue("new", new, f"a connection {old.four_tuple}, as the old one")
    line = drawn(old, new, late)

    def draw() -> "Figure":
        from tcplab.notebook.overlap_figure import figure

        return figure(line)

    present(draw, twin(line), says=lead_sentence(line))


def drawn(old: Conversation, new: Conversation, late: Sequence[Turn] = ()) -> Line:
    """Where everything lies, counted from the old connection's SYN."""
    new_syn = -new.seen(old[0].segment).seq
    sent = {turn.segment.frame for turn in old if turn.from_client}
    return Line(
        old_end=max(turn.seq + turn.segment.sequence_length for turn in old if turn.from_client),
        new_syn=new_syn,
        new_end=new_syn + max((turn.ack for turn in new if not turn.from_client), default=1),
        window_bytes=window(new),
        late=tuple(new_syn + turn.seq for turn in late if turn.from_client),
        arrived=tuple(new_syn + turn.seq for turn in new if turn.from_client and turn.segment.frame in sent),
    )


def window(talk: Conversation) -> int:
    """How many bytes the server last said it would take, scaled as its SYN said; 0 where it said nothing."""
    said = [turn.segment for turn in talk if not turn.from_client]
    syn = next((segment for segment in said if "S" in segment.flags), None)
    if syn is None:
        return 0
    last = said[-1]
    return last.window << (0 if last.flags in _UNSCALED else syn.options.window_scale or 0)


def lead_sentence(line: Line) -> str:
    """Say whether they overlap."""
    if line.overlaps:
        return "The new connection begins among the numbers that the old one has used."
    return "The new connection begins behind the last number of the old one."


def twin(line: Line) -> str:
    """Return the picture as text, without the numbers, which are drawn by the kernel."""
    rows: list[tuple[str, ...]] = [("the old one", "uses the numbers from its SYN to its end")]
    rows += [("the new SYN", "lies among them" if line.overlaps else "lies behind them")]
    if any(at < line.new_end for at in line.late):
        rows.append(("copies", "behind the place that the new one has reached: too old"))
    if any(at >= line.new_end for at in line.late):
        rows.append(("copies", "ahead of it: they fit when the new one gets there"))
    for _ in line.arrived:
        rows.append(("an old segment", "arrived where the new connection was going on"))
    return "\n".join([lead_sentence(line), "", table(rows)])
