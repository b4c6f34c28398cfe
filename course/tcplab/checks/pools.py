"""A pool of one's own, judged by what it did in four scenes: in turn, at once, after FINs, after a break."""

from collections.abc import Sequence
from enum import Enum

from tcplab.checks.exercise import not_attempted, not_yet, passed, unseen
from tcplab.checks.misconception import Misconception
from tcplab.checks.races import requests
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Verdict
from tcplab.model.pool_trial import REQUESTS, PoolTrial
from tcplab.model.round_trips import handshakes
from tcplab.model.segment import Segment


class Pools(Misconception, Enum):
    """What those may think whose pool fails in one of the scenes."""

    ONE_EACH = (
        "a pool opens a connection for each request",
        "One request after the other, and a handshake for each. What give() gets is what the next take() wants.",
    )
    LOCKED = (
        "a lock round the whole request",
        (
            "Two callers at once: the second got nothing while the first had a connection out. Who holds what it waits"
            " for? Guard the list, not the time between take() and give()."
        ),
    )
    SHARED = (
        "a connection may be shared",
        (
            "Two callers at once got the same connection. Whose answer is it that comes back first? Who has one out"
            " must have it alone."
        ),
    )
    LOOKED_AT = (
        "to look at a connection is to have it",
        (
            "Two callers at once got the same *idle* connection: take() looked at it, and left it on the list. Who has"
            " one out must have it alone."
        ),
    )
    KEEPS_ONE = (
        "a pool keeps one",
        "Both came back, and the next two callers got new ones all the same. Keep all that come back, not one.",
    )
    ONE_DEAD = (
        "one dead connection is the only one",
        "Two idle connections were closed by the server. You looked at one, and handed out the other.",
    )
    ALIVE = (
        "an idle connection is alive",
        (
            "The server had closed the idle connection, and take() handed it out. Its FIN lay there to be seen: what"
            " does `readable` say of a connection on which nothing was asked?"
        ),
    )
    LEFT_OPEN = (
        "who is turned down is closed",
        (
            "You turned the dead one down, and kept its descriptor: your side is in CLOSE_WAIT for as long as nobody"
            " closes it (lab 07)."
        ),
    )
    HEALS = (
        "a broken connection heals",
        (
            "A request was given up with half of its answer read. The other half came, and the next caller took it for"
            " an answer of its own. What is `well` for?"
        ),
    )
    NOT_KEPT = (
        "not kept is closed",
        "You did not keep the broken one for others, and did not close it either.",
    )


def judged_pool(trial: object, segments: Sequence[Segment]) -> Verdict:
    """Judge what came of a pool's four scenes.

    Args:
        trial: what the learner hands over; `...` says: not attempted
        segments: what the wire has seen
    """
    if trial is ...:
        return not_attempted()
    if not isinstance(trial, PoolTrial):
        return not_yet("Let it be tried: tried(…) returns what is asked.", expected="a trial", got=repr(trial))
    talks = conversations(segments)
    return (
        _in_turn(trial, [talk for talk in talks if talk.server.port == trial.port])
        or _at_once(trial, handshakes(talk for talk in talks if talk.server.port == trial.port + 1))
        or _after_fins(trial)
        or _after_break(trial)
        or passed(
            f"{REQUESTS} requests, one handshake; two callers, two connections; what is dead or half read goes to"
            " nobody, and is closed."
        )
    )


def _in_turn(trial: PoolTrial, talks: list[Conversation]) -> Verdict | None:
    if trial.error.startswith("scene 1"):
        return not_yet("Your pool could not be used.", expected="a connection from take()", got=trial.error)
    used = sorted(set(trial.in_turn))
    carried = [len(requests(talk)) for talk in talks[-len(used) :]]  # earlier tries were on this port, too
    if carried != [trial.in_turn.count(number) for number in used]:
        return unseen("The wire has seen another trial than this one: run tried(…) and check in one cell.")
    if len(used) > 1:
        return not_yet(Pools.ONE_EACH, expected=f"1 handshake for {REQUESTS} requests", got=f"{len(used)} handshakes")
    return None


def _at_once(trial: PoolTrial, opened: int) -> Verdict | None:
    if trial.waited:
        return not_yet(Pools.LOCKED, expected="2 connections", got="a second caller that waits")
    if trial.error.startswith("scene 2"):
        return not_yet("In turn it worked.", expected="two connections", got=trial.error)
    if len(set(trial.at_once[:2])) < 2:
        return not_yet(Pools.SHARED, expected="2 connections", got="1 connection, shared")
    if len(set(trial.at_once[2:])) < 2:
        return not_yet(Pools.LOOKED_AT, expected="2 connections", got="1 connection, shared")
    if opened < 2 or len(set(trial.at_once)) > 2:
        got = f"{len(set(trial.at_once))} handshakes"
        return not_yet(Pools.KEEPS_ONE, expected="2 handshakes for 4 requests", got=got)
    return None


def _after_fins(trial: PoolTrial) -> Verdict | None:
    if trial.error.startswith("scene 3"):
        return not_yet("It worked until the server closed.", expected="a connection that works", got=trial.error)
    if not trial.after_fins:
        lead = Pools.ONE_DEAD if trial.dead_open < 2 else Pools.ALIVE
        return not_yet(lead, expected="the request answered", got="the request failed")
    if trial.dead_open:
        got = f"{trial.dead_open} left open"
        return not_yet(Pools.LEFT_OPEN, expected="both dead connections closed", got=got)
    return None


def _after_break(trial: PoolTrial) -> Verdict | None:
    if trial.error.startswith("scene 4"):
        return not_yet("It worked until a request broke.", expected="a connection that works", got=trial.error)
    if trial.after_break != "its own":
        return not_yet(Pools.HEALS, expected="the caller's own answer", got="the rest of another's")
    if trial.broken_open:
        return not_yet(Pools.NOT_KEPT, expected="the broken connection closed", got="left open")
    return None
