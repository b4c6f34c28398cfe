"""Lab 08: What does a connection pool save, and what does it break?"""

from collections.abc import Mapping

from tcplab.checks.closes import flags
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_08 as hints
from tcplab.model.conversation import Conversation, Turn, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.pool_trial import REQUESTS, PoolTrial
from tcplab.model.round_trips import handshakes

RACE_PORT = 9100
"""Where the learner's own race is run, so that a check finds it."""

IDLE_S, RTT_S = 5.0, 0.2
"""After how long the server closes an idle connection, and how long a round trip to it takes."""

MAY_REPEAT = {"get": True, "put": True, "delete": True, "post": False}


# ---- a pool of one's own


def _own_pool(evidence: Evidence) -> Verdict:
    trial = OWN_POOL.answer(evidence)
    if trial is ...:
        return not_attempted()
    if not isinstance(trial, PoolTrial):
        return not_yet("Let it be tried: tried(…) returns what is asked.", expected="a trial", got=repr(trial))
    talks = conversations(evidence.segments)
    return (
        _in_turn(trial, [talk for talk in talks if talk.server.port == trial.port])
        or _at_once(trial, handshakes(talk for talk in talks if talk.server.port == trial.port + 1))
        or _after_fins(trial)
        or _after_break(trial)
        or passed(
            f"{REQUESTS} requests, one handshake; two callers, two connections; what is dead or half read goes to"
            " nobody, and is closed."
        )
    )


def _in_turn(trial: PoolTrial, talks: list[Conversation]) -> Verdict | None:
    if trial.error and not trial.in_turn:
        return not_yet("Your pool could not be used.", expected="a connection from take()", got=trial.error)
    used = sorted(set(trial.in_turn))
    carried = [len(_requests(talk)) for talk in talks[-len(used) :]]  # earlier tries were on this port, too
    if not used or carried != [trial.in_turn.count(number) for number in used]:
        return unseen("The wire has seen another trial than this one: run tried(…) and check in one cell.")
    if len(used) > 1:
        return not_yet(
            "One request after the other, and a handshake for each. What give() gets is what the next take() wants.",
            expected=f"1 handshake for {REQUESTS} requests",
            got=f"{len(used)} handshakes",
            misconception="a pool opens a connection for each request",
        )
    return None


def _at_once(trial: PoolTrial, opened: int) -> Verdict | None:
    if trial.waited:
        return not_yet(
            "Two callers at once: the second got nothing while the first had a connection out. Who holds what it"
            " waits for? Guard the list, not the time between take() and give().",
            expected="2 connections",
            got="a second caller that waits",
            misconception="a lock round the whole request",
        )
    if trial.error and not trial.at_once:
        return not_yet("In turn it worked.", expected="two connections", got=trial.error)
    if len(set(trial.at_once[:2])) < 2:
        return not_yet(
            "Two callers at once got the same connection. Whose answer is it that comes back first? Who has one out"
            " must have it alone.",
            expected="2 connections",
            got="1 connection, shared",
            misconception="a connection may be shared",
        )
    if len(set(trial.at_once[2:])) < 2:
        return not_yet(
            "Two callers at once got the same *idle* connection: take() looked at it, and left it on the list. Who has"
            " one out must have it alone.",
            expected="2 connections",
            got="1 connection, shared",
            misconception="to look at a connection is to have it",
        )
    if opened < 2 or len(set(trial.at_once)) > 2:
        return not_yet(
            "Both came back, and the next two callers got new ones all the same. Keep all that come back, not one.",
            expected="2 handshakes for 4 requests",
            got=f"{len(set(trial.at_once))} handshakes",
            misconception="a pool keeps one",
        )
    return None


def _after_fins(trial: PoolTrial) -> Verdict | None:
    if trial.error and not trial.after_break and not trial.after_fins and not trial.dead_open:
        return not_yet("It worked until the server closed.", expected="a connection that works", got=trial.error)
    if not trial.after_fins:
        half = trial.dead_open < 2
        return not_yet(
            "Two idle connections were closed by the server. You looked at one, and handed out the other."
            if half
            else "The server had closed the idle connection, and take() handed it out. Its FIN lay there to be seen:"
            " what does `readable` say of a connection on which nothing was asked?",
            expected="the request answered",
            got="the request failed",
            misconception="one dead connection is the only one" if half else "an idle connection is alive",
        )
    if trial.dead_open:
        return not_yet(
            "You turned the dead one down, and kept its descriptor: your side is in CLOSE_WAIT for as long as nobody"
            " closes it (lab 07).",
            expected="both dead connections closed",
            got=f"{trial.dead_open} left open",
            misconception="who is turned down is closed",
        )
    return None


def _after_break(trial: PoolTrial) -> Verdict | None:
    if trial.error and not trial.after_break:
        return not_yet("It worked until a request broke.", expected="a connection that works", got=trial.error)
    if trial.after_break != "its own":
        return not_yet(
            "A request was given up with half of its answer read. The other half came, and the next caller took it for"
            " an answer of its own. What is `well` for?",
            expected="the caller's own answer",
            got="the rest of another's",
            misconception="a broken connection heals",
        )
    if trial.broken_open:
        return not_yet(
            "You did not keep the broken one for others, and did not close it either.",
            expected="the broken connection closed",
            got="left open",
            misconception="not kept is closed",
        )
    return None


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


# ---- the race, at will


