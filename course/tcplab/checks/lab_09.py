"""Lab 09: Who keeps an HTTP connection alive?"""

from collections.abc import Mapping
from enum import Enum
from math import inf

from tcplab.checks.closes import closing, flags, was_reset
from tcplab.checks.exercise import Exercise, is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_09 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.silences import Silences, judged_silence
from tcplab.checks.variants import Variants
from tcplab.checks.words import judged_words
from tcplab.model.conversation import Conversation, Turn, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.holding import holder

ASKED_PORT, ZERO_PORT = 8010, 8011
"""Where the connections of the exercises go, so that a check finds them."""

CASES = ("old", "old_asks", "new", "new_says_close", "zero")
_WORDS = ("stays", "closes")
_TIME_S, _INTERVAL_S, _PROBES = 7200, 75, 9


def _on_port(evidence: Evidence, port: int) -> list[Conversation]:
    return [talk for talk in conversations(evidence.segments) if talk.server.port == port]


def _said(talk: Conversation, *, by_client: bool) -> list[Turn]:
    return [turn for turn in talk if turn.from_client is by_client and turn.segment.payload_bytes]


# ---- what the server does after its answer


def _after_the_answer(evidence: Evidence) -> Verdict:
    found = {_case(talk): _outcome(talk) for port in (ASKED_PORT, ZERO_PORT) for talk in _on_port(evidence, port)}
    return judged_words(
        AFTER_THE_ANSWER.answer(evidence),
        {case: found.get(case, "") for case in CASES},
        _WORDS,
        lambda case, _: _LEADS[case],
        shown_by="what the wire shows",
        well="All five. In HTTP/1.1 to stay is the rule, and needs no word; in HTTP/1.0 it has to be asked for.",
    )


def _case(talk: Conversation) -> str:
    """Which of the five a connection is, by what its client asked."""
    if talk.server.port == ZERO_PORT:
        return "zero"
    asked = b"".join(turn.segment.payload for turn in _said(talk, by_client=True)).lower()
    if b"http/1.0" in asked:
        return "old_asks" if b"connection: keep-alive" in asked else "old"
    return "new_says_close" if b"connection: close" in asked else "new"


def _outcome(talk: Conversation) -> str:
    """Whether the server stayed after an answer, or closed; empty while nobody has closed."""
    closes = closing(talk)
    if not closes or not _said(talk, by_client=False):
        return ""
    return "stays" if closes[0].from_client else "closes"


class _Stays(Misconception, Enum):
    ALL = (
        "all of HTTP is persistent",
        "HTTP/1.0 knew one question for each connection, and whoever speaks it is taken at its word.",
    )
    OLD = "HTTP/1.0 always closes", "It has asked, and a server may grant it. Count the answers."
    NEW = (
        "HTTP/1.1 closes unless asked to stay",
        "No word is said about it, neither way. What is the rule of HTTP/1.1, where nothing is said?",
    )
    SERVER = (
        "only the server decides",
        "The client says that this question is its last. Why should the server wait for another?",
    )
    ZERO = "0 means: for ever", "How many seconds does this server wait for the next question?"


_LEADS = dict(zip(CASES, _Stays, strict=True))


# ---- TIME_WAIT moved by one line of a configuration


class _Turn(Misconception, Enum):
    AT_ONCE = (
        "the server closes first only if it closes at once",
        "You have moved it, and lost the persistent connection on the way: the second question got no answer.",
    )
    LONGER = (
        "a longer keepalive_timeout closes earlier",
        "The client gave up first: it waits 3 s for an idea, then leaves. Who has more patience here?",
    )
    TIE = "equal is first", "A tie: both gave up in the same moment. Leave no room for that."


def _servers_turn(evidence: Evidence) -> Verdict:
    port = SERVERS_TURN.drawn(evidence).port
    talk = next(reversed(_on_port(evidence, port)), None)
    if talk is None:
        return unseen(f"Nobody has visited port {port} yet: replace the three dots.")
    wanted = "two answers on one connection, TIME_WAIT at the server"
    answers = len(_said(talk, by_client=False))
    if answers < 2:
        return not_yet(_Turn.AT_ONCE, expected=wanted, got=f"{answers} answered")
    if was_reset(talk):
        return not_yet("There is a RST. Let the server say FIN.", expected=wanted, got=flags(list(talk.turns[-4:])))
    held = holder(talk)
    if held == "server":
        return passed("Two answers over one connection, and the server lost patience first: now the entry is there.")
    leads: dict[str, Lead] = {"client": _Turn.LONGER, "both": _Turn.TIE}
    lead = leads.get(held, "That connection is not closed yet.")
    return not_yet(lead, expected=wanted, got=f"two answers, TIME_WAIT: {held}")


