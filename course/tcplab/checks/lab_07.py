"""Lab 07: What is stuck, if it is not TIME_WAIT?"""

from collections.abc import Mapping
from enum import Enum

from tcplab.checks.closes import flags
from tcplab.checks.exercise import Exercise, is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_07 as hints
from tcplab.checks.mended import Unmended, judged_repair
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.segment import Fate
from tcplab.model.state import TcpState
from tcplab.model.trial import Trial

PROGRAM, REPAIR = "receipts.py", "mended.py"

ACTORS = ("its program", "the peer's program", "the peer's kernel", "a clock")
WHO_ACTS_FOR = {
    "close_wait": "its program",
    "fin_wait2": "the peer's program",
    "orphan_fin_wait2": "a clock",
    "last_ack": "the peer's kernel",
    "time_wait": "a clock",
}


# ---- which line leaks


class _Line(Misconception, Enum):
    HOLDS = (
        "holding a socket is the leak",
        "That line keeps the socket open, as a list of who is connected must. Who does not take it off the list?",
    )
    CLOSES = "the close is the leak", "That one closes. Who does not get as far?"
    ANSWERS = (
        "an answer keeps it open",
        "The balancer wants no receipt, and never comes to this line.",
    )
    READS = (
        "recv waits for ever",
        "recv does its work: b'' says that the other side has said FIN. What is made of it?",
    )
    ACCEPTS = (
        "the line with the error is the line with the bug",
        "Here the twelve come in, and here EMFILE is heard of. A leak is where they do not go out.",
    )
    HEARS = (
        "the line with the error is the line with the bug",
        "EMFILE is heard of here. It is the symptom; a leak is where a socket is not given back.",
    )


_LINES = {
    "sessions[peer] = connection": _Line.HOLDS,
    "sessions.pop(peer).close()": _Line.CLOSES,
    "connection.sendall(receipt.encode())": _Line.ANSWERS,
    "while part := connection.recv(65536):": _Line.READS,
    "threading.Thread(target=serve, args=listener.accept()).start()": _Line.ACCEPTS,
    "except OSError as error:": _Line.HEARS,
}


def _leaking_line(evidence: Evidence) -> Verdict:
    answer = LEAKING_LINE.answer(evidence)
    if answer is ...:
        return not_attempted()
    lines = evidence.files.get(PROGRAM, b"").decode(errors="replace").splitlines()
    if not lines:
        return unseen(f"{PROGRAM} is not beside this notebook: run the cell that writes it.")
    if type(answer) is not int or not 1 <= answer <= len(lines):
        return not_yet("Write the number of a line.", expected=f"1 to {len(lines)}", got=repr(answer))

    line = lines[answer - 1].strip()
    got = f"{answer}: {line}" if line else f"{answer}, an empty line"
    expected = "a line by which serve is left with the socket open"
    if line in ("return", "if not file:"):
        return passed(
            "Who says nothing is turned away there, and never let go: close() stands on the one way that the balancer"
            " does not take."
        )
    other = "Be the balancer, and go through serve line by line: connect, say nothing, close."
    return not_yet(_LINES.get(line, other), expected=expected, got=got)


# ---- the repair


def _mended(evidence: Evidence) -> Verdict:
    trial = MENDED.answer(evidence)
    if trial is ...:
        return not_attempted()
    if not isinstance(trial, Trial):
        return not_yet("Let the visitors come: visited(…) returns what is asked.", expected="a trial", got=repr(trial))
    talks = [talk for talk in conversations(evidence.segments) if talk.server.port == trial.port]
    source = evidence.files.get(REPAIR, b"").decode(errors="replace")
    held = [one for one in evidence.sockets.get("server", ()) if one.local.port == trial.port]
    return judged_repair(trial, source, held, talks[-trial.visitors :])


# ---- a FIN behind bytes that nobody reads


class _Deaf(Misconception, Enum):
    TOUCHED = (
        "only a dead peer keeps FIN_WAIT1",
        "The wire has {touched} a segment of it. Here the peer has to live and to answer: no rule.",
    )
    HALF_CLOSED = (
        "shutdown closes",
        "FIN_WAIT1, and a program still holds the socket: half-closed. Let the program go.",
    )
    ARRIVED = (
        "FIN_WAIT1 lasts by itself",
        "The FIN has arrived: everything before it fitted into the client's buffer. Send more than that.",
    )
    CLOSED = "who does not read has closed", "The client said FIN first. Let it stay as it is, open and deaf."
    GONE = (
        "who closes does not read",
        "That one is over. A client's socket that no variable holds is closed at once.",
    )


