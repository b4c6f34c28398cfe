"""Where one end of a connection stands: the way it came by the wire's word, and what the kernel says of it now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tcplab.model.connection import Connection
from tcplab.model.state import TcpState
from tcplab.model.transitions import transition

Witness = Literal["wire", "kernel", "rule"]
_NOTHING = (TcpState.CLOSED, TcpState.LISTEN)
LAST = 1_000_000
_KEPT_S = 1.5  # a clock that showed less when it was last seen has run out


@dataclass(frozen=True, slots=True)
class Entered:
    """One step of the way: a state, what brought the end there, and who says so.

    "wire": segments show it; "kernel": only the socket table does; "rule": it must have been so before the first
    segment. `turn` puts the steps of both ends in one order; what no segment tells comes last.
    """

    state: TcpState
    cause: str
    witness: Witness = "wire"
    turn: int = LAST


@dataclass(frozen=True, slots=True)
class Standing:
    """One end: its way so far, the seconds that its clock shows (None without one), and a remark on who says what."""

    way: tuple[Entered, ...]
    left_s: float | None = None
    remark: str = ""

    @property
    def state(self) -> TcpState:
        """The state that it is in."""
        return self.way[-1].state

    @property
    def cause(self) -> str:
        """What brought it there."""
        return self.way[-1].cause

    def __str__(self) -> str:
        return " → ".join(str(each.state) for each in self.way)


BEFORE = Standing((Entered(TcpState.CLOSED, "", "rule", 0),))
"""An end of which nothing has been seen."""


def with_beginning(way: Iterable[Entered]) -> tuple[Entered, ...]:
    """Begin a way in CLOSED where the record shows how the connection began."""
    told = tuple(
        Entered(each.state, each.cause, "rule", each.turn) if each.state is TcpState.LISTEN and not at else each
        for at, each in enumerate(way)
    )
    if told and told[0].state in (TcpState.LISTEN, TcpState.SYN_SENT):
        return (Entered(TcpState.CLOSED, "", "rule", 0), *told)
    return told or BEFORE.way


def stand(
    way: tuple[Entered, ...], kernel: Connection | None, *, certain: bool = True, clock_s: float | None = None
) -> Standing:
    """Put the wire's word and the kernel's together; where they differ, the kernel is right about now.

    Args:
        way: what the segments tell
        kernel: this end in the kernel's table, None if it is not there
        certain: whether the kernel has said the same twice: one of the two may have been asked a moment earlier
        clock_s: what the end's clock should show by now, if it was ever seen
    """
    told = way[-1].state
    if kernel is None:
        if told in _NOTHING or not certain:
            return Standing(way)
        return Standing((*way, Entered(TcpState.CLOSED, _end_of(told, clock_s), "kernel")), None, _gone(clock_s))
    left_s = kernel.timer_s if kernel.timer == "timewait" else None
    if kernel.state is told:
        return Standing(way, left_s, _remark(kernel))
    if not certain:
        return Standing(way)
    arrow = transition(told, kernel.state)
    cause = arrow.event if arrow is not None else "the kernel says so"
    said = f"By the segments it would be in {told}; sock_diag says {kernel.state}."
    return Standing((*way, Entered(kernel.state, cause, "kernel")), left_s, said)


def sampled(before: Standing | None, kernel: Connection | None) -> Standing:
    """Follow an end by the kernel's table alone, look by look: what happened between two looks is not known."""
    if before is None:
        before = Standing(()) if kernel is not None else BEFORE
    now = TcpState.CLOSED if kernel is None else kernel.state
    left_s = kernel.timer_s if kernel is not None and kernel.timer == "timewait" else None
    remark = "" if kernel is None else _remark(kernel)
    if before.way and before.state is now:
        return Standing(before.way, left_s, remark)
    arrow = transition(before.state, now) if before.way else None
    cause = arrow.event if arrow is not None else ""
    return Standing((*before.way, Entered(now, cause, "kernel")), left_s, remark)


def _end_of(told: TcpState, clock_s: float | None) -> str:
    if clock_s is not None and clock_s < _KEPT_S:
        return "60 s over" if told is TcpState.TIME_WAIT else "its clock ran out"
    return "given up" if told is TcpState.SYN_SENT else "the kernel let go of it"


def _gone(clock_s: float | None) -> str:
    if clock_s is not None and clock_s < _KEPT_S:
        return "No segment tells that: the clock ran out, and sock_diag has it no more."
    return "No segment tells that: sock_diag has it no more, in any state."


def _remark(kernel: Connection) -> str:
    """What the kernel's table knows of an end that no segment tells."""
    state = kernel.state
    if state is TcpState.SYN_RECV and not kernel.inode:
        return "A request, not a socket yet: the listener itself stays in LISTEN."
    if state in (TcpState.ESTABLISHED, TcpState.CLOSE_WAIT) and not kernel.inode:
        return "It waits for accept(): no program holds it yet."
    if state in (TcpState.FIN_WAIT1, TcpState.FIN_WAIT2) and kernel.inode:
        return "A program still holds it: that was shutdown(), and no clock ends it."
    if state is TcpState.FIN_WAIT2 and kernel.timer == "timewait":
        return "No program holds it: tcp_fin_timeout ends it."
    if state is TcpState.LISTEN:
        return "The listener: it stays in LISTEN, whatever becomes of its connections."
    return ""
