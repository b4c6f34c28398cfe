"""A request that crosses the server's FIN: whether it happened, and whether its caller was spared."""

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

from tcplab.checks.closes import flags
from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.checks.misconception import Misconception
from tcplab.model.conversation import Conversation, Turn
from tcplab.model.evidence import Verdict


class NoRace(Misconception, Enum):
    """What those may think who have met no race, or not survived it."""

    SEEN = (
        "the caller has to see it",
        (
            "There is the race, and your caller got an error. Now mend it: have the same request answered all the same,"
            " in the same cell."
        ),
    )
    RESET = (
        "the server resets idle connections",
        "That server hung up with a RST and said no FIN. Here it closes in good order, and is answered too late.",
    )
    KEPT = (
        "keeping a connection keeps the server",
        "The server has not closed. It does by itself, when a connection rests for `idle_s`.",
    )
    BY_CLIENT = (
        "who closes does not matter",
        "The client closed first. Then it sends nothing that could be too late.",
    )
    NEW = "a new connection is stale", "That connection never carried an answer. First use it, then let it rest."
    NO_TIME = (
        "the FIN arrives in no time",
        (
            "The server's FIN is there, and no request after it on that connection. A FIN that has arrived is seen"
            " before use: keep this one on its way."
        ),
    )
    ARRIVED = (
        "a FIN that has arrived is the race",
        "Your request left after the FIN had arrived: the client could have known. Keep the FIN on the wire.",
    )
    ALL_HELD = (
        "every segment is held",
        "FIN and request are there; the RST is not. Hold the FIN, and nothing else.",
    )


def judged_race(talks: Sequence[Conversation], port: int) -> Verdict:
    """Judge what was done on a port to meet the race, and to survive it: its conversations, in order."""
    if not talks:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    raced = [at for at, talk in enumerate(talks) if _raced(talk)]
    if not raced:
        return not_yet(
            _no_race(talks[-1]),
            expected="a request sent while the server's FIN was on its way, and a RST for it",
            got=flags(talks[-1])[:60],
        )
    later = talks[raced[-1] + 1 :]
    if not any(_answered(talk) for talk in later):
        return not_yet(NoRace.SEEN, expected="a second connection, with an answer", got="one connection")
    return passed("FIN on its way, request, RST; and the same request once more, on a new connection: answered.")


def _fin(talk: Conversation, *, from_client: bool) -> Turn | None:
    return next((t for t in talk if t.from_client is from_client and "F" in t.segment.flags), None)


def requests(talk: Conversation) -> list[Turn]:
    """The segments with which a client asks, each once."""
    return [turn for turn in talk if turn.from_client and turn.segment.payload_bytes and not turn.sent_again]


def _answered(talk: Conversation) -> bool:
    """Whether the server has said anything after it was asked."""
    speakers = [turn.from_client for turn in talk if turn.segment.payload_bytes]
    return (True, False) in pairwise(speakers)


def _raced(talk: Conversation) -> bool:
    fin = _fin(talk, from_client=False)
    if fin is None or not _answered(talk):
        return False
    late = [turn for turn in requests(talk) if turn.segment.time_s > fin.segment.time_s]
    arrives = fin.segment.delivered_s
    in_flight = [turn for turn in late if arrives is None or turn.segment.time_s < arrives]
    return bool(in_flight) and any("R" in turn.segment.flags and not turn.from_client for turn in talk)


def _no_race(talk: Conversation) -> NoRace:
    fin, reset = _fin(talk, from_client=False), any("R" in turn.segment.flags for turn in talk)
    if fin is None:
        return NoRace.RESET if reset else NoRace.KEPT
    mine = _fin(talk, from_client=True)
    if mine is not None and mine.segment.time_s < fin.segment.time_s:
        return NoRace.BY_CLIENT
    if not _answered(talk):
        return NoRace.NEW
    late = [turn for turn in requests(talk) if turn.segment.time_s > fin.segment.time_s]
    if not late:
        return NoRace.NO_TIME
    if fin.segment.delivered_s is not None and late[0].segment.time_s >= fin.segment.delivered_s:
        return NoRace.ARRIVED
    return NoRace.ALL_HELD
