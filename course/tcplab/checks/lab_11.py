"""Lab 11: The forgetful middle: what do NAT and conntrack remember?"""

from collections.abc import Sequence
from enum import Enum

from tcplab.checks.crowds import Crowds, judged_crowd
from tcplab.checks.exercise import Exercise, not_yet, passed, unseen
from tcplab.checks.hints import lab_11 as hints
from tcplab.checks.misconception import Misconception
from tcplab.checks.variants import Variants
from tcplab.checks.words import judged_words
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.passage import Passing, Treatment, newest, passings, probes

FIRST_WORDS = {"client_speaks": 82, "server_speaks": 83, "strict": 84}
"""Where the lab makes each case, so that a check finds what became of it."""

OUTCOMES = ("arrives", "reset", "silence")
_OUTSIDE = "198.51.100.1"
_PROBES = 3


def seen(evidence: Evidence, port: int) -> list[Passing]:
    """What crossed to and from a port of the server: outside, the client's end has the gateway's address."""
    outside = [one for one in evidence.segments if _OUTSIDE in map(str, (one.source.address, one.destination.address))]
    inside = [
        one for one in evidence.segments if _OUTSIDE not in map(str, (one.source.address, one.destination.address))
    ]
    return passings(inside, outside, port=port)


def _opened(one: Passing) -> bool:
    return one.segment.flags == "S"


# ---- two laptops, one port


class _Port(Misconception, Enum):
    ONCE = (
        "a port can be used once on a host",
        (
            "Both come from one address, so each needs a port of its own at the client: lab 04. Who could use a port a"
            " second time?"
        ),
    )
    CHANGED = (
        "a NAT always changes the port",
        "Two addresses, and two ports: the gateway has nothing to change. bind() takes a port, too.",
    )


def _same_port(evidence: Evidence) -> Verdict:
    port = SAME_PORT.drawn(evidence).port
    opened = [(one.inside, one.outside) for one in seen(evidence, port) if _opened(one) and one.inside]
    if not opened:
        return unseen(f"Nobody has asked for port {port} yet: replace the three dots.")
    newest, *before = dict.fromkeys(sent.source for sent, _ in reversed(opened))
    alike = [one for one in before if one.port == newest.port and one.address != newest.address]
    inside = [*(alike or before)[:1], newest]  # the second may have been tried more than once
    outside = {sent.source: passed_on.source for sent, passed_on in opened if passed_on}
    got = ", ".join(map(str, inside))
    if len(inside) < 2:
        return not_yet("That is one connection. Leave it open, and make another.", expected="two SYNs", got=got)
    first, second = inside
    if first.address == second.address:
        return not_yet(_Port.ONCE, expected="two addresses inside, one port", got=got)
    if first.port != second.port:
        lead = _Port.CHANGED if first not in outside else _Port.CHANGED.says
        return not_yet(lead, expected="two addresses inside, one port", got=got)
    if first not in outside or second not in outside:
        return not_yet(
            "One of the two never came out of the gateway. Is the rule still there? nft list ruleset",
            expected="two SYNs outside",
            got=f"{len(outside)}",
        )
    return passed(f"Inside both are {first.port}; outside they are {outside[first].port} and {outside[second].port}.")


# ---- who speaks first


def _first_word(evidence: Evidence) -> Verdict:
    happened = {case: _outcome(newest(seen(evidence, port))) for case, port in FIRST_WORDS.items()}
    return judged_words(
        FIRST_WORD.answer(evidence),
        happened,
        OUTCOMES,
        lambda case, said: _LEADS[case].get(said, "Look at the picture again."),
        shown_by="what the two wires show",
        well="All three. What decides is not who has forgotten, but to whom the next segment is addressed.",
    )


def _outcome(found: Sequence[Passing]) -> str:
    """What the first word on a connection met: "arrives", "reset", "silence"; empty while nobody has spoken."""
    spoken = next((at for at, one in enumerate(found) if one.segment.payload_bytes), None)
    if spoken is None:
        return ""
    if any("R" in one.segment.flags for one in found[spoken:]):
        return "reset"
    word = found[spoken]
    return "arrives" if word.treatment is Treatment.PASSED else "silence"


