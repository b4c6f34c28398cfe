"""Sequence and acknowledgement numbers: the judgement of four hidden fields of a conversation.

The client asks, the server answers and closes first. Hidden are
?a  the ack of the server's ACK of the question
?b  the seq of the answer
?c  the seq of the server's FIN
?d  the ack with which the client acknowledges that FIN
"""

from collections.abc import Mapping
from enum import Enum

from tcplab.checks.exercise import is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.misconception import Misconception
from tcplab.model.conversation import Conversation
from tcplab.model.evidence import Verdict

_LEAD = {
    "a": "An ACK names the next byte that its sender waits for, and number 0 was the SYN.",
    "b": "Each side counts its own bytes. How many has the server sent before this segment?",
    "c": "The FIN stands behind the server's last byte: count its bytes, and its SYN.",
    "d": "A FIN carries no byte and takes a number all the same: so it can be acknowledged, lost, and sent again.",
}


class Numbers(Misconception, Enum):
    """What those may think who write another number."""

    LAST_BYTE = "an ACK names the last byte", _LEAD["a"]
    PSH = "PSH takes a number", "Bytes take numbers, and SYN and FIN. Does PSH?"
    REPEATED = (
        "an ACK repeats the seq",
        "That was true when nothing but the SYN had come. The question has come since.",
    )
    SHARED = "both sides share one count", _LEAD["b"]
    SHARED_BY_FIN = (
        "both sides share one count",
        "So many the client has sent. Whose bytes does the server's FIN follow?",
    )
    SYN_FIRST = "the SYN takes no number", "Number 0 is taken: by which segment of the server's?"
    SYN = "the SYN takes no number", _LEAD["c"]
    FIN_AFTER = (
        "the FIN counts before it is sent",
        "The FIN's seq is the number that it takes, not the one after it.",
    )
    FIN = "a FIN takes no number", _LEAD["d"]


def judged_numbers(answer: object, talk: Conversation | None, asked: int, told: int) -> Verdict:
    """Judge {"a": …, "b": …, "c": …, "d": …} on the conversation they are about.

    Args:
        answer: what the learner wrote; `...` anywhere says: not attempted
        talk: the conversation, None where there is none yet
        asked: how many bytes the client is to ask with
        told: how many the server is to answer with
    """
    if is_open(answer):
        return not_attempted()
    if talk is None:
        return unseen("The wire has seen no such conversation yet: run the cell above.")
    said = [sum(turn.segment.payload_bytes for turn in talk if turn.from_client is client) for client in (True, False)]
    if said != [asked, told]:
        return unseen(f"Your conversation has {asked} bytes asked and {told} answered: run the cell above again.")
    if not isinstance(answer, Mapping) or set(answer) != set(_LEAD):
        return not_yet("Four numbers are asked.", expected="a=…, b=…, c=…, d=…", got=repr(answer))

    right = {"a": 1 + asked, "b": 1, "c": 1 + told, "d": 2 + told}
    for field, number in right.items():
        got = answer[field]
        if type(got) is not int:
            return not_yet(f"?{field} is a whole number.", expected="a number, without quotes", got=repr(got))
        if got != number:
            lead = _foreseen(field, asked, told).get(got, _LEAD[field])
            return not_yet(lead, about=f"?{field}", expected=f"another number for ?{field}", got=repr(got))
    return passed("All four. You can do what the kernel does with each segment: say what comes next.")


def _foreseen(field: str, asked: int, told: int) -> Mapping[int, Misconception]:
    """Which foreseen wrong idea leads to which number."""
    return {
        "a": {asked: Numbers.LAST_BYTE, asked + 2: Numbers.PSH, 1: Numbers.REPEATED},
        "b": {asked + 1: Numbers.SHARED, 0: Numbers.SYN_FIRST},
        "c": {told: Numbers.SYN, told + 2: Numbers.FIN_AFTER, asked + 1: Numbers.SHARED_BY_FIN},
        "d": dict.fromkeys((told, told + 1), Numbers.FIN),
    }[field]