def _deaf_peer(evidence: Evidence) -> Verdict:
    port = DEAF_PEER.drawn(evidence).port
    talk = next((t for t in reversed(conversations(evidence.segments)) if t.server.port == port), None)
    if talk is None:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    ends = {
        name: next((one for one in evidence.sockets.get(name, ()) if one.four_tuple == four_tuple), None)
        for name, four_tuple in (("client", talk.four_tuple), ("server", talk.four_tuple.reversed()))
    }
    client, server = ends["client"], ends["server"]
    state = server.state if server else TcpState.CLOSED
    expected, got = "server FIN_WAIT1, held by no program", f"server {state}"
    if touched := _touched(talk):
        lead = _Deaf.TOUCHED.filled(touched=touched)
        return not_yet(lead, expected="every segment delivered", got=flags(talk)[:60])
    if server and server.state is TcpState.FIN_WAIT1 and server.inode:
        return not_yet(_Deaf.HALF_CLOSED, expected=expected, got=f"{got}, held")
    if state is TcpState.FIN_WAIT1:
        return passed(
            "No program, no rule, and a FIN that waits behind bytes nobody reads. It ends when somebody reads at the"
            " client, or goes."
        )
    return not_yet(_other_end(state, client), expected=expected, got=got)


def _touched(talk: Conversation) -> str:
    """What a rule did with a segment that is not on its way to the end: "dropped", "held"; empty for nothing."""
    return next((str(turn.segment.fate) for turn in talk if turn.segment.fate in (Fate.DROPPED, Fate.HELD)), "")


def _other_end(state: TcpState, client: object) -> Lead:
    if state is TcpState.ESTABLISHED:
        return "The server has not closed: a sendall that waits for ever never comes to its close()."
    if state is TcpState.FIN_WAIT2:
        return _Deaf.ARRIVED
    if state in (TcpState.CLOSE_WAIT, TcpState.LAST_ACK):
        return _Deaf.CLOSED
    if client is None:
        return _Deaf.GONE
    return "It went further than FIN_WAIT1. What keeps a FIN from leaving?"


# ---- who has to act


class _Actor(Misconception, Enum):
    BY_ITSELF = "CLOSE_WAIT ends by itself", "you looked for its timer, and there was none."
    PEER = (
        "CLOSE_WAIT is the peer's fault",
        "the other side has done its part: its FIN is here. What is missing?",
    )
    FIN_TIMEOUT = "tcp_fin_timeout ends every FIN_WAIT2", "port 5004 had no clock."
    KERNEL = "a kernel closes by itself", "it waits for a FIN. Who makes a kernel send one?"
    FOR_EVER = (
        "an orphan waits for ever",
        "no FIN will come while that program sleeps. None came on port 5002, and it ended all the same.",
    )
    ACK = "an ACK needs a program", "it waits for one ACK. Who sends ACKs?"
    SOMEBODY = (
        "TIME_WAIT waits for somebody",
        "everything has been said, on both sides. Who is still missing?",
    )


def _who_acts(evidence: Evidence) -> Verdict:
    answer = WHO_ACTS.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(WHO_ACTS_FOR):
        return not_yet("One answer for each of the five.", expected=", ".join(WHO_ACTS_FOR), got=repr(answer))
    for state, right in WHO_ACTS_FOR.items():
        said = str(answer[state]).strip().lower().replace("’", "'")
        if said not in ACTORS:
            return not_yet("one of four.", about=state, expected=", ".join(ACTORS), got=repr(answer[state]))
        if said != right:
            return not_yet(_other_actor(state, said), about=state, expected="somebody else", got=said)
    return passed(
        "Two wait for a program, and those are your bugs. One waits for a kernel, two for a clock: leave them alone."
    )


def _other_actor(state: str, said: str) -> _Actor:
    if state == "close_wait":
        return _Actor.BY_ITSELF if said == "a clock" else _Actor.PEER
    if state == "fin_wait2":
        return _Actor.FIN_TIMEOUT if said == "a clock" else _Actor.KERNEL
    if state == "orphan_fin_wait2":
        return _Actor.FOR_EVER
    return _Actor.ACK if state == "last_ack" else _Actor.SOMEBODY


LEAKING_LINE = Exercise(
    "leaking_line",
    "By which line is a socket left open for ever?",
    _leaking_line,
    _Line,
    hints.LEAKING_LINE,
)
MENDED = Exercise(
    "mended",
    "Mend serve, so that nothing is left whoever visits.",
    _mended,
    Unmended,
    hints.MENDED,
)
DEAF_PEER = Exercise(
    "deaf_peer",
    "Leave the server in FIN_WAIT1 with its program gone, without any rule of the wire.",
    _deaf_peer,
    _Deaf,
    hints.DEAF_PEER,
    Variants("port {port}", {"port": range(9001, 9500)}, while_wrong=True),
)
WHO_ACTS = Exercise(
    "who_acts",
    "Who has to act, so that each of the five ends in good order?",
    _who_acts,
    _Actor,
    hints.WHO_ACTS,
)

EXERCISES = {exercise.name: exercise for exercise in (LEAKING_LINE, MENDED, WHO_ACTS, DEAF_PEER)}
MINUTES = 35
