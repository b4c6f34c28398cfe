"""Lab 01: What crosses the wire when a connection opens and closes?"""

from enum import Enum

from tcplab.checks.closes import closing, flags, was_reset
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_01 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.numbers import Numbers, judged_numbers
from tcplab.checks.paths import WrongTurn, judged_paths
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict

STEPPED_PORT, COVERED_PORT = 7000, 6000
"""Where the connections of the exercises go, so that a check finds them."""


# ---- what a list leaves out


class _Unlisted(Misconception, Enum):
    NO_ACK = (
        "an ACK is not a segment of its own",
        "One of yours is right. What arrives is acknowledged, and that takes a segment too: whose?",
    )
    HANDSHAKE = "the handshake is missing", "The handshake is all there: the list's first three lines."
    CLOSE = "the close is missing", "Both FINs are in the list. Read it from the first data on: who speaks first?"


def _unlisted_two(evidence: Evidence) -> Verdict:
    answer = UNLISTED_TWO.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, set | frozenset | list | tuple) or not all(type(place) is int for place in answer):
        return not_yet("Two line numbers are asked.", expected="a set such as {1, 2}", got=repr(answer))
    visit = next((talk for talk in _on_port(evidence, 80) if _question(talk)), None)
    if visit is None:
        return unseen("The wire has seen no request yet: run the session above, then this cell again.")

    places, question = set(answer), _question(visit)
    if places == {question, question + 1}:
        return passed(
            "The question and its ACK. A web server does not speak until it is spoken to,"
            " so a list without them cannot be whole."
        )
    return not_yet(
        _where_to_look(places, question, visit),
        expected="the two lines that have no partner in the list",
        got=", ".join(map(str, sorted(places))) or "none",
    )


def _where_to_look(places: set[int], question: int, visit: Conversation) -> Lead:
    if len(places) != 2:
        return "Ten crossed and eight are listed: two are missing."
    if question in places:
        return _Unlisted.NO_ACK
    if places & {1, 2, 3}:
        return _Unlisted.HANDSHAKE
    if any("F" in turn.segment.flags for place, turn in enumerate(visit, 1) if place in places):
        return _Unlisted.CLOSE
    return "Go down both with a finger. The first line without a partner is one of the two."


def _question(talk: Conversation) -> int:
    """Which line of a conversation, from 1, carries the client's first data; 0 where it says nothing."""
    return next((at for at, turn in enumerate(talk, 1) if turn.from_client and turn.segment.payload_bytes), 0)


def _on_port(evidence: Evidence, port: int) -> list[Conversation]:
    return [talk for talk in conversations(evidence.segments) if talk.server.port == port]


# ---- a close in four segments


class _OtherClose(Misconception, Enum):
    RESET = (
        "a reset is a close",
        "That connection was cut off with a RST. Read what has arrived, then close both sides.",
    )
    HALF = "one close() closes both directions", "One direction is still open: each side has to close its own."
    BY_SERVER = (
        "the server always closes",
        "The server's FIN came first. Here the client is to be the active closer.",
    )
    NOT_FOUR = (
        "a close always takes four",
        "The second FIN took the ACK of the first along. Let the ACK cross before the server closes.",
    )


def _four_from_the_client(evidence: Evidence) -> Verdict:
    port = FOUR_FROM_THE_CLIENT.drawn(evidence).port
    tried = _on_port(evidence, port)
    if not tried:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    talk, close = tried[-1], closing(tried[-1])
    if was_reset(talk):
        return not_yet(_OtherClose.RESET, expected="a close with two FINs", got=flags(talk))
    if len({turn.from_client for turn in close if "F" in turn.segment.flags}) < 2:
        return not_yet(_OtherClose.HALF, expected="a FIN from each side", got=flags(close) or "no FIN")
    if not close[0].from_client:
        return not_yet(_OtherClose.BY_SERVER, expected="the client's FIN first", got="the server's FIN first")
    if len(close) != 4:
        return not_yet(_OtherClose.NOT_FOUR, expected="4 segments", got=f"{len(close)} segments: {flags(close)}")
    return passed("Four: FIN, ACK, FIN, ACK, the client's FIN first. Which side is in TIME_WAIT now?")


# ---- states and numbers


def _paths(evidence: Evidence) -> Verdict:
    closes = [close for talk in _on_port(evidence, STEPPED_PORT) if (close := closing(talk))]
    active_closer = ("client" if closes[-1][0].from_client else "server") if closes else ""
    return judged_paths(PATHS.answer(evidence), active_closer)


def _hidden_numbers(evidence: Evidence) -> Verdict:
    covered = _on_port(evidence, COVERED_PORT)
    drawn = HIDDEN_NUMBERS.drawn(evidence)
    return judged_numbers(HIDDEN_NUMBERS.answer(evidence), covered[-1] if covered else None, drawn.asked, drawn.told)


UNLISTED_TWO = Exercise(
    "unlisted_two",
    "Which two of the ten segments does the blog's list leave out?",
    _unlisted_two,
    _Unlisted,
    hints.UNLISTED_TWO,
)
PATHS = Exercise(
    "paths",
    "Through which states does each side go, from ESTABLISHED on?",
    _paths,
    WrongTurn,
    hints.PATHS,
)
HIDDEN_NUMBERS = Exercise(
    "hidden_numbers",
    "Which numbers stand in the four hidden fields?",
    _hidden_numbers,
    Numbers,
    hints.HIDDEN_NUMBERS,
    Variants("{asked} bytes asked, {told} bytes answered", {"asked": range(185, 420), "told": range(97, 183)}),
)
FOUR_FROM_THE_CLIENT = Exercise(
    "four_from_the_client",
    "Make a connection that the client closes first, in four segments.",
    _four_from_the_client,
    _OtherClose,
    hints.FOUR_FROM_THE_CLIENT,
    Variants("port {port}", {"port": range(9000, 9500)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (UNLISTED_TWO, PATHS, HIDDEN_NUMBERS, FOUR_FROM_THE_CLIENT)}
MINUTES = 45
