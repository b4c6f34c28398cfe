"""Lab 01: what crosses the wire when a connection opens and closes."""

from collections.abc import Sequence

from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed
from tcplab.model.conversation import Conversation, Turn, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.state import TcpState

OWN_PORT = 9000
"""Where the learner's own connections go, so that a check finds them."""

ACTIVE = ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT"]
PASSIVE = ["ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED"]


def closing(talk: Conversation) -> list[Turn]:
    """The segments of a conversation from its first FIN on; empty when nobody closed."""
    turns = list(talk)
    first = next((place for place, turn in enumerate(turns) if "F" in turn.segment.flags), len(turns))
    return turns[first:]


def _unlisted_two(evidence: Evidence) -> Verdict:
    answer = UNLISTED_TWO.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, set | frozenset | list | tuple) or not all(type(place) is int for place in answer):
        return not_yet("Write the two line numbers: {3, 4}, for example.", expected="two whole numbers", got=repr(answer))
    places = set(answer)
    talk = next((talk for talk in conversations(evidence.segments) if _question(talk) is not None), None)
    if talk is None:
        return not_attempted("The wire has seen no request yet: run the session above, then this cell again.")
    question = _question(talk) or 0
    right = {question, question + 1}
    got = ", ".join(map(str, sorted(places)))
    if places == right:
        return passed(
            "The question and its ACK. A web server does not speak until it is spoken to, so a list without them"
            " cannot be whole."
        )
    if len(places) != 2:
        return not_yet("Ten crossed and eight are listed: two are missing.", expected="two line numbers", got=got)
    if question in places:
        return not_yet(
            "One of yours is right. Data that arrives is acknowledged, and that takes a segment too: who sent it?",
            expected="the other of the two",
            got=got,
            misconception="an ACK is not a segment of its own",
        )
    if places & {1, 2, 3}:
        return not_yet(
            "The handshake is all there: the list's first three lines.",
            expected="two lines that the list does not have",
            got=got,
            misconception="the handshake is missing",
        )
    if any("F" in talk[place - 1].segment.flags for place in places if 0 < place <= len(talk)):
        return not_yet(
            "Both FINs are in the list. Read it once more from the first data on: who speaks first there?",
            expected="two lines that the list does not have",
            got=got,
            misconception="the close is missing",
        )
    return not_yet(
        "Go down the list with a finger on the record: the first line that has no partner is one of the two.",
        expected="two lines that the list does not have",
        got=got,
    )


def _question(talk: Conversation) -> int | None:
    """Which line of the conversation, from 1, carries the client's first data."""
    return next((n for n, turn in enumerate(talk, 1) if turn.from_client and turn.segment.payload_bytes), None)


def _four_from_the_client(evidence: Evidence) -> Verdict:
    talks = [talk for talk in conversations(evidence.segments) if talk.server.port == OWN_PORT]
    if not talks:
        return not_attempted(f"The wire has seen nobody on port {OWN_PORT} yet: replace the three dots.")
    last = closing(talks[-1])
    flags = " ".join(turn.segment.flags for turn in last)
    if any("R" in turn.segment.flags for turn in talks[-1]):
        return not_yet(
            "That connection ended with a RST. Read what has arrived, then close both sides.",
            expected="a close with two FINs",
            got="a RST",
            misconception="a reset is a close",
        )
    if sum("F" in turn.segment.flags for turn in last) < 2:
        return not_yet(
            "The latest connection is not closed on both sides yet.",
            expected="a FIN from each side",
            got=flags or "no FIN",
            misconception="one close() closes both directions",
        )
    if not last[0].from_client:
        return not_yet(
            "The server's FIN is first on the wire: this time the client is to be the active closer.",
            expected="the client's FIN first",
            got="the server's FIN first",
            misconception="the server always closes",
        )
    if len(last) != 4:
        return not_yet(
            "The second FIN took the first one's ACK along. Let the ACK cross before the server closes.",
            expected="4 segments",
            got=f"{len(last)} segments: {flags}",
            misconception="closing at once gives four",
        )
    return passed("Four: FIN, ACK, FIN, ACK, and the client is the active closer. Which side is in TIME_WAIT now?")


def _paths(evidence: Evidence) -> Verdict:
    answer = PATHS.answer(evidence)
    if answer is ... or (isinstance(answer, dict) and (not answer or any(path is ... for path in answer.values()))):
        return not_attempted()
    if not isinstance(answer, dict) or set(answer) != {"server", "client"}:
        return not_yet('Write {"server": […], "client": […]}.', expected="a list of states for each", got=repr(answer))
    stepped = next((talk for talk in reversed(conversations(evidence.segments)) if closing(talk)), None)
    client_first = stepped is not None and closing(stepped)[0].from_client
    for side, expected in (("server", PASSIVE if client_first else ACTIVE), ("client", ACTIVE if client_first else PASSIVE)):
        got = _names(answer[side])
        if got is None:
            return not_yet(f"The {side}'s path is a list of states, TcpState.ESTABLISHED first.", got=repr(answer[side]))
        if got != expected:
            return _wrong_turn(side, got, expected)
    return passed("Both paths are right. TIME_WAIT is the last stop of the side that closed first, not the first one.")


