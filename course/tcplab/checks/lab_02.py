"""Lab 02: Which side is left holding TIME_WAIT, and for how long?"""

from collections.abc import Sequence
from enum import Enum
from math import isclose

from tcplab.checks.closes import closing, flags, was_reset
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_02 as hints
from tcplab.checks.holders import SITUATIONS, Holders, judged_holders
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, Turn, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.segment import Fate
from tcplab.model.state import TcpState
from tcplab.model.states import states

SITUATION_PORTS = dict(zip(SITUATIONS, (7001, 7002, 7003, 7004), strict=True))
ORDER_PORT = 7020
"""Where the connections of the exercises go, so that a check finds them."""

TIMERS_S = (17.93, 19.70)
"""What the blog's second netstat shows of its two sockets."""
_LASTS_S = 60
_EXACT_S = 0.05


# ---- who holds it in four situations


def _holders(evidence: Evidence) -> Verdict:
    held = {name: _holder(evidence, port) for name, port in SITUATION_PORTS.items()}
    return judged_holders(HOLDERS.answer(evidence), held)


def _holder(evidence: Evidence, port: int) -> str:
    """Who is left in TIME_WAIT on a port: "client", "server", "both", "neither"; empty where nobody has closed."""
    talk = _last_on(evidence, port)
    if talk is None or not (closing(talk) or was_reset(talk)):
        return ""
    ends = _ends(talk)
    held = [side for side, state in zip(("client", "server"), ends, strict=True) if state is TcpState.TIME_WAIT]
    return {0: "neither", 2: "both"}.get(len(held)) or held[0]


def _ends(talk: Conversation) -> tuple[TcpState, TcpState]:
    told = states(talk)
    return told.client[-1].state, told.server[-1].state


def _last_on(evidence: Evidence, port: int) -> Conversation | None:
    return next((talk for talk in reversed(conversations(evidence.segments)) if talk.server.port == port), None)


# ---- one side in CLOSING


class _Closing(Misconception, Enum):
    RESET = (
        "a reset is a close",
        "That connection was cut off with a RST, and after a RST nobody waits for anything.",
    )
    ONE_FIN = (
        "one close() closes both directions",
        "Both sides have to close, each before it hears of the other.",
    )
    IN_TURN = (
        "two close() in a row are simultaneous",
        (
            "The second FIN acknowledges the first: that side knew, and went by CLOSE_WAIT. Hold the FINs until both"
            " are on their way."
        ),
    )
    OTHER_ACK = (
        "one's own ACK ends CLOSING",
        "The other way round. The side that waits is the one whose FIN is not acknowledged: whose ACK is it?",
    )
    TOO_FAR = "CLOSING stays by itself", "Too far: both ACKs have arrived. Whose is to wait on the wire?"


def _one_in_closing(evidence: Evidence) -> Verdict:
    port = ONE_IN_CLOSING.drawn(evidence).port
    talk = _last_on(evidence, port)
    if talk is None:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    if was_reset(talk):
        return not_yet(_Closing.RESET, expected="two FINs", got=flags(talk))
    fins = {turn.from_client: turn for turn in reversed(talk.turns) if "F" in turn.segment.flags}
    if len(fins) < 2:
        return not_yet(_Closing.ONE_FIN, expected="a FIN from each side", got=flags(closing(talk)) or "no FIN")
    if not _crossed(fins[True], fins[False]):
        return not_yet(_Closing.IN_TURN, expected="two FINs that cross", got=flags(closing(talk)))
    return _stuck(*_ends(talk))


def _crossed(one: Turn, other: Turn) -> bool:
    """Whether neither FIN acknowledges the other."""
    return one.ack <= other.seq + other.segment.payload_bytes and other.ack <= one.seq + one.segment.payload_bytes


def _stuck(client: TcpState, server: TcpState) -> Verdict:
    got = f"client {client}, server {server}"
    if (client, server) == (TcpState.CLOSING, TcpState.TIME_WAIT):
        return passed("Half a close: the server's FIN is acknowledged, the client's is not. CLOSING waits for an ACK.")
    if (client, server) == (TcpState.TIME_WAIT, TcpState.CLOSING):
        lead: Lead = _Closing.OTHER_ACK
    elif client is server is TcpState.CLOSING:
        lead = "Both wait still. Let one of the two ACKs go on: which?"
    elif client is server is TcpState.TIME_WAIT:
        lead = _Closing.TOO_FAR
    else:
        lead = "A FIN is still on its way. CLOSING begins when the other side's FIN arrives."
    return not_yet(lead, expected="client CLOSING, server TIME_WAIT", got=got)


# ---- all of it has arrived, and the client is free


class _Ordered(Misconception, Enum):
    RESET = (
        "a reset is the only way without TIME_WAIT",
        "There is a RST: no option for the socket, and no close() on bytes that nobody has read.",
    )
    CLOSED_FIRST = (
        "who has sent all has to close first",
        "All of it has arrived, and the client is left holding TIME_WAIT: it said FIN first. Who could?",
    )


