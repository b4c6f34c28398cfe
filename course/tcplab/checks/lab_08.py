"""Lab 08: What does a connection pool save, and what does it break?"""

from collections.abc import Mapping
from math import isclose

from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed
from tcplab.checks.hints import lab_08 as hints
from tcplab.checks.pools import judged_pool
from tcplab.checks.races import judged_race
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


def _may_repeat(evidence: Evidence) -> Verdict:
    answer = MAY.answer(evidence)
    if answer is ... or (isinstance(answer, Mapping) and ... in answer.values()):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(MAY_REPEAT):
        return not_yet("An answer for each of the four.", expected=", ".join(MAY_REPEAT), got=repr(answer))
    for name, guess in answer.items():
        if type(guess) is not bool:
            return not_yet(f"{name}: may it, True or False?", expected="True or False", got=repr(guess))
    wrong = [name for name, right in MAY_REPEAT.items() if answer[name] is not right]
    if not wrong:
        return passed("What leaves the server the same, done once or twice, may be asked twice. A new order is two.")
    said = f"{wrong[-1]}={answer[wrong[-1]]}"
    message, misconception = _not_so(wrong)
    return not_yet(message, expected="another answer", got=said, misconception=misconception)


def _not_so(wrong: list[str]) -> tuple[str, str]:
    if "post" in wrong:
        return (
            "post: the reset did not say whether the order was booked, and the pool knows no more than you.",
            "a pool makes it safe to repeat",
        )
    if len(wrong) == 3:
        return "Then nobody could ask for a page twice. What would the second one change?", "nothing may be repeated"
    return {
        "get": ("get: it reads. What is different after reading twice?", "nothing may be repeated"),
        "put": (
            "put: it says what is to be there, not what is to be added. What is there after the second?",
            "what writes may not be repeated",
        ),
        "delete": (
            "delete: the second one finds nothing there. What is different from after the first?",
            "what writes may not be repeated",
        ),
    }[wrong[-1]]


# ---- how long a client may keep an idle connection


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
    foreseen: tuple[tuple[tuple[float, ...], str, str], ...] = (
        (
            (idle_s,),
            "The same limit on both sides, and both clocks end together: your request sets out as the server closes.",
            "the same limit is safe",
        ),
        (
            (idle_s - rtt_s / 2,),
            (
                "You have counted one way: which one? The server's clock starts when its answer leaves, yours when it"
                " arrives. And your request has a way to go, too."
            ),
            "only one way counts",
        ),
        (
            (idle_s + rtt_s, idle_s + rtt_s / 2),
            "The way costs you time. Take it away, do not add it.",
            "the way gives time",
        ),
        ((0,), "That is safe: it is no pool. How long may it be?", "only no pool is safe"),
        (
            (idle_s - 2 * rtt_s, idle_s - rtt_s - rtt_s / 2),
            "Safe, and shorter than need be: no handshake is in it. Count the ways again.",
            "a request needs a handshake first",
        ),
    )
    other = (
        (
            "Draw both sides' time downwards: answer leaves, answer arrives, you rest, request leaves, request arrives."
            " Where does the server's clock end?"
        ),
        "",
    )
    if answer > idle_s:
        other = (
            "Then the server closes first, each time. A longer limit here does not make the server wait.",
            "the longer limit wins",
        )
    message, misconception = next(
        (why for wrong, *why in foreseen if any(isclose(answer, one) for one in wrong)), other
    )
    return not_yet(message, expected="another number", got=f"{answer:g}", misconception=misconception)


OWN_POOL = Exercise(
    "own_pool",
    "Write a pool that hands out connections, and only such as work.",
    _own_pool,
    hints.OWN_POOL,
)
MAY = Exercise(
    "may_repeat",
    "After ECONNRESET, which of four requests may a pool repeat by itself?",
    _may_repeat,
    hints.MAY,
)
RACE = Exercise(
    "stale_race",
    "Send a request into a server's FIN through a pool, and have it answered all the same.",
    _stale_race,
    hints.RACE,
    Variants("port {port}", {"port": range(9100, 9600)}, while_wrong=True),
)
LONGEST_IDLE = Exercise(
    "longest_idle",
    "For how many seconds at most may the client keep an idle connection?",
    _longest_idle,
    hints.LONGEST_IDLE,
    Variants(
        "the server closes {idle_s} s after its last answer left; a round trip takes {rtt_ms} ms",
        {"idle_s": (5, 4, 6, 8, 10, 12, 15), "rtt_ms": (200, 100, 300, 240, 160, 120, 80, 400, 320)},
    ),
)

EXERCISES = {exercise.name: exercise for exercise in (OWN_POOL, MAY, RACE, LONGEST_IDLE)}
MINUTES = 40