# ---- how long until a dead peer is found


class _Dead(Misconception, Enum):
    FIRST_LEAVES = (
        "the first probe decides",
        "That is when the first probe leaves. One that is lost proves nothing.",
    )
    FIRST_LOST = "the first probe decides", "One probe may be lost. How many does the kernel send?"
    AT_ONCE = "probing starts at once", "Before the first probe there is a silence of its own."
    LAST_LEAVES = (
        "the last probe needs no answer",
        "That is when the last probe leaves. It, too, gets its time to be answered.",
    )
    PAUSE = "default probes find a dead peer in seconds", "That is the pause between two probes."
    COUNT = "default probes find a dead peer in seconds", "That is how many, not how long."
    EVERYBODY = (
        "the kernel probes every connection",
        "`asked` is right. But who probes on a socket that nobody has asked to?",
    )


_FORESEEN_S: dict[object, Lead] = {
    _TIME_S: _Dead.FIRST_LEAVES,
    _TIME_S + _INTERVAL_S: _Dead.FIRST_LOST,
    _PROBES * _INTERVAL_S: _Dead.AT_ONCE,
    _TIME_S + (_PROBES - 1) * _INTERVAL_S: _Dead.LAST_LEAVES,
    75: _Dead.PAUSE,
    9: _Dead.COUNT,
    (_TIME_S + _PROBES * _INTERVAL_S) / 60: "In minutes that is right. Seconds are asked.",
}


def _dead_after(evidence: Evidence) -> Verdict:
    answer = DEAD_AFTER.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != {"asked", "not_asked"}:
        return not_yet("Two answers are asked.", expected="asked=…, not_asked=…", got=repr(answer))
    seconds, without = answer["asked"], answer["not_asked"]
    if type(seconds) not in (int, float):
        return not_yet("`asked` is a number of seconds.", expected="a number", got=repr(seconds))
    if seconds != _TIME_S + _PROBES * _INTERVAL_S:
        other = "Silence, then probes one after the other, then a last wait. Write down when each is sent."
        lead = _FORESEEN_S.get(seconds, other)
        return not_yet(lead, expected="seconds from the cut to the error", got=repr(seconds))
    if not _never(without):
        return not_yet(_Dead.EVERYBODY, expected="something else for not_asked", got=repr(without))
    return passed("2 h 11 min 15 s, and then only for a socket that asked: the others wait until they speak.")


def _never(said: object) -> bool:
    return said in (None, inf) or str(said).strip().lower() == "never"


# ---- a dead client found in silence


def _found_dead(evidence: Evidence) -> Verdict:
    port = FOUND_DEAD.drawn(evidence).port
    return judged_silence(next(reversed(_on_port(evidence, port)), None), port)


AFTER_THE_ANSWER = Exercise(
    "after_the_answer",
    "What does the server do after an answer, in each of the five cases?",
    _after_the_answer,
    _Stays,
    hints.AFTER_THE_ANSWER,
)
SERVERS_TURN = Exercise(
    "servers_turn",
    "Move TIME_WAIT to the server by one line, and keep two answers on one connection.",
    _servers_turn,
    _Turn,
    hints.SERVERS_TURN,
    Variants("port {port}", {"port": range(9000, 9900, 2)}, while_wrong=True),
)
DEAD_AFTER = Exercise(
    "dead_after_s",
    "How many seconds does a kernel with the defaults need to find a dead peer?",
    _dead_after,
    _Dead,
    hints.DEAD_AFTER,
)
FOUND_DEAD = Exercise(
    "found_dead",
    "Let the server's kernel find a dead client within 5 s, while nginx keeps silent.",
    _found_dead,
    Silences,
    hints.FOUND_DEAD,
    Variants("port {port}", {"port": range(9001, 9900, 2)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (AFTER_THE_ANSWER, SERVERS_TURN, DEAD_AFTER, FOUND_DEAD)}
MINUTES = 35
