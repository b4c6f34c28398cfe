"""Who is left holding TIME_WAIT: the judgement of a learner's answers for four ways to end a connection."""

from collections.abc import Mapping
from enum import Enum

from tcplab.checks.misconception import Misconception
from tcplab.checks.words import judged_words
from tcplab.model.evidence import Verdict

SITUATIONS = ("half_closed", "killed", "crossing", "unread")
HOLDERS = ("client", "server", "both", "neither")


class Holders(Misconception, Enum):
    """What those may think who name another holder."""

    WHO_CALLS = (
        "who calls close() first holds it",
        "The client is the first to call close(), but not the first to say FIN. What does shutdown() send?",
    )
    BOTH_HALF_CLOSED = (
        "both sides pass through TIME_WAIT",
        "One FIN answers the other: the client had heard of it.",
    )
    NO_CALL = "no close(), no TIME_WAIT", "There are two FINs, and so a last ACK: who sends it?"
    NOTHING_LEFT = (
        "a killed program leaves nothing",
        "A dead program says nothing, but its kernel closes what it held. Look for the first FIN.",
    )
    SURVIVOR = "who survives holds it", "The server only answered. Whose FIN came first?"
    BOTH_KILLED = "both sides pass through TIME_WAIT", "One FIN answers the other. Which?"
    CLIENT_FIRST = "one side is always first", "Had the server heard of the client's FIN when it sent its own?"
    SERVER_FIRST = "one side is always first", "Had the client heard of the server's FIN when it sent its own?"
    CANCELLED = "a tie cancels TIME_WAIT", "Both said FIN, and each still owes the other an ACK."
    ALWAYS_FIN = (
        "every close() sends a FIN",
        "The server closes first, and yet it says no FIN. Read the flags of the last segment.",
    )
    WHO_ASKS = "who asks holds it", "The client has not even closed. Read the flags of the last segment."
    BOTH_RESET = "both sides pass through TIME_WAIT", "Count the FINs in that conversation."


_LEADS = {
    "half_closed": {
        "client": Holders.WHO_CALLS,
        "both": Holders.BOTH_HALF_CLOSED,
        "neither": Holders.NO_CALL,
    },
    "killed": {"neither": Holders.NOTHING_LEFT, "server": Holders.SURVIVOR, "both": Holders.BOTH_KILLED},
    "crossing": {"client": Holders.CLIENT_FIRST, "server": Holders.SERVER_FIRST, "neither": Holders.CANCELLED},
    "unread": {"server": Holders.ALWAYS_FIN, "client": Holders.WHO_ASKS, "both": Holders.BOTH_RESET},
}


def judged_holders(answer: object, held: Mapping[str, str]) -> Verdict:
    """Judge {"half_closed": "client", …} for the four situations.

    Args:
        answer: what the learner wrote; `...` anywhere says: not attempted
        held: who is left holding it, as the wire shows; empty for a situation that has not happened yet
    """
    return judged_words(
        answer,
        {situation: held[situation] for situation in SITUATIONS},
        HOLDERS,
        lambda situation, said: _LEADS[situation].get(said, "Look at both tables again."),
        shown_by="what the tables show",
        well="All four: the server, the client, both, and neither. What counts is the FIN, not the program.",
    )