def _whole_order(evidence: Evidence) -> Verdict:
    port = WHOLE_ORDER.drawn(evidence).port
    talk = _last_on(evidence, port)
    if talk is None:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    if was_reset(talk):
        return not_yet(_Ordered.RESET, expected="no RST", got=flags(list(talk.turns[-6:])))
    model = _last_on(evidence, ORDER_PORT)
    if model is None:
        return unseen(f"The wire has not seen the order on port {ORDER_PORT}: run the cell above that sends it.")
    ordered, arrived = _arrived_bytes(model), _arrived_bytes(talk)
    if arrived < ordered:
        return not_yet(
            "Not all of the order has arrived.", expected=f"{ordered} bytes, as on port {ORDER_PORT}", got=f"{arrived}"
        )
    return _left_at(*_ends(talk))


def _left_at(client: TcpState, server: TcpState) -> Verdict:
    if (client, server) == (TcpState.CLOSED, TcpState.TIME_WAIT):
        return passed(
            "Whole, polite, and the client is free of it. TIME_WAIT does not go away: it stays with the side that"
            " can afford it."
        )
    got = f"client {client}, server {server}"
    if client is TcpState.TIME_WAIT:
        lead: Lead = _Ordered.CLOSED_FIRST
    elif client is TcpState.ESTABLISHED:
        lead = "All of it has arrived. Now close, in the right order."
    else:
        lead = "The close is half done: each side has to close its own direction."
    return not_yet(lead, expected="client CLOSED, server TIME_WAIT", got=got)


def _arrived_bytes(talk: Conversation) -> int:
    """How many bytes the client sent that arrived, each counted once."""
    sent = [turn for turn in talk if turn.from_client and turn.segment.fate not in (Fate.DROPPED, Fate.SWALLOWED)]
    return max((turn.seq + turn.segment.payload_bytes - 1 for turn in sent if turn.segment.payload_bytes), default=0)


# ---- how long ago two connections were closed


class _Ago(Misconception, Enum):
    LEFT = "the timer counts up", "That is what is left. How much has gone?"
    TWO_MSL = "2 MSL", "Where do the 120 come from? Linux has a number of its own."
    SWAPPED = (
        "less time left means younger",
        "Both numbers are right, in each other's place. Which socket has less time left?",
    )


def _closed_ago(evidence: Evidence) -> Verdict:
    answer = CLOSED_AGO.answer(evidence)
    if answer is ... or (isinstance(answer, list | tuple) and ... in answer):
        return not_attempted()
    if not isinstance(answer, list | tuple) or [one for one in answer if type(one) not in (int, float)]:
        return not_yet("Two numbers are asked, in seconds.", expected="a pair such as (1.5, 2.5)", got=repr(answer))
    if _near(answer, [_LASTS_S - left for left in TIMERS_S]):
        return passed(
            "The netstat before it shows the first at 58.53: 40.60 s lie between. A timer tells the time of day."
        )
    foreseen = (
        (_Ago.LEFT, TIMERS_S),
        (_Ago.TWO_MSL, [120 - left for left in TIMERS_S]),
        (_Ago.SWAPPED, [_LASTS_S - left for left in reversed(TIMERS_S)]),
    )
    other = "Both began with the same number of seconds, which ss shows for a fresh one. Take away what is left."
    lead: Lead = next((idea for idea, wrong in foreseen if _near(answer, wrong)), other)
    return not_yet(lead, expected="seconds from TIME_WAIT's beginning to netstat", got=repr(answer))


def _near(given: Sequence[float], wanted: Sequence[float]) -> bool:
    return len(given) == len(wanted) and all(
        isclose(a, b, abs_tol=_EXACT_S) for a, b in zip(given, wanted, strict=True)
    )


HOLDERS = Exercise(
    "holders",
    "Which side is left holding TIME_WAIT in each of the four situations?",
    _holders,
    Holders,
    hints.HOLDERS,
)
ONE_IN_CLOSING = Exercise(
    "one_in_closing",
    "Leave the client in CLOSING and the server in TIME_WAIT.",
    _one_in_closing,
    _Closing,
    hints.ONE_IN_CLOSING,
    Variants("port {port}", {"port": range(9000, 9900, 2)}, while_wrong=True),
)
WHOLE_ORDER = Exercise(
    "whole_order",
    "Send the whole order, without a RST, and leave no TIME_WAIT at the client.",
    _whole_order,
    _Ordered,
    hints.WHOLE_ORDER,
    Variants("port {port}", {"port": range(9001, 9900, 2)}, while_wrong=True),
)
CLOSED_AGO = Exercise(
    "closed_ago_s",
    "How many seconds before its netstat were the blog's two connections closed?",
    _closed_ago,
    _Ago,
    hints.CLOSED_AGO,
)

EXERCISES = {exercise.name: exercise for exercise in (HOLDERS, ONE_IN_CLOSING, WHOLE_ORDER, CLOSED_AGO)}
MINUTES = 30