def _stale_race(evidence: Evidence) -> Verdict:
    talks = [talk for talk in conversations(evidence.segments) if talk.server.port == RACE_PORT]
    if not talks:
        return unseen(f"The wire has seen nobody on port {RACE_PORT} yet: replace the three dots.")
    raced = [at for at, talk in enumerate(talks) if _raced(talk)]
    if not raced:
        message, misconception = _no_race(talks[-1])
        return not_yet(
            message,
            expected="a request sent while the server's FIN was on its way, and a RST for it",
            got=flags(talks[-1])[:60],
            misconception=misconception,
        )
    later = talks[raced[-1] + 1 :]
    if not any(_answered_requests(talk) for talk in later):
        return not_yet(
            "There is the race, and your caller got an error. Now mend it: have the same request answered all the same,"
            " in the same cell.",
            expected="a second connection, with an answer",
            got="one connection",
            misconception="the caller has to see it",
        )
    return passed("FIN on its way, request, RST; and the same request once more, on a new connection: answered.")


def _fin(talk: Conversation, *, from_client: bool) -> Turn | None:
    return next((t for t in talk if t.from_client is from_client and "F" in t.segment.flags), None)


def _requests(talk: Conversation) -> list[Turn]:
    return [turn for turn in talk if turn.from_client and turn.segment.payload_bytes and not turn.sent_again]


def _answered_requests(talk: Conversation) -> int:
    """How many requests got data back before the next one was sent."""
    count, asked = 0, False
    for turn in talk:
        if turn.segment.payload_bytes and turn.from_client:
            asked = True
        elif turn.segment.payload_bytes and asked:
            count, asked = count + 1, False
    return count


def _raced(talk: Conversation) -> bool:
    fin = _fin(talk, from_client=False)
    if fin is None or not _answered_requests(talk):
        return False
    late = [turn for turn in _requests(talk) if turn.segment.time_s > fin.segment.time_s]
    arrives = fin.segment.delivered_s
    in_flight = [turn for turn in late if arrives is None or turn.segment.time_s < arrives]
    return bool(in_flight) and any(
        "R" in turn.segment.flags and not turn.from_client and turn.segment.time_s > in_flight[0].segment.time_s
        for turn in talk
    )


def _no_race(talk: Conversation) -> tuple[str, str]:
    fin, reset = _fin(talk, from_client=False), any("R" in turn.segment.flags for turn in talk)
    if fin is None and reset:
        return (
            "That server hung up with a RST and said no FIN. Here it closes in good order, and is answered too late.",
            "the server resets idle connections",
        )
    if fin is None:
        return (
            "The server has not closed. It does by itself, when a connection rests for `idle_s`.",
            "keeping a connection keeps the server",
        )
    mine = _fin(talk, from_client=True)
    if mine is not None and mine.segment.time_s < fin.segment.time_s:
        return "The client closed first. Then it sends nothing that could be too late.", "who closes does not matter"
    if not _answered_requests(talk):
        return "That connection never carried an answer. First use it, then let it rest.", "a new connection is stale"
    late = [turn for turn in _requests(talk) if turn.segment.time_s > fin.segment.time_s]
    if not late:
        return (
            (
                "The server's FIN is there, and no request after it on that connection. A FIN that has arrived is seen"
                " before use: keep this one on its way."
            ),
            "the FIN arrives in no time",
        )
    if fin.segment.delivered_s is not None and late[0].segment.time_s >= fin.segment.delivered_s:
        return (
            "Your request left after the FIN had arrived: the client could have known. Keep the FIN on the wire.",
            "a FIN that has arrived is the race",
        )
    return "FIN and request are there; the RST is not. Hold the FIN, and nothing else.", "every segment is held"


# ---- how long a client may keep an idle connection


def _longest_idle(evidence: Evidence) -> Verdict:
    answer = LONGEST_IDLE.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, int | float) or isinstance(answer, bool) or not 0 <= answer < float("inf"):
        return not_yet("Write a number: seconds.", expected="a number of seconds", got=repr(answer))
    right = IDLE_S - RTT_S
    if abs(answer - right) < 0.001:
        return passed("One whole round trip less: half of it the answer was on its way, and half of it the request is.")
    if abs(answer - IDLE_S) < 0.001:
        message, misconception = (
            "The same limit on both sides, and both clocks end together: your request sets out as the server closes.",
            "the same limit is safe",
        )
    elif abs(answer - (IDLE_S - RTT_S / 2)) < 0.001:
        message, misconception = (
            (
                "You have counted one way: which one? The server's clock starts when its answer leaves, yours when it"
                " arrives. And your request has a way to go, too."
            ),
            "only one way counts",
        )
    elif abs(answer - (IDLE_S + RTT_S)) < 0.001 or abs(answer - (IDLE_S + RTT_S / 2)) < 0.001:
        message, misconception = "The way costs you time. Take it away, do not add it.", "the way gives time"
    elif answer > IDLE_S:
        message, misconception = (
            "Then the server closes first, each time. A longer limit here does not make the server wait.",
            "the longer limit wins",
        )
    elif answer == 0:
        message, misconception = "That is safe: it is no pool. How long may it be?", "only no pool is safe"
    elif abs(answer - (IDLE_S - 2 * RTT_S)) < 0.001 or abs(answer - (IDLE_S - 1.5 * RTT_S)) < 0.001:
        message, misconception = "Safe, and shorter than need be: no handshake is in it. Count the ways again.", ""
    else:
        message, misconception = (
            (
                "Draw both sides' time downwards: answer leaves, answer arrives, you rest, request leaves, request"
                " arrives. The server's five seconds end where?"
            ),
            "",
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
    f"On port {RACE_PORT}, send a request into a server's FIN through a pool, and have it answered all the same.",
    _stale_race,
    hints.RACE,
)
LONGEST_IDLE = Exercise(
    "longest_idle",
    "For how many seconds at most may the client keep an idle connection?",
    _longest_idle,
    hints.LONGEST_IDLE,
)

EXERCISES = {exercise.name: exercise for exercise in (OWN_POOL, MAY, RACE, LONGEST_IDLE)}
MINUTES = 40
