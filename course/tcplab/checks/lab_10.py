"""Lab 10: Does nginx reuse its upstream connections?"""

from collections.abc import Mapping
from enum import Enum

from tcplab.checks.exercise import Exercise, is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_10 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.sites import NotReused, judged_site
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict

SITE = "site.conf"
REQUESTS, BODY = 10_000, 52
FAILED = {"off": 10, "on": 13}
TRANSFERRED = {"off": 2_159_970, "on": 2_159_961}
SHORT = 3
WHOLE = 2_160_000
YOURS_FAILED = 20
"""What ab printed in the blog, and what follows: each failed body is 3 bytes short, and then both runs are alike."""

ROUND_TRIPS = {"front_off": 2, "front_k": 1, "back_off": 2, "back_pool": 1}
FRONT_PORT, BACK_PORT = 80, 8080


# ---- the blog's figures


class _Audit(Misconception, Enum):
    TOTAL = (
        "a total for an average",
        "That is what all the failed bodies of a run miss together. And one of them?",
    )
    ALIKE = "one run is like another", "So it was in the blog. What does ab say of your run?"
    NO_ANSWER = (
        "failed means no answer",
        "Not a whole body is missing: compare HTML transferred with 10,000 times 52.",
    )
    LENGTH = "length for difference", "So long is such a body. By how much is it too short?"
    AS_THEY_ARE = (
        "the totals can be compared as they are",
        "that is with the short bodies. Give them back what they miss.",
    )
    SUBTRACTED = "subtracted", "the bytes are missing from the total. Which way does it go?"
    ONE_BYTE = "a failure is a byte", "one byte for each that failed? You found another number above."
    BODIES = "bodies only", "those are the bodies. Headers travel as well: begin with Total transferred."


