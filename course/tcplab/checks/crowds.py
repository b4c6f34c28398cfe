"""A gateway with few ports: how many it served at once, and what became of one too many."""

from collections.abc import Sequence
from enum import Enum

from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.checks.misconception import Lead, Misconception
from tcplab.model.evidence import Verdict
from tcplab.model.passage import Passing, Treatment
from tcplab.model.segment import Fate
from tcplab.model.tracked import Tracked


class Crowds(Misconception, Enum):
    """What those may think whose gateway serves another number, or whose last SYN does not vanish."""

    REFUSES = (
        "a full gateway refuses",
        "There is a RST: somebody said no. Keep a listener on that port, and let the gateway be silent.",
    )
    SILENT = (
        "silence is the gateway's",
        "That SYN did come out of the gateway. It is the server that did not answer.",
    )
    UNUSED = (
        "an unused variable keeps a connection open",
        (
            "Some were over when the SYN vanished. Keep the sockets of both ends; and a listener that closes resets"
            " what nobody has accepted."
        ),
    )
    RANGE = (
        "a range ends before its last port",
        (
            "More than {most} came through: how many ports does the rule leave, both ends of the range counted? And"
            " does an older rule come first?"
        ),
    )


def judged_crowd(entries: object, found: Sequence[Passing], port: int, most: int) -> Verdict:
    """Judge whether a gateway served some connections at once, and let one more vanish.

    Args:
        entries: what the gateway remembers of that port, if the learner hands it over
        found: what crossed to and from the port
        port: the server's
        most: how many are to be served
    """
    begun = [at for at, one in enumerate(found) if _opened(one) and one.inside]
    if not begun:
        return unseen(f"Nobody has asked for port {port} yet: replace the three dots.")
    last = found[begun[-1]].names[0]
    start = next(at for at in begun if found[at].names[0] == last)
    remembered = _remembered(entries)
    served = len(_open_connections(found[:start])) if remembered is None else remembered
    attempt = [one for one in found[start:] if one.names[0] == last or one.names[0] is None]
    if any(one.segment.flags == "SA" and one.treatment is Treatment.PASSED for one in attempt):
        return _all_served(len(_open_connections(found)) if remembered is None else remembered, most)
    got = f"{served} open, and one more that nobody served"
    if any("R" in one.segment.flags for one in attempt):
        lead: Lead = Crowds.REFUSES
    elif any(one.inside and one.inside.fate is Fate.DROPPED for one in attempt):
        lead = "A rule of the wire has dropped it. Here the gateway is to have no port left."
    elif any(_opened(one) and one.outside for one in attempt):
        lead = Crowds.SILENT
    elif served == most:
        return passed(f"{most} served, and the next SYN goes in and never comes out. Nobody has said no.")
    elif served < most and any(_over(one) for one in found[:start]):
        lead = Crowds.UNUSED
    else:
        lead = "The SYN vanished at another number. How many ports does the rule leave?"
    return not_yet(lead, expected=f"{most} open at once, and one SYN that vanishes", got=got)


def _remembered(entries: object) -> int | None:
    """How many open connections the gateway knows: those of an earlier try, deleted there, count no more."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return None
    return sum(isinstance(one, Tracked) and one.state == "ESTABLISHED" for one in entries)


def _open_connections(found: Sequence[Passing]) -> set[object]:
    """Which of the client's ends have been served so far, and not closed or reset."""
    still: set[object] = set()
    for one in found:
        end = one.names[0]
        if one.segment.flags == "SA" and one.treatment is Treatment.PASSED:
            still.add(end)
        elif _over(one):
            still.discard(end)
    return still


def _all_served(count: int, most: int) -> Verdict:
    if count > most:
        lead: Lead = Crowds.RANGE.filled(most=most)
    elif count == most:
        lead = f"{most} served. Now one more, and do not wait long for it."
    else:
        lead = f"Not {most} at once yet. Open them, and keep them open."
    got = f"{count} open, and none that vanished"
    return not_yet(lead, expected=f"{most} open at once, and one SYN that vanishes", got=got)


def _opened(one: Passing) -> bool:
    return one.segment.flags == "S"


def _over(one: Passing) -> bool:
    """Whether it ends its connection, or begins to."""
    return "F" in one.segment.flags or "R" in one.segment.flags