class _Word(Misconception, Enum):
    IS_RESET = (
        "a segment without an entry is reset",
        "Had the gateway passed it on under another name, the server would have sent one. Under which name did it?",
    )
    IS_DROPPED = (
        "a segment without an entry is dropped",
        "The gateway has no entry, and makes one, as it would for a SYN. Look at the outer half.",
    )
    FINDS = (
        "the middle finds the client by itself",
        "Follow the server's segment. Its destination is the gateway's own address: who there would want it?",
    )
    IS_SILENT = (
        "a segment without an entry is dropped",
        "The gateway says something after all, in a segment of its own.",
    )
    ALWAYS = (
        "a new entry is always made",
        "This gateway makes no entry from the middle of a connection, and the second rule drops what has none.",
    )
    SAYS_NO = "a firewall says no", "To drop is to say nothing: count what the gateway says itself."


_LEADS = {
    "client_speaks": {"reset": _Word.IS_RESET, "silence": _Word.IS_DROPPED},
    "server_speaks": {"arrives": _Word.FINDS, "silence": _Word.IS_SILENT},
    "strict": {"arrives": _Word.ALWAYS, "reset": _Word.SAYS_NO},
}


# ---- kept alive by probes


_FORGOTTEN = "The gateway had forgotten before the last word came."


class _Probing(Misconception, Enum):
    ALONE = (
        "SO_KEEPALIVE alone is enough",
        f"{_FORGOTTEN} Not one probe has left: how long does the kernel wait for the first?",
    )
    SHORT = (
        "the default interval is short",
        f"{_FORGOTTEN} How long was the longest silence, and how long may it be?",
    )
    HEARTBEAT = (
        "a heartbeat is a probe",
        (
            "The client's program speaks. That keeps an entry too; here the kernel is to do it, with no byte for the"
            " other program."
        ),
    )
    TWO_HOURS = "two hours is the least", "That was too short a silence to prove anything."


def _kept(evidence: Evidence) -> Verdict:
    found = newest(seen(evidence, KEPT.drawn(evidence).port))
    found_probes = probes(found)
    spoken = [one for one in found if one.segment.payload_bytes]
    if not (found_probes or spoken):
        return unseen("Nothing keeps that connection, and nobody has spoken: replace the three dots.")
    if any("R" in one.segment.flags for one in found) or any(one.treatment is Treatment.STOPPED for one in spoken):
        return not_yet(
            _Probing.SHORT if found_probes else _Probing.ALONE,
            expected="a probe before each idle time is over",
            got=f"{len(found_probes)} probes",
        )
    if any(one.to_server for one in spoken):
        got = f"{spoken[0].segment.payload_bytes} bytes from the client"
        return not_yet(_Probing.HEARTBEAT, expected="probes: no payload", got=got)
    if len(found_probes) < _PROBES:
        lead = _Probing.TWO_HOURS.says if found_probes else _Probing.TWO_HOURS
        return not_yet(lead, expected=f"{_PROBES} probes or more", got=f"{len(found_probes)}")
    if not spoken:
        return not_yet(
            "It has been kept. Now the proof: let the server have the last word.",
            expected="a segment with payload from the server",
            got="probes alone",
        )
    return passed("Probes, not a byte in them, and the gateway still knew where the server's word belongs.")


# ---- one too many


def _one_too_many(evidence: Evidence) -> Verdict:
    drawn = ONE_TOO_MANY.drawn(evidence)
    return judged_crowd(ONE_TOO_MANY.answer(evidence), seen(evidence, drawn.port), drawn.port, drawn.most)


SAME_PORT = Exercise(
    "same_port",
    "Open two connections to one port of the server that have one port inside, and two outside.",
    _same_port,
    _Port,
    hints.SAME_PORT,
    Variants("port {port}", {"port": range(9000, 9900, 4)}, while_wrong=True),
)
FIRST_WORD = Exercise(
    "first_word",
    "What does the next segment meet, when the gateway has forgotten the connection?",
    _first_word,
    _Word,
    hints.FIRST_WORD,
)
KEPT = Exercise(
    "kept",
    "Keep an idle connection in the gateway's memory with three probes, and let the server have the last word.",
    _kept,
    _Probing,
    hints.KEPT,
    Variants("port {port}", {"port": range(9002, 9900, 4)}, while_wrong=True),
)
ONE_TOO_MANY = Exercise(
    "one_too_many",
    "Let the gateway serve so many connections to a port at once, and one more vanish.",
    _one_too_many,
    Crowds,
    hints.ONE_TOO_MANY,
    Variants("port {port}, {most} at once", {"port": range(9003, 9900, 4), "most": (3, 4, 5, 6)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (SAME_PORT, FIRST_WORD, KEPT, ONE_TOO_MANY)}
MINUTES = 40