def _audited(evidence: Evidence) -> Verdict:
    answer = AUDITED.answer(evidence)
    names = ("short_by", "off_whole", "on_whole", "yours")
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(names):
        return not_yet("Four numbers are asked.", expected=", ".join(names), got=f"{answer!r}")
    for name in names:
        value = answer[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            return not_yet("write a number of bytes.", about=name, expected="a number", got=repr(value))
    if answer["short_by"] != SHORT:
        lead = _not_short_by(answer["short_by"], SHORT, *FAILED.values())
        return not_yet(lead, expected="bytes that one body is short", got=f"{answer['short_by']:g}")
    for name in ("off", "on"):
        if (got := answer[f"{name}_whole"]) != WHOLE:
            lead = _not_whole(name, got)
            return not_yet(lead, about=f"{name}_whole", expected="bytes, with every body whole", got=f"{got:,.12g}")
    short = (REQUESTS * BODY - AUDITED.drawn(evidence).html) / YOURS_FAILED
    if answer["yours"] != short:
        lead = _not_short_by(answer["yours"], short, YOURS_FAILED)
        expected = "bytes that one body of your run is short"
        return not_yet(lead, about="yours", expected=expected, got=f"{answer['yours']:g}")
    return passed("2,160,000 both: 216 bytes a request, in each run. What nginx sent did not differ in one byte.")


def _not_short_by(got: float, short: float, *failed: int) -> Lead:
    if abs(got) in [many * short for many in failed]:
        return _Audit.TOTAL
    if got == SHORT:
        return _Audit.ALIKE
    if got == BODY:
        return _Audit.NO_ANSWER
    if got == BODY - short:
        return _Audit.LENGTH
    return "10,000 bodies of 52 bytes make how many? What is missing, over how many that failed?"


def _not_whole(name: str, got: float) -> Lead:
    total, failed = TRANSFERRED[name], FAILED[name]
    if got == total:
        return _Audit.AS_THEY_ARE
    if got == total - failed * SHORT:
        return _Audit.SUBTRACTED
    if got == total + failed:
        return _Audit.ONE_BYTE
    if got == REQUESTS * BODY:
        return _Audit.BODIES
    return f"begin with Total transferred, {total:,}, and add what {failed} bodies miss."


# ---- what a request waits for


class _Trips(Misconception, Enum):
    HALF = "half a round trip", "a whole number of round trips."
    SEGMENTS = "segments for round trips", "count what the client waits for. Nobody waits for a FIN, or an ACK."
    FREE = "a connection is free", "there is no connection yet. What must come back before ab may ask?"
    PROXYS = (
        "what the proxy waits for is not waited for",
        "nginx has no connection either, at that moment. Its handshake crosses the back, and ab waits for nginx.",
    )
    NO_KEEPING = "-k changes nothing", "it needs no second handshake: the connection is there."
    NO_POOL = "a pool changes nothing", "it needs no second handshake: the connection is there."
    NOTHING = (
        "a reused connection costs nothing",
        "the question has to get there, and the answer back.",
    )


_OTHER_TRIPS = {
    ("front_off", 1): _Trips.FREE,
    ("back_off", 1): _Trips.PROXYS,
    ("front_k", 2): _Trips.NO_KEEPING,
    ("back_pool", 2): _Trips.NO_POOL,
}


def _round_trips(evidence: Evidence) -> Verdict:
    answer = TRIPS.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(ROUND_TRIPS):
        return not_yet("A number for each of the four.", expected=", ".join(ROUND_TRIPS), got=f"{answer!r}")
    for name, got in answer.items():
        if isinstance(got, bool) or got not in range(100):
            lead = _Trips.HALF if isinstance(got, float) else _Trips.HALF.says
            return not_yet(lead, about=name, expected="0, 1, 2, …", got=repr(got))
    if missing := [port for port in (FRONT_PORT, BACK_PORT) if not _seen(evidence, port)]:
        where = " and ".join({FRONT_PORT: "front", BACK_PORT: "back"}[port] for port in missing)
        return unseen(f"The wire has not seen both kinds of connections yet: {where}. Run the cell below first.")

    for name, trips in ROUND_TRIPS.items():
        if (got := answer[name]) != trips:
            lead = _Trips.SEGMENTS if got > 2 else _OTHER_TRIPS.get((name, got), _Trips.NOTHING)
            return not_yet(lead, about=name, expected="what the wire says", got=f"{got:g}")
    return passed("One to open, one to ask. Reuse saves the first, on the side where it is done and on no other.")


def _seen(evidence: Evidence, port: int) -> bool:
    """Whether there were connections with one request, and some with more."""
    counts = {_requests(talk) for talk in conversations(evidence.segments) if talk.server.port == port}
    return 1 in counts and any(count > 1 for count in counts)


def _requests(talk: Conversation) -> int:
    return len({turn.seq for turn in talk if turn.from_client and turn.segment.payload_bytes})


# ---- a configuration that reuses connections


def _pooled(evidence: Evidence) -> Verdict:
    return judged_site(POOLED.answer(evidence), evidence.files.get(SITE, b"").decode(errors="replace"))


AUDITED = Exercise(
    "audited",
    "How many bytes would each of the blog's runs have transferred, if no body had been short?",
    _audited,
    _Audit,
    hints.AUDITED,
    Variants(
        f"of {REQUESTS:,} requests {YOURS_FAILED} failed; HTML transferred: {{html:,}} bytes",
        {"html": range(519_920, 519_060, -YOURS_FAILED)},
    ),
)
TRIPS = Exercise(
    "round_trips",
    "How many round trips does each request wait for?",
    _round_trips,
    _Trips,
    hints.TRIPS,
)
POOLED = Exercise(
    "pooled",
    "Write a configuration with which nginx reuses its connections to the backend.",
    _pooled,
    NotReused,
    hints.POOLED,
)

EXERCISES = {exercise.name: exercise for exercise in (AUDITED, TRIPS, POOLED)}
MINUTES = 40
