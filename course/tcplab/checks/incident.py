"""A case, judged: the diagnosis, the repair under load, and what worked before."""

from collections.abc import Iterator
from enum import Enum

from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.checks.harm import Harm, judged_harm, judged_house_rule
from tcplab.checks.misconception import Misconception
from tcplab.checks.unmended import judged_unmended
from tcplab.model.evidence import Verdict
from tcplab.model.incident import Aftermath, Cause


def judged_case(after: object) -> Verdict:
    """Judge what came of a case; anything but an Aftermath is no attempt."""
    if after is ...:
        return unseen("There is no diagnosis yet: case.diagnose(side=…, mechanism=…), and then mend it.")
    if not isinstance(after, Aftermath):
        return not_yet("Let the case be examined: case.examined() is what is judged.", got=type(after).__name__)
    return next(_verdicts(after))


def judged_unseen(after: Aftermath) -> Verdict | None:
    """Judge what needs no load: the diagnosis, and what must not be; None where all that is in order."""
    return next((found for judge in _UNSEEN if (found := judge(after)) is not None), None)


def _verdicts(after: Aftermath) -> Iterator[Verdict]:
    for judged in (judged_unseen, judged_unmended, _worked_before):
        if (found := judged(after)) is not None:
            yield found
    crowds = sum(served.asked for served in after.served.values())
    yield passed(f"{_why(after.causes)} Of {crowds:,} requests under load every one is served well.")


# ---- diagnosis


def _diagnosis(after: Aftermath) -> Verdict | None:
    said = ", and ".join(f"{side}: {mechanism}" for side, mechanism in after.diagnoses)
    missing = [cause for cause in after.causes if not any(_named(cause, one) for one in after.diagnoses)]
    if not missing:
        return None
    expected = "the side and the mechanism" if len(after.causes) == 1 else "two sides, and for each its mechanism"
    if len(missing) < len(after.causes):
        return not_yet(
            "One of the two is found. Who else complains, and where does that lead?", expected=expected, got=said
        )
    for side, mechanism in after.diagnoses:
        if mechanism in _INNOCENT:
            return not_yet(_INNOCENT[mechanism], expected=expected, got=said)
        if any(mechanism == cause.mechanism for cause in missing):
            return not_yet(
                f"The mechanism is the right one; on the {side} it is not. Whose sockets, counters or files show it?",
                expected=expected,
                got=said,
            )
        on_this_side = [cause for cause in missing if side in cause.sides]
        if mechanism == "range too small" and any(cause.mechanism in _WASTEFUL for cause in on_this_side):
            return not_yet(Innocent.FEW_PORTS, expected=expected, got=said)
        if on_this_side:
            return not_yet(
                f"It lies there, and it is something else. What would {mechanism!r} leave behind for you to see?",
                expected=expected,
                got=said,
            )
    return not_yet(
        "That is not it. Go from the complaint to the first host where a request does not go on.",
        expected=expected,
        got=said,
    )


def _named(cause: Cause, diagnosis: tuple[str, str]) -> bool:
    side, mechanism = diagnosis
    return side in cause.sides and mechanism == cause.mechanism


class Innocent(Misconception, Enum):
    """What those may think who accuse what is there on good days, too, or mend by doing without."""

    TIME_WAITS = (
        "too many TIME_WAITs",
        (
            "TIME_WAITs on the side that is connected to take no port and next to no memory (lab 06)."
            " They are there in good days, too."
        ),
    )
    FIN_WAIT2 = (
        "FIN_WAIT2 too long",
        "Nobody waits for an orphan in FIN_WAIT2: it has a clock, and ends alone (lab 07). What do requests wait for?",
    )
    FEW_PORTS = (
        "few ports are the cause",
        "So few ports were enough on good days, and the house allows no more. What takes so many of them tonight?",
    )
    NO_POOL = (
        "without a pool there is no race",
        "The complaint is answered, and the pool is gone: a connection to the shop for each request (lab 10).",
    )


FORESEEN: tuple[Misconception, ...] = (*Innocent, *Harm)
"""What may be behind any case, whatever is wrong in it."""

_INNOCENT = {one.idea: one for one in (Innocent.TIME_WAITS, Innocent.FIN_WAIT2)}  # a mechanism may be named so

_WASTEFUL = ("no pool", "pool too small")  # where ports are few, and it is not for that

_UNSEEN = (_diagnosis, judged_harm, judged_house_rule)


# ---- what worked before

_REGRESSIONS = {
    "metrics": "The metrics are dark: the agent's lines were in the way, and somebody needs them.",
    "pages": "Pages that many ask for at a time are not all served.",
    "late orders": "An order after a quiet spell fails now: does one side close what the other takes for open?",
    "banks": "Connections that end well no more: what happens to TIME_WAITs?",
    "catalogues": "Large downloads do not arrive whole any more.",
    "probes": "The balancer's probes leave connections behind on the shop.",
}


def _worked_before(after: Aftermath) -> Verdict | None:
    for crowd, served in after.served.items():
        if not served.all_well:
            message = _REGRESSIONS.get(crowd, "What they need does not work any more.")
            return not_yet(
                f"The complaint is answered, and there is a new one. {message}",
                expected=f"{served.asked} of {served.asked} {crowd} served well, as before",
                got=repr(served),
            )
    pages = after.served.get("pages")
    if (
        pages
        and after.edited("proxy.conf")
        and after.opened > pages.asked // 2
        and "PERSISTENT = True" in after.now.files["shop.py"]
    ):
        got = f"{after.opened} connections for {pages.asked} pages"
        return not_yet(Innocent.NO_POOL, expected="a pool that is used", got=got)
    return None


# ---- passed

_BECAUSE = {
    "range too small": "Ports are few, and each is taken: connect() has none to give.",
    "no pool": "Each request took a port of the proxy's for a minute; now a few connections carry them all.",
    "pool too small": "What found no place in the pool was closed, and left its port in TIME_WAIT.",
    "timeouts cross": "Who is asked must wait longer than who asks. Then nobody sends into a FIN.",
    "connections leak": "Each probe left a connection in CLOSE_WAIT, until no descriptor was left for a customer.",
    "TIME_WAIT cut short": "A TIME_WAIT without room is destroyed at birth, and the peer's FIN is answered with RST.",
    "backlog overflows": "Who found no room before accept() was not refused: its SYN was dropped, to try again later.",
    "no timestamps": "tcp_tw_reuse asks for timestamps on both sides, for they tell old segments from new.",
    "ports bound": "A port that bind() has taken is taken for every destination. connect() alone shares it.",
    "upstream hangs": "A kernel that acknowledges is no program that answers.",
    "upstream is dead": "Who is gone says nothing, not even no; nginx asked it in turn, and waited.",
    "middle forgets": "A line must be used, or given up, before somebody on its way forgets it.",
    "segments lost": "Small answers need no ACK to be whole; large ones wait for it.",
    "closed by reset": "RST throws away what is on its way; only small answers were fast enough.",
}


def _why(causes: tuple[Cause, ...]) -> str:
    return " ".join(_BECAUSE[cause.mechanism] for cause in causes)
