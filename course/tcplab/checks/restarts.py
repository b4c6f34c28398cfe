"""A server that goes away and is back within the minute: the judgement of its callers' stories."""

from collections.abc import Sequence
from enum import Enum

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.checks.misconception import Lead, Misconception
from tcplab.model.conversation import Conversation
from tcplab.model.evidence import Verdict
from tcplab.model.state import TcpState
from tcplab.model.states import states


class OtherStory(Misconception, Enum):
    """What those may think whose callers met something else than a restart."""

    BY_CLIENT = (
        "TIME_WAIT is where the server is",
        "There the client closed first, so TIME_WAIT is with the client, and nothing stood in the server's way.",
    )
    RESET = "a reset is a close", "A reset leaves no TIME_WAIT: there was nothing to restart over."
    ONE_OPTION = (
        "the new server's option is enough",
        "It is gone, and does not come back. If bind() refuses, who of the two has not agreed to share the port?",
    )
    NO_GAP = (
        "a new listener is a restart",
        "Nobody has found the door shut, so how is one to know that it was? Let a caller come in between.",
    )


def judged_restart(talks: Sequence[Conversation], port: int) -> Verdict:
    """Judge what became of the callers of a port, in their order."""
    if not talks:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    kinds = [_kind(talk) for talk in talks]
    story = ["served", "refused", "served"]
    if any(kinds[at : at + 3] == story for at in range(len(kinds) - 2)):
        return passed(
            "Served, refused, served, all within the minute: the port was free to who had agreed to share it."
        )
    return not_yet(_other_story(kinds), expected=", ".join(story), got=", ".join(kinds))


def _kind(talk: Conversation) -> str:
    """What became of a caller: "served" stands for a connection that left TIME_WAIT with the server."""
    if not any(turn.segment.flags == "SA" for turn in talk):
        return "refused" if was_reset(talk) else "unanswered"
    if was_reset(talk):
        return "reset"
    told = states(talk)
    if told.server[-1].state is TcpState.TIME_WAIT:
        return "served"
    if told.client[-1].state is TcpState.TIME_WAIT:
        return "closed by the client"
    return f"not closed ({flags(talk)})"


def _other_story(kinds: list[str]) -> Lead:
    if "closed by the client" in kinds:
        return OtherStory.BY_CLIENT
    if "reset" in kinds:
        return OtherStory.RESET
    if kinds[-1].startswith("not closed"):
        return "A connection is still open: the server closes it first, then the client."
    if kinds[-1] == "refused":
        return OtherStory.ONE_OPTION
    if "refused" not in kinds:
        return OtherStory.NO_GAP
    return "The three have to follow one another: served, refused, served."
