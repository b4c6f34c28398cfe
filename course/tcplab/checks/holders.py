"""Who is left holding TIME_WAIT: the judgement of a learner's answers for four ways to end a connection."""

from collections.abc import Mapping

from tcplab.checks.words import judged_words
from tcplab.model.evidence import Verdict

SITUATIONS = ("half_closed", "killed", "crossing", "unread")
HOLDERS = ("client", "server", "both", "neither")

_LEADS = {
    "half_closed": {
        "client": (
            "The client is the first to call close(), but not the first to say FIN. What does shutdown() send?",
            "who calls close() first holds it",
        ),
        "both": ("One FIN answers the other: the client had heard of it.", "both sides pass through TIME_WAIT"),
        "neither": ("There are two FINs, and so a last ACK: who sends it?", "no close(), no TIME_WAIT"),
    },
    "killed": {
        "neither": (
            "A dead program says nothing, but its kernel closes what it held. Look for the first FIN.",
            "a killed program leaves nothing",
        ),
        "server": ("The server only answered. Whose FIN came first?", "who survives holds it"),
        "both": ("One FIN answers the other. Which?", "both sides pass through TIME_WAIT"),
    },
    "crossing": {
        "client": ("Had the server heard of the client's FIN when it sent its own?", "one side is always first"),
        "server": ("Had the client heard of the server's FIN when it sent its own?", "one side is always first"),
        "neither": ("Both said FIN, and each still owes the other an ACK.", "a tie cancels TIME_WAIT"),
    },
    "unread": {
        "server": (
            "The server closes first, and yet it says no FIN. Read the flags of the last segment.",
            "every close() sends a FIN",
        ),
        "client": ("The client has not even closed. Read the flags of the last segment.", "who asks holds it"),
        "both": ("Count the FINs in that conversation.", "both sides pass through TIME_WAIT"),
    },
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
        lambda situation, said: _LEADS[situation].get(said, ("Look at both tables again.", "")),
        shown_by="what the tables show",
        well="All four: the server, the client, both, and neither. What counts is the FIN, not the program.",
    )
