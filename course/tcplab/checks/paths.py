"""Through which states the two sides of a close go: the judgement of a learner's two lists."""

from collections.abc import Mapping, Sequence
from enum import Enum

from tcplab.checks.exercise import is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.misconception import Lead, Misconception
from tcplab.model.evidence import Verdict
from tcplab.model.state import TcpState

ACTIVE = ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT"]
PASSIVE = ["ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED"]


class WrongTurn(Misconception, Enum):
    """What those may think whose list leaves the path; where it does so is said before it."""

    TIME_WAIT_TOO_EARLY = (
        "TIME_WAIT begins when the FIN is sent",
        "{right} TIME_WAIT comes when the other side's FIN has arrived. Had it, at this point?",
    )
    TIME_WAIT_TWICE = (
        "both sides pass through TIME_WAIT",
        "{right} The side that closes second has no TIME_WAIT: the last thing it waits for is one ACK.",
    )
    CLOSED_TOO_EARLY = (
        "close() closes at once",
        "{right} close() hands the socket to the kernel, and the kernel still has something to wait for.",
    )
    OTHER_SIDE = (
        "active and passive closer swapped",
        "{right} That state belongs to the other side: who sent the first FIN?",
    )


def judged_paths(answer: object, active_closer: str) -> Verdict:
    """Judge {"server": […], "client": […]}: lists of states, as TcpState or by name.

    Args:
        answer: what the learner wrote; `...` anywhere says: not attempted
        active_closer: "server" or "client", as the evidence shows it; empty while nobody has closed
    """
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != {"server", "client"}:
        return not_yet("A list of states for each side is asked.", expected="server=[…], client=[…]", got=repr(answer))
    if not active_closer:
        return unseen("The close has not happened yet: run the experiment, then this.")
    for side in ("server", "client"):
        names = _names(answer[side])
        if names is None:
            return not_yet(
                f"The {side}'s path is a list of states.",
                expected="[TcpState.ESTABLISHED, …]",
                got=repr(answer[side]),
            )
        expected = ACTIVE if side == active_closer else PASSIVE
        if names == [*ACTIVE, "CLOSED"] and expected is ACTIVE:
            continue  # so it goes on, a minute later
        if names[: len(expected)] == expected and names != expected:
            return not_yet(
                f"The {side}'s stops are right, and your list goes on where nothing comes any more.",
                expected=f"{len(expected)} stops",
                got=", ".join(names[len(expected) :]),
            )
        if names != expected:
            return _wrong_turn(side, names, expected)
    return passed("Both paths are right. TIME_WAIT is the last stop of the side that closed first, not its first.")


def _names(path: object) -> list[str] | None:
    """The states of a path by the kernel's names, or None where it is no list of states."""
    if not isinstance(path, Sequence) or isinstance(path, str):
        return None
    names = [str(step).upper().replace("-", "_") for step in path]  # ss writes FIN-WAIT-1
    names = [name.replace("FIN_WAIT_", "FIN_WAIT") for name in names]
    return names if all(name in TcpState.__members__ for name in names) else None


def _wrong_turn(side: str, got: list[str], expected: list[str]) -> Verdict:
    right = next((at for at, (a, b) in enumerate(zip(got, expected, strict=False)) if a != b), len(got))
    state = got[right] if right < len(got) else "the end of your list"
    after = f"what comes after {expected[right - 1]}" if right else "the state of an open connection"
    count = {0: "None of the", 1: "The first of the"}.get(right, f"The first {right} of the")
    verb = "is" if right <= 1 else "are"
    stops = f"{count} {side}'s stops {verb} right."
    found = _turn(state, expected)
    before = expected[right - 1] if right else "the beginning"
    lead: Lead = found.filled(right=stops) if found else f"{stops} Which line of the experiment comes after {before}?"
    return not_yet(lead, expected=after, got=state)


def _turn(state: str, expected: list[str]) -> WrongTurn | None:
    if state == "TIME_WAIT":
        return WrongTurn.TIME_WAIT_TOO_EARLY if expected is ACTIVE else WrongTurn.TIME_WAIT_TWICE
    if state == "CLOSED":
        return WrongTurn.CLOSED_TOO_EARLY
    return WrongTurn.OTHER_SIDE if state in (PASSIVE if expected is ACTIVE else ACTIVE) else None
