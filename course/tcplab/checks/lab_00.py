"""Lab 00: The server is well. Why can't you reach it?"""

from enum import Enum

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_00 as hints
from tcplab.checks.misconception import Misconception
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict

PLACES = ("client", "server", "machine")


# ---- what a refused request puts on the wire


class _Counted(Misconception, Enum):
    ANSWERED = (
        "a request that was answered",
        (
            "That is a whole conversation: this request was answered. More than a minute had passed since the one"
            " before it. Run the cell with the two counts again, and see what curl says."
        ),
    )
    UNANSWERED = (
        "a SYN that nobody answers",
        "One lonely SYN would have made curl wait for seconds. How long did it take?",
    )
    REFUSED = (
        "connection refused by the server",
        "A SYN and a RST in reply: that is what a closed port answers. Is there one on the wire?",
    )
    OPENED = (
        "a handshake before the refusal",
        "Three segments open a connection. curl says that it never got one.",
    )
    ALL = "the wire's whole record", "That counts what crossed earlier, too. How many more are there after?"


_FEW = {1: _Counted.UNANSWERED, 2: _Counted.REFUSED, 3: _Counted.OPENED}


def _refused_segments(evidence: Evidence) -> Verdict:
    answer = REFUSED_SEGMENTS.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, int) or isinstance(answer, bool) or answer < 0:
        return not_yet("Write a whole number: how many segments.", expected="a number, 0 or more", got=repr(answer))
    asked = [talk for talk in conversations(evidence.segments) if talk.server.port == 80]
    if not asked:
        return unseen("The wire has seen no request yet: run the cells with curl above, then this one again.")
    if answer == 0:
        return passed(
            "None. The server is silent because nobody spoke to it: the client's own kernel refused, before any packet."
        )
    if len(asked) > 1 and answer == len(asked[-1]):
        return not_yet(
            _Counted.ANSWERED, expected="the difference of the two counts around a refused request", got=str(answer)
        )
    return not_yet(_FEW.get(answer, _Counted.ALL), expected="the difference of the two counts", got=str(answer))


# ---- where a setting is changed


class _Changed(Misconception, Enum):
    MACHINE = (
        "a sysctl of a host is the machine's",
        "The machine's file and the client's are compared in the last line: what is set in a world stays in it.",
    )
    SERVER = (
        "hosts of a world share their settings",
        "Look at the server's two numbers again. Two hosts of one world share a kernel, but not these settings.",
    )
    NOWHERE = (
        "nothing was changed",
        "One of the three is not as it was. Where are the two numbers that someone typed?",
    )


def _changed_where(evidence: Evidence) -> Verdict:
    answer = CHANGED_WHERE.answer(evidence)
    if answer is ...:
        return not_attempted()
    places = [answer] if isinstance(answer, str) else answer
    if not isinstance(places, set | frozenset | list | tuple) or not all(place in PLACES for place in places):
        return not_yet(
            'Write a set of names, such as {"client", "server"}.',
            expected='some of "client", "server", "machine"',
            got=repr(answer),
        )
    got = set(places)
    said = ", ".join(sorted(got)) or "nowhere"
    if got == {"client"}:
        return passed("Only the client has it. Its network settings are its own, and so are those of every host here.")
    if not got:
        return not_yet(_Changed.NOWHERE, expected="at least one place", got=said)
    also = _Changed.MACHINE if "machine" in got else _Changed.SERVER
    return not_yet(also, expected="the places whose two numbers are equal to what was set", got=said)


# ---- a connection the other way round


class _Opened(Misconception, Enum):
    BY_CLIENT = (
        "the client always connects",
        "The first SYN has to come from the server this time: change who listens and who connects.",
    )
    BEFORE_LISTEN = (
        "connect before listen",
        (
            "The SYN came back with a RST: nobody listens on that port of the client."
            " (A socket that no variable holds is closed at once.)"
        ),
    )


def _from_the_server(evidence: Evidence) -> Verdict:
    port = FROM_THE_SERVER.drawn(evidence).port
    tried = [talk for talk in conversations(evidence.segments) if talk.server.port == port]
    if not tried:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    if any(_opened(talk) and talk.client_host == "server" for talk in tried):
        return passed(
            "The server sent the SYN, so in this connection it is the client. The roles belong to a connection."
        )
    last = tried[-1]
    if last.client_host != "server":
        got = f"a SYN from the {last.client_host}"
        return not_yet(_Opened.BY_CLIENT, expected="a SYN from the server", got=got)
    if was_reset(last):
        return not_yet(_Opened.BEFORE_LISTEN, expected="a listening socket on the client first", got=flags(last))
    return not_yet("The server's SYN is on the wire, and no handshake follows it.", expected="S SA A", got=flags(last))


def _opened(talk: Conversation) -> bool:
    return flags(talk).startswith("S SA A")


REFUSED_SEGMENTS = Exercise(
    "refused_segments",
    "How many segments did the refused request put on the wire?",
    _refused_segments,
    _Counted,
    hints.REFUSED_SEGMENTS,
)
CHANGED_WHERE = Exercise(
    "changed_where",
    "In which of the three places is the setting changed?",
    _changed_where,
    _Changed,
    hints.CHANGED_WHERE,
)
FROM_THE_SERVER = Exercise(
    "from_the_server",
    "Open a connection from the server to the client.",
    _from_the_server,
    _Opened,
    hints.FROM_THE_SERVER,
    Variants("port {port}", {"port": range(9000, 9500)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (REFUSED_SEGMENTS, CHANGED_WHERE, FROM_THE_SERVER)}
MINUTES = 15
