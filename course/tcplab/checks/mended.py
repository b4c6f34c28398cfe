"""A repaired program, judged by what its visitors left behind."""

from collections.abc import Sequence
from enum import Enum
from zlib import crc32

from tcplab.checks.exercise import not_yet, passed
from tcplab.checks.misconception import Lead, Misconception
from tcplab.model.connection import Connection
from tcplab.model.conversation import Conversation
from tcplab.model.evidence import Verdict
from tcplab.model.state import TcpState
from tcplab.model.trial import Trial

_MACHINES = 60  # tcp_fin_timeout, unless somebody has changed it


class Unmended(Misconception, Enum):
    """What those may think whose program leaves something behind, or serves no more."""

    ENDED = (
        "a restart is a repair",
        (
            "Your program has ended. That closes whatever it held, and is what their restart does: the service is gone"
            " with it."
        ),
    )
    LISTENER = (
        "closing the listener closes connections",
        "Nobody listens any more: `listener` is not the one that leaks. Each `accept` gives a socket of its own.",
    )
    RESET_RECEIPTS = (
        "SO_LINGER 0 is the cure",
        "Not every customer has got a receipt. A reset throws away what is still on its way, the receipt too.",
    )
    TOO_EARLY = (
        "closing early enough is enough",
        "A customer's connection is closed before the receipt is on it. Answer first, then close.",
    )
    NO_END = (
        "an answer needs no end",
        "Something is sent, and the customers still wait: for the end. They read until your FIN.{said}",
    )
    FIN_TIMEOUT = (
        "tcp_fin_timeout ends CLOSE_WAIT",
        "tcp_fin_timeout is a clock of FIN_WAIT2. CLOSE_WAIT has no clock that anybody could set.",
    )
    LINGER = (
        "SO_LINGER 0 is the cure",
        "SO_LINGER says how a close() is done. Who does it, and on which way out of serve?",
    )
    TIMEOUT = (
        "a timeout ends CLOSE_WAIT",
        (
            "A time limit ends the wait for something that does not come. The FIN has come: recv returns at once, and"
            " nobody closes."
        ),
    )
    GARBAGE = (
        "garbage collection will see to it",
        "Something still names the socket, so Python keeps it open. Say close() where it is to be closed.",
    )
    SHUT_DOWN = (
        "shutdown closes",
        "ss is content, the program is not: shutdown() sends the FIN, and gives no descriptor back.",
    )
    UNLISTED = (
        "what ss does not list is closed",
        (
            "Not one CLOSE_WAIT is left, and yet the program holds more descriptors than before. Some visitors cut"
            " their upload off with a RST: what does recv do then, and which lines are skipped?"
        ),
    )
    RESET = (
        "SO_LINGER 0 is the cure",
        (
            "Nothing is left, but your server ends connections with a RST. This time every receipt was faster than it;"
            " lab 02 counted what it throws away. Close without it."
        ),
    )


def judged_repair(trial: Trial, source: str, sockets: Sequence[Connection], talks: Sequence[Conversation]) -> Verdict:
    """Judge a trial.

    Args:
        trial: what came of the visits
        source: the program as the learner wrote it; what it does is judged, its words only name the idea behind it
        sockets: what the server holds on the trial's port afterwards
        talks: the visits, as the wire saw them
    """
    return (
        _not_serving(trial, sockets)
        or _no_receipts(trial, source, talks)
        or _left_in_close_wait(trial, source, sockets)
        or _left_open(trial, source)
        or _cut_off(talks)
        or passed(
            f"{len(trial.customers)} receipts, and after {trial.visitors} visitors"
            f" it holds what it held before: {trial.descriptors_after} descriptors. Whatever way they left, it closed."
        )
    )


def _not_serving(trial: Trial, sockets: Sequence[Connection]) -> Verdict | None:
    if not trial.customers:
        return not_yet(
            "Your program did not come up. What it said last is below.",
            expected="a program that listens",
            got=trial.last_words or "nothing",
        )
    if trial.exit_code is not None:
        got = f"exit code {trial.exit_code}"
        return not_yet(Unmended.ENDED, expected="a program that goes on serving", got=got)
    if not any(one.state is TcpState.LISTEN for one in sockets):
        wanted = f"a socket in LISTEN on port {trial.port}"
        return not_yet(Unmended.LISTENER, expected=wanted, got=_states(sockets))
    return None


