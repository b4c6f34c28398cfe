"""Lab 06: Do TIME_WAITs hurt a server?"""

from collections.abc import Mapping
from enum import Enum

from tcplab.checks.exercise import Exercise, is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_06 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.restarts import OtherStory, judged_restart
from tcplab.checks.variants import Drawn, Variants
from tcplab.model.conversation import conversations
from tcplab.model.counters import Counters
from tcplab.model.evidence import Evidence, Verdict

ORPHANS_PORT = 6002
"""Where the lab makes what an exercise is about, so that a check finds it."""

ENTRY_BYTES = (240, 272)
"""A TIME_WAIT entry on Linux 5.10 to 7.3: the least object, the largest with its slab's padding."""
_SOCKET_BYTES = (2_224, 2_432)
_MB = 1e6
_LIMIT = 8


# ---- how much memory the crowd takes


class _Crowd(Misconception, Enum):
    SOCKETS = (
        "a TIME_WAIT is a socket",
        "That is the other line. The open socket is given back when TIME_WAIT begins.",
    )
    BOTH = (
        "the entry comes on top of the socket",
        "Both lines together? A connection has one of the two at a time.",
    )


def _crowd_mb(evidence: Evidence) -> Verdict:
    answer = CROWD_MB.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != {"crowd", "mb"} or type(answer["crowd"]) is not int:
        return not_yet("How many there are, and their MB.", expected="crowd=…, mb=…", got=repr(answer))
    crowd, megabytes = answer["crowd"], answer["mb"]
    if type(megabytes) not in (int, float) or not 0 < megabytes < float("inf"):
        return not_yet("Write a number of MB, more than 0.", expected="a number of MB", got=repr(megabytes))

    def is_near(least: int, most: int, *, unit: float) -> bool:
        rounding = 0.5 if unit == _MB else 0  # "to the nearest"
        return crowd * least / unit / 1.05 - rounding <= float(megabytes) <= crowd * most / unit + rounding

    if is_near(*ENTRY_BYTES, unit=_MB):
        return passed(f"A quarter of a kB each: the whole crowd takes what {crowd // 9:,} open sockets would.")
    lead: Lead = "Entries times bytes an entry, and a million bytes are a MB."
    if is_near(*_SOCKET_BYTES, unit=_MB):
        lead = _Crowd.SOCKETS
    elif is_near(*(sum(both) for both in zip(ENTRY_BYTES, _SOCKET_BYTES, strict=True)), unit=_MB):
        lead = _Crowd.BOTH
    for unit, word in ((1, "bytes"), (1e3, "kB"), (1e9, "GB")):
        if is_near(*ENTRY_BYTES, unit=unit):
            lead = f"That is in {word}. In MB?"
    return not_yet(lead, expected="the MB of all entries", got=f"{megabytes:g}")


# ---- seven too many, five left


class _Overflow(Misconception, Enum):
    SERVERS = (
        "the server always closes first",
        "These are the server's counters. It is the client that shall hold them.",
    )
    BACKWARDS = "before minus after", "Fewer than before: take the earlier look from the later one, and try again."
    NOT_HELD = (
        "the client holds whatever was closed",
        "Connections were opened, and the client holds none. Who closed first, or did anybody?",
    )
    ROOM = (
        "an overflow is a full machine",
        "There was room for all. A limit counts every entry in the table: how low must it be?",
    )
    SWAPPED = (
        "the limit is what is destroyed",
        "The other way round: the limit says how many stay, not how many go.",
    )
    NONE_KEPT = (
        "a limit counts new entries only",
        "None was kept. Those from an earlier try are in the table as well, and they count.",
    )
    SOME_KEPT = (
        "a limit counts new entries only",
        "As many closes as it takes. What was in the table already has taken up some of the room.",
    )


def _overflow(evidence: Evidence) -> Verdict:
    drawn = OVERFLOW.drawn(evidence)
    answer = OVERFLOW.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, Counters):
        return not_yet(
            "Two looks are asked, one before and one after, subtracted.",
            expected="counters(bed.client) - before",
            got=type(answer).__name__,
        )
    destroyed, left = answer.get("TcpExtTCPTimeWaitOverflow", 0), answer.get("sockstat.TCP.tw", 0)
    if not any(answer.get(name, 0) for name in ("TcpActiveOpens", "TcpPassiveOpens")):
        return unseen("No connection was opened between the two looks yet: replace the three dots.")
    got = f"{destroyed} destroyed, {left} left"
    if answer.host == "server" or not answer.get("TcpActiveOpens", 0):
        return not_yet(_Overflow.SERVERS, expected="the client's counters", got=got)
    if (destroyed, left) == (drawn.destroyed, drawn.left):
        return passed(
            f"{destroyed + left} closed, {left} kept, {destroyed} forgotten at once: each of these a last ACK that"
            " cannot be said."
        )
    wanted = f"{drawn.destroyed} destroyed, {drawn.left} left"
    return not_yet(_other_count(destroyed, left, drawn), expected=wanted, got=got)