def _names(path: object) -> list[str] | None:
    if not isinstance(path, Sequence) or isinstance(path, str):
        return None
    names = [step.name if isinstance(step, TcpState) else str(step).upper().replace("-", "_") for step in path]
    names = [{"FIN_WAIT_1": "FIN_WAIT1", "FIN_WAIT_2": "FIN_WAIT2"}.get(name, name) for name in names]
    return names if all(name in TcpState.__members__ for name in names) else None


def _wrong_turn(side: str, got: list[str], expected: list[str]) -> Verdict:
    place = next((n for n, (a, b) in enumerate(zip(got, expected, strict=False)) if a != b), min(len(got), len(expected)))
    at = got[place] if place < len(got) else "the end of your list"
    before = expected[place - 1] if place else "the beginning"
    message, misconception = f"The first {place} of the {side}'s stops are right.", ""
    if expected is ACTIVE and at == "TIME_WAIT":
        message += " TIME_WAIT comes when the other side's FIN has arrived. Had it, at this point?"
        misconception = "TIME_WAIT begins when the FIN is sent"
    elif expected is PASSIVE and at == "TIME_WAIT":
        message += " The side that is left behind has no TIME_WAIT: its last stop is to wait for one ACK."
        misconception = "both sides pass through TIME_WAIT"
    elif at == "CLOSED":
        message += " close() gives the socket back to the kernel; the kernel still has something to wait for."
        misconception = "close() closes at once"
    elif at in (PASSIVE if expected is ACTIVE else ACTIVE):
        message += " That state belongs to the other side: who sent the first FIN?"
        misconception = "active and passive closer swapped"
    else:
        message += f" What did show() say after {before}?"
    return not_yet(message, expected=f"what comes after {before}", got=at, misconception=misconception)


def _hidden_numbers(evidence: Evidence) -> Verdict:
    answer = HIDDEN_NUMBERS.answer(evidence)
    if answer is ... or (isinstance(answer, dict) and any(number is ... for number in answer.values())):
        return not_attempted()
    if not isinstance(answer, dict) or set(answer) != set("abcd"):
        return not_yet('Write {"a": 1, "b": 1, "c": 1, "d": 1}, with your numbers.', got=repr(answer))
    talk = next((talk for talk in reversed(conversations(evidence.segments)) if _both_spoke(talk)), None)
    if talk is None:
        return not_attempted("There is no conversation with data from both sides yet: run the cell above.")
    asked = sum(turn.segment.payload_bytes for turn in talk if turn.from_client)
    told = sum(turn.segment.payload_bytes for turn in talk if not turn.from_client)
    right = {"a": 1 + asked, "b": 1, "c": 1 + told, "d": 2 + told}
    why = {
        "a": (
            {asked: "an ACK names the last byte", 2 + asked: "a pushed segment takes one number more"},
            "An ACK names the next byte that it waits for, and the SYN was number 0.",
        ),
        "b": (
            {1 + asked: "both sides share one count", asked: "both sides share one count", 0: "data begins at 0"},
            "Each side counts its own bytes. What has the server sent before this segment?",
        ),
        "c": (
            {told: "an ACK names the last byte", 1 + asked: "both sides share one count", 2 + told: "the FIN counts before it is sent"},
            "The FIN stands behind the server's last byte: count what the server has sent, and its SYN.",
        ),
        "d": (
            {1 + told: "a FIN takes no number", told: "a FIN takes no number"},
            "A FIN carries no byte and still takes a number, so that it can be acknowledged (and lost, and sent again).",
        ),
    }
    for field, expected in right.items():
        got = answer[field]
        if got != expected:
            foreseen, message = why[field]
            known = foreseen.get(got, "") if isinstance(got, int) else ""
            return not_yet(
                f"?{field}: {message}", expected=f"another number for ?{field}", got=repr(got), misconception=known
            )
    return passed("All four. You can now do what the kernel does with every segment: say what it must say next.")


def _both_spoke(talk: Conversation) -> bool:
    spoke = {turn.from_client for turn in talk if turn.segment.payload_bytes}
    return spoke == {True, False} and bool(closing(talk))


UNLISTED_TWO = Exercise(
    "unlisted_two",
    "Which two of the ten segments does the blog's list leave out?",
    _unlisted_two,
    (
        "Put the record and the list side by side and tick off. The first line without a partner is one of the two.",
        "Which side of a web connection has to say something before the other can answer?",
    ),
)
PATHS = Exercise(
    "paths",
    "Through which states does each side go, from ESTABLISHED on?",
    _paths,
    (
        "Four stops each, ESTABLISHED and the last one included.",
        "A side changes its state when it sends a FIN, when its FIN is acknowledged, and when the other's FIN arrives.",
    ),
)
HIDDEN_NUMBERS = Exercise(
    "hidden_numbers",
    "Which numbers stand in the four hidden fields?",
    _hidden_numbers,
    (
        "The lines that you can see tell how many bytes each side has sent. A SYN counts as one, number 0.",
        "An ACK is the number of the next byte that is waited for. A FIN takes a number as a byte would.",
    ),
)
FOUR_FROM_THE_CLIENT = Exercise(
    "four_from_the_client",
    "Make a connection that the client closes first, in four segments.",
    _four_from_the_client,
    (
        "Who calls close() first is who sends the first FIN.",
        "The ACK that the second FIN must not take along is sent within 40 ms. What could the cell wait for?",
    ),
)

EXERCISES = {
    exercise.name: exercise for exercise in (UNLISTED_TWO, PATHS, HIDDEN_NUMBERS, FOUR_FROM_THE_CLIENT)
}
