"""Lab 08: What does a connection pool save, and what does it break?"""

from collections.abc import Mapping
from enum import Enum
from math import isclose

from tcplab.checks.exercise import Exercise, is_open, not_attempted, not_yet, passed
from tcplab.checks.hints import lab_08 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.pools import Pools, judged_pool
from tcplab.checks.races import NoRace, judged_race
from tcplab.checks.variants import Variants
from tcplab.model.conversation import conversations
from tcplab.model.evidence import Evidence, Verdict

MAY_REPEAT = {"get": True, "put": True, "delete": True, "post": False}


def _own_pool(evidence: Evidence) -> Verdict:
    return judged_pool(OWN_POOL.answer(evidence), evidence.segments)


def _stale_race(evidence: Evidence) -> Verdict:
    port = RACE.drawn(evidence).port
    return judged_race([talk for talk in conversations(evidence.segments) if talk.server.port == port], port)


# ---- what may be asked again


class _May(Misconception, Enum):
    POOL = (
        "a pool makes it safe to repeat",
        "post: the reset did not say whether the order was booked, and the pool knows no more than you.",
    )
    NOTHING = (
        "nothing may be repeated",
        "Then nobody could ask for a page twice. What would the second one change?",
    )
    GET = "nothing may be repeated", "get: it reads. What is different after reading twice?"
    PUT = (
        "what writes may not be repeated",
        "put: it says what is to be there, not what is to be added. What is there after the second?",
    )
    DELETE = (
        "what writes may not be repeated",
        "delete: the second one finds nothing there. What is different from after the first?",
    )


def _may_repeat(evidence: Evidence) -> Verdict:
    answer = MAY.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(MAY_REPEAT):
        return not_yet("An answer for each of the four.", expected=", ".join(MAY_REPEAT), got=repr(answer))
    for name, guess in answer.items():
        if type(guess) is not bool:
            return not_yet("may it, True or False?", about=name, expected="True or False", got=repr(guess))
    wrong = [name for name, right in MAY_REPEAT.items() if answer[name] is not right]
    if not wrong:
        return passed("What leaves the server the same, done once or twice, may be asked twice. A new order is two.")
    said = f"{wrong[-1]}={answer[wrong[-1]]}"
    return not_yet(_not_so(wrong), expected="another answer", got=said)


def _not_so(wrong: list[str]) -> _May:
    if "post" in wrong:
        return _May.POOL
    if len(wrong) == 3:
        return _May.NOTHING
    return {"get": _May.GET, "put": _May.PUT, "delete": _May.DELETE}[wrong[-1]]


# ---- how long a client may keep an idle connection


class _Idle(Misconception, Enum):
    SAME = (
        "the same limit is safe",
        "The same limit on both sides, and both clocks end together: your request sets out as the server closes.",
    )
    ONE_WAY = (
        "only one way counts",
        (
            "You have counted one way: which one? The server's clock starts when its answer leaves, yours when it"
            " arrives. And your request has a way to go, too."
        ),
    )
    ADDED = "the way gives time", "The way costs you time. Take it away, do not add it."
    NO_POOL = "only no pool is safe", "That is safe: it is no pool. How long may it be?"
    HANDSHAKE = (
        "a request needs a handshake first",
        "Safe, and shorter than need be: no handshake is in it. Count the ways again.",
    )
    LONGER = (
        "the longer limit wins",
        "Then the server closes first, each time. A longer limit here does not make the server wait.",
    )


def _longest_idle(evidence: Evidence) -> Verdict:
    answer = LONGEST_IDLE.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, int | float) or isinstance(answer, bool) or not 0 <= answer < float("inf"):
        return not_yet("Write a number: seconds.", expected="a number of seconds", got=repr(answer))
    drawn = LONGEST_IDLE.drawn(evidence)
    idle_s, rtt_s = drawn.idle_s, drawn.rtt_ms / 1000
    if isclose(answer, idle_s - rtt_s):
        return passed("One whole round trip less: half of it the answer was on its way, and half of it the request is.")
    foreseen: tuple[tuple[_Idle, tuple[float, ...]], ...] = (
        (_Idle.SAME, (idle_s,)),
        (_Idle.ONE_WAY, (idle_s - rtt_s / 2,)),
        (_Idle.ADDED, (idle_s + rtt_s, idle_s + rtt_s / 2)),
        (_Idle.NO_POOL, (0,)),
        (_Idle.HANDSHAKE, (idle_s - 2 * rtt_s, idle_s - rtt_s - rtt_s / 2)),
    )
    other = (
        "Draw both sides' time downwards: answer leaves, answer arrives, you rest, request leaves, request arrives."
        " Where does the server's clock end?"
    )
    unforeseen = _Idle.LONGER if answer > idle_s else other
    lead: Lead = next((idea for idea, wrong in foreseen if any(isclose(answer, one) for one in wrong)), unforeseen)
    return not_yet(lead, expected="another number", got=f"{answer:g}")


OWN_POOL = Exercise(
    "own_pool",
    "Write a pool that hands out connections, and only such as work.",
    _own_pool,
    Pools,
    hints.OWN_POOL,
)
MAY = Exercise(
    "may_repeat",
    "After ECONNRESET, which of four requests may a pool repeat by itself?",
    _may_repeat,
    _May,
    hints.MAY,
)
RACE = Exercise(
    "stale_race",
    "Send a request into a server's FIN through a pool, and have it answered all the same.",
    _stale_race,
    NoRace,
    hints.RACE,
    Variants("port {port}", {"port": range(9100, 9600)}, while_wrong=True),
)
LONGEST_IDLE = Exercise(
    "longest_idle",
    "For how many seconds at most may the client keep an idle connection?",
    _longest_idle,
    _Idle,
    hints.LONGEST_IDLE,
    Variants(
        "the server closes {idle_s} s after its last answer left; a round trip takes {rtt_ms} ms",
        {"idle_s": (5, 4, 6, 8, 10, 12, 15), "rtt_ms": (200, 100, 300, 240, 160, 120, 80, 400, 320)},
    ),
)

EXERCISES = {exercise.name: exercise for exercise in (OWN_POOL, MAY, RACE, LONGEST_IDLE)}
MINUTES = 40
