"""A FIN said again and again, to scale: when, and what TIME_WAIT's clock did meanwhile."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.conversation import Conversation
from tcplab.notebook.display import present
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Clock = Sequence[tuple[float, float]]


def repeats(*, clock: Clock = (), **talks: Conversation) -> None:
    """Draw when each connection's last FIN was sent, first and again: one row a connection, seconds to scale.

    Args:
        clock: what TIME_WAIT's clock showed meanwhile, pairs of time.monotonic() and seconds left
        talks: connections by the name that their row shall have, `_` for a blank

    Raises:
        BadValue: a connection has no FIN, or there is none to draw

    >>> repeats(as_it_is=lost_last_ack)     # doctest: +SKIP
    """
    rows = {name.replace("_", " "): sent_s(talk) for name, talk in talks.items()}
    if not rows or not all(rows.values()):
        raise BadValue("talks", talks, "one or more connections in which a FIN was sent")

    def draw() -> "Figure":
        from tcplab.notebook.repeats_figure import figure

        return figure(rows, aligned(clock))

    words = [twin(name, times_s) for name, times_s in rows.items()]
    if clock:
        words.append(f"TIME_WAIT's clock never showed less than {int(min(left for _, left in clock))} s.")
    present(draw, "\n\n".join(words), says=" ".join(lead_sentence(name, row) for name, row in rows.items()))


def sent_s(talk: Conversation) -> tuple[float, ...]:
    """When the FIN that was sent last was sent, first and again: seconds from the first; empty without a FIN."""
    fins = [turn for turn in talk if "F" in turn.segment.flags]
    if not fins:
        return ()
    times = [
        turn.segment.time_s for turn in fins if (turn.from_client, turn.seq) == (fins[-1].from_client, fins[-1].seq)
    ]
    return tuple(time_s - times[0] for time_s in times)


def aligned(clock: Clock) -> list[tuple[float, float]]:
    """A clock's looks, with seconds from the moment at which it showed 60."""
    return [(at - clock[0][0] + 60 - clock[0][1], left) for at, left in clock]


def lead_sentence(name: str, times_s: Sequence[float]) -> str:
    """Say how often the FIN was sent, and in which time."""
    count = len(times_s) - 1
    again = {0: "never again", 1: "once more"}.get(count, f"{count} times more")
    return f"{name}: a FIN, and {again}{f' in {int(times_s[-1])} s' if times_s[-1] >= 1 else ''}."


def twin(name: str, times_s: Sequence[float]) -> str:
    """Return a row as text: each gap, and how it compares with the gap before."""
    gaps = [later - earlier for earlier, later in pairwise(times_s)]
    before = [0.0, *gaps]
    rows: list[tuple[str, ...]] = [
        (f"again {at}", f"after {gap:.2f} s", _compared(gap, before[at - 1])) for at, gap in enumerate(gaps, 1)
    ]
    return "\n".join([lead_sentence(name, times_s), *([table(rows)] if rows else [])])


def _compared(gap: float, before: float) -> str:
    if not before:
        return ""
    times = gap / before
    if times < 1.5:
        return "as long as the gap before" if times > 0.67 else "shorter"
    return f"{round(times)} × the gap before"