def _no_receipts(trial: Trial, source: str, talks: Sequence[Conversation]) -> Verdict | None:
    right = [f"{len(file)} bytes, CRC-32 {crc32(file):08x}" for file in trial.customers]
    good = sum(got == wanted for got, wanted in zip(trial.receipts, right, strict=False))
    if good == len(right):
        return None
    expected, got = f"{len(right)} receipts, each its own", f"{good} that are right"
    if "SO_LINGER" in source:
        return not_yet(Unmended.RESET_RECEIPTS, expected=expected, got=got)
    unanswered = [talk for talk in talks if _asked(talk) and not _answered(talk)]
    if any(_servers(talk, "F") or _servers(talk, "R") for talk in unanswered):
        return not_yet(Unmended.TOO_EARLY, expected=expected, got=got)
    said = f" Your program said: {trial.last_words}." if trial.last_words else ""
    if unanswered:
        return not_yet(f"A customer waits for a receipt that is not sent.{said}", expected=expected, got=got)
    if None in trial.receipts:
        return not_yet(Unmended.NO_END.filled(said=said), expected=expected, got=got)
    return not_yet(
        f"The receipts are not those of the files.{said}", expected=right[0], got=str(next(iter(trial.receipts), None))
    )


def _left_in_close_wait(trial: Trial, source: str, sockets: Sequence[Connection]) -> Verdict | None:
    stuck = sum(one.state is TcpState.CLOSE_WAIT for one in sockets)
    if not stuck:
        return None
    if "fin_timeout" in source or trial.fin_timeout_s != _MACHINES:
        lead: Lead = Unmended.FIN_TIMEOUT
    elif "SO_LINGER" in source:
        lead = Unmended.LINGER
    elif any(word in source for word in ("settimeout", "TCP_USER_TIMEOUT", "KEEPALIVE", "KEEPIDLE")):
        lead = Unmended.TIMEOUT
    elif "del " in source or "gc.collect" in source:
        lead = Unmended.GARBAGE
    else:
        lead = "Somebody still leaves serve without a close(). Be each visitor in turn, line by line."
    return not_yet(lead, expected="none in CLOSE_WAIT when all have gone", got=f"{stuck} left")


def _left_open(trial: Trial, source: str) -> Verdict | None:
    if trial.left_open <= 0:
        return None
    shut = "shutdown" in source and "close()" not in source.partition("def serve")[2].partition("listener")[0]
    return not_yet(
        Unmended.SHUT_DOWN if shut else Unmended.UNLISTED,
        expected=f"{trial.descriptors_before} descriptors, as before",
        got=f"{trial.descriptors_after}",
    )


def _cut_off(talks: Sequence[Conversation]) -> Verdict | None:
    # A RST after the server's own FIN answers an ACK that came late, and cuts nothing off.
    cut = [talk for talk in talks if _servers(talk, "R") and not _servers(talk, "F") and not _clients(talk, "R")]
    if not cut:
        return None
    return not_yet(Unmended.RESET, expected="no RST from the server", got=f"{len(cut)} connections reset")


def _asked(talk: Conversation) -> bool:
    """Whether the client sent a file to its end, and was no visitor who hangs up."""
    sent = any(turn.from_client and turn.segment.payload_bytes for turn in talk)
    return sent and _clients(talk, "F") and not _clients(talk, "R")


def _answered(talk: Conversation) -> bool:
    return any(turn.segment.payload_bytes for turn in talk if not turn.from_client)


def _clients(talk: Conversation, flag: str) -> bool:
    return any(turn.from_client and flag in turn.segment.flags for turn in talk)


def _servers(talk: Conversation, flag: str) -> bool:
    return any(not turn.from_client and flag in turn.segment.flags for turn in talk)


def _states(sockets: Sequence[Connection]) -> str:
    return ", ".join(sorted({str(one.state) for one in sockets})) or "no sockets"