def _other_count(destroyed: int, left: int, drawn: Drawn) -> Lead:
    as_many = destroyed + left == drawn.destroyed + drawn.left
    if destroyed < 0 or left < 0:
        return _Overflow.BACKWARDS
    if not destroyed:
        return _Overflow.ROOM if left else _Overflow.NOT_HELD
    if (destroyed, left) == (drawn.left, drawn.destroyed):
        return _Overflow.SWAPPED
    if not left:
        return _Overflow.NONE_KEPT
    if left == drawn.left:
        return "So many are left, as they should be. How many have to be closed for the others to go?"
    if as_many and left < drawn.left:
        return _Overflow.SOME_KEPT
    if as_many:
        return "As many closes as it takes. The limit was too high, or not yet, or no longer, in force."
    return "Closed are as many as are left and destroyed together; and the limit says how many are left."


# ---- a server that restarts within the minute


def _restarted(evidence: Evidence) -> Verdict:
    port = RESTARTED.drawn(evidence).port
    return judged_restart([talk for talk in conversations(evidence.segments) if talk.server.port == port], port)


# ---- who counts what


class _Read(Misconception, Enum):
    ORPHANS = (
        "FIN_WAIT2 is listed as TIME_WAIT",
        "it lists a state, and an orphan in FIN_WAIT2 is not in TIME_WAIT.",
    )
    SMALL = "tw counts TIME_WAITs", "it counts small entries. Which of the connections have left one?"
    LIMIT = "the limit counts TIME_WAITs", "the limit is for what sockstat counts, not for what ss lists."


def _instruments(evidence: Evidence) -> Verdict:
    answer = INSTRUMENTS.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != {"ss", "sockstat", "room"}:
        return not_yet("Three numbers are asked.", expected="ss=…, sockstat=…, room=…", got=repr(answer))
    for name, said in answer.items():
        if type(said) is not int:
            return not_yet("a whole number.", about=name, expected="a whole number", got=repr(said))
    drawn = INSTRUMENTS.drawn(evidence)
    if sum(talk.server.port == ORPHANS_PORT for talk in conversations(evidence.segments)) != drawn.orphans:
        return unseen("What is asked of you has not happened yet: run the whole cell.")

    closed, small = drawn.closed, drawn.closed + drawn.orphans
    in_ss, in_sockstat, room = (answer[name] for name in ("ss", "sockstat", "room"))
    for name, seen, right, misread, idea in (
        ("ss", in_ss, closed, small, _Read.ORPHANS),
        ("sockstat", in_sockstat, small, closed, _Read.SMALL),
        ("room", room, _LIMIT - small, _LIMIT - closed, _Read.LIMIT),
    ):
        if seen != right:
            return not_yet(
                idea if seen == misread else idea.says,
                about=name,
                expected="what the instruments show",
                got=f"ss {in_ss}, sockstat {in_sockstat}, room {room}",
            )
    return passed(
        f"{in_ss}, {in_sockstat}, {room}. Before you compare two dashboards, ask which file each of them reads."
    )


CROWD_MB = Exercise(
    "crowd_mb",
    "How many MB does the crowd of TIME_WAITs take?",
    _crowd_mb,
    _Crowd,
    hints.CROWD_MB,
)
OVERFLOW = Exercise(
    "overflow",
    "Let the client's TCPTimeWaitOverflow move by exactly so many, and leave exactly so many entries more.",
    _overflow,
    _Overflow,
    hints.OVERFLOW,
    Variants("{destroyed} destroyed, {left} left", {"destroyed": (7, 6, 8, 9, 10, 11), "left": (5, 2, 3, 4)}),
)
RESTARTED = Exercise(
    "restarted",
    "Serve a caller, go away, and be back within the minute.",
    _restarted,
    OtherStory,
    hints.RESTARTED,
    Variants("port {port}", {"port": range(9000, 9500)}, while_wrong=True),
)
INSTRUMENTS = Exercise(
    "instruments",
    "What do ss and sockstat say, and how many entries more fit?",
    _instruments,
    _Read,
    hints.INSTRUMENTS,
    Variants(
        "{closed} connections that both sides close, {orphans} orphans",
        {"closed": (3, 2, 4, 1, 5), "orphans": (2, 1, 3)},
    ),
)

EXERCISES = {exercise.name: exercise for exercise in (CROWD_MB, OVERFLOW, RESTARTED, INSTRUMENTS)}
MINUTES = 30
