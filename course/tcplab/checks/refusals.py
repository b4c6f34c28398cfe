"""Four ports, each refused at another question of connect()'s walk: the judgement of what a learner has built."""

from collections.abc import Sequence
from enum import Enum

from tcplab.checks.exercise import not_attempted, not_yet, passed
from tcplab.checks.misconception import Misconception
from tcplab.model.evidence import Verdict
from tcplab.model.reuse import Question, Walk
from tcplab.model.segment import Segment

FOUR = 4


class Refusals(Misconception, Enum):
    """What those may think whose ports are refused at fewer than four questions."""

    BOUND = (
        "bind() is part of the search",
        "Walk to port {port} of the server, and let the kernel choose the local port.",
    )
    IN_USE = "a port in use is refused", "That one connected: port {port} was taken. {why}"
    ONE_CAUSE = (
        "EADDRNOTAVAIL has one cause",
        "All are refused, and some for the same reason. Who else can hold a port?",
    )


def judged_refusals(walked: object, segments: Sequence[Segment], port: int) -> Verdict:
    """Judge a walk through ports that ends nowhere.

    Args:
        walked: what the learner hands over; `...` says: not attempted
        segments: what the wire has seen
        port: the server's, to which the walk is to go
    """
    if walked is ...:
        return not_attempted()
    if not isinstance(walked, Walk):
        return not_yet("Hand over what walk() returned.", expected="walked = walk(…)", got=repr(walked))
    seen = walked.search
    if (seen.destination_port, seen.bound) != (port, False):
        lead = Refusals.BOUND.filled(port=port)
        return not_yet(
            lead if seen.bound else lead.says,
            expected=f"a walk to port {port}, without bind",
            got=f"to port {seen.destination_port}{', bound' if seen.bound else ''}",
        )
    if len(seen.ports) < FOUR:
        return not_yet("Four ports, as the cell sets them.", expected="4 ports", got=f"{len(seen.ports)}")
    if walked.port is not None:
        lead = Refusals.IN_USE.filled(port=walked.port, why=_why_taken(walked))
        misled = walked.paths and not walked.paths[0].reuses
        return not_yet(lead if misled else lead.says, expected="EADDRNOTAVAIL", got=f"port {walked.port}")
    return _distinct(walked, segments, port)


def _why_taken(walked: Walk) -> str:
    paths = walked.paths
    found = next((path for path in walked.search.paths(walked.before_s) if path.port == walked.port), None)
    if found and found.end is Question.AGE and not found.taken:
        return "It was too fresh only for a moment. What else could stop it, that does not pass?"
    if not paths:
        return "Walk again."
    if paths[0].reuses:
        return "Its TIME_WAIT was old enough. What else could stop it, that does not pass?"
    return f"It got out at “{paths[0].end}”. Only a connection to the same place, or bind(), can stand in its way."


def _distinct(walked: Walk, segments: Sequence[Segment], port: int) -> Verdict:
    held = [one.number for one in walked.search.ports if one.state is not None]
    went = {segment.source.port for segment in segments if segment.destination.port == port}
    if missing := sorted(set(held) - went):
        return not_yet(
            "The wire has not seen these connections: make them with this bed.",
            expected=f"connections to port {port}",
            got=f"none from {', '.join(map(str, missing))}",
        )
    ends = [str(path.end) for path in walked.paths]
    if len(set(ends)) == len(ends) >= FOUR:
        return passed("Four ports, four questions, one error: EADDRNOTAVAIL never says which. Now you can ask.")
    twice = next((end for end in ends if ends.count(end) > 1), "")
    return not_yet(
        Refusals.ONE_CAUSE,
        expected=f"{FOUR} ports, each refused at another question",
        got=f"{ends.count(twice)} at “{twice}”" if twice else "a refusal that the questions do not explain",
    )
