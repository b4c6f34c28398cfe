"""Sockets watched until something happens: who stays in which state, for how long, and who has a clock."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.state import TcpState
from tcplab.notebook.display import present
from tcplab.notebook.say import table
from tcplab.notebook.wait import wait_until
from tcplab.observe.sockets import sockets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcplab.model.four_tuple import FourTuple
    from tcplab.world.host import Host


@dataclass(frozen=True, slots=True)
class Stay:
    """A socket in one state, seconds from the first look; `clock_s` is what its clock showed last, None without one."""

    state: TcpState
    from_s: float
    to_s: float
    clock_s: float | None


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen of one host's end of the connection on a port; `ended` if it was gone at the last look."""

    port: int
    host: str
    stays: tuple[Stay, ...]
    ended: bool


def lifelines(
    *hosts: "Host", ports: Iterable[int], until: Callable[[], object], within_s: float, what: str = "the end"
) -> None:
    """Watch one connection a port until a condition holds, then draw how long each end stayed in which state.

    Args:
        hosts: whose ends are watched
        ports: the server's ports; a listening socket does not count
        until: looked at between looks at the sockets
        within_s: the longest wait, seconds
        what: what is awaited, for the error message

    Raises:
        BadValue: no host or no port is named
        NotReady: it did not happen in that time

    >>> lifelines(bed.client, ports=(80,), until=lambda: not sockets(bed.client), within_s=5)     # doctest: +SKIP
    """
    watched = [(port, host) for port in ports for host in hosts]
    if not watched:
        raise BadValue("ports", list(ports), "one port or more, and one host or more")
    looks: list[tuple[float, list[Connection | None]]] = []
    followed: dict[tuple[int, Host], FourTuple] = {}

    def happened() -> bool:
        seen = [_end(host, port, followed) for port, host in watched]
        looks.append((time.monotonic(), seen))
        return bool(until())

    wait_until(happened, within_s=within_s, what=what)
    happened()  # and how it looks then
    lives = [
        life(port, host.name, [(at_s - looks[0][0], seen[place]) for at_s, seen in looks])
        for place, (port, host) in enumerate(watched)
    ]

    def draw() -> "Figure":
        from tcplab.notebook.lifelines_figure import figure

        return figure(lives, looks[-1][0] - looks[0][0])

    present(draw, twin(lives), says=lead_sentence(lives))


def _end(host: "Host", port: int, followed: "dict[tuple[int, Host], FourTuple]") -> Connection | None:
    """Look at the end that was there first; where there is another, it is not an earlier connection's TIME_WAIT."""
    ends = [one for one in sockets(host, port=port) if one.state is not TcpState.LISTEN]
    ends.sort(key=lambda one: one.state is TcpState.TIME_WAIT)
    if ends:
        followed.setdefault((port, host), ends[0].four_tuple)
    return next((one for one in ends if one.four_tuple == followed[port, host]), None)


def life(port: int, host: str, looks: Sequence[tuple[float, Connection | None]]) -> Life:
    """Put looks (seconds, what was there) together to stays; a state lasts to the look that shows another."""
    stays: list[Stay] = []
    before: TcpState | None = None
    for at_s, seen in looks:
        if before is not None:
            last = stays[-1]
            stays[-1] = Stay(last.state, last.from_s, at_s, last.clock_s)
        if seen is not None:
            clock_s = seen.timer_s if seen.timer == "timewait" else None
            if seen.state is before:
                stays[-1] = Stay(seen.state, stays[-1].from_s, at_s, clock_s)
            else:
                stays.append(Stay(seen.state, at_s, at_s, clock_s))
        before = seen.state if seen is not None else None
    return Life(port, host, tuple(stays), ended=before is None)


def outcome(one: Life) -> str:
    """Say how it stood at the last look: gone, with its clock, or without one."""
    if not one.stays:
        return "nothing"
    last = one.stays[-1]
    if one.ended:
        return f"gone after {last.to_s:.2f} s"
    return "no clock" if last.clock_s is None else f"{last.state} {int(last.clock_s)} s left"


def twin(lives: Sequence[Life]) -> str:
    """Return the picture as text: one line an end, its states in order, and how it stood in the end."""
    rows: list[tuple[str, ...]] = []
    for at, one in enumerate(lives):
        port = "" if at and lives[at - 1].port == one.port else str(one.port)
        rows.append((port, one.host, " → ".join(str(stay.state) for stay in one.stays), outcome(one)))
    return table(rows)


def lead_sentence(lives: Sequence[Life]) -> str:
    """Say how many ended."""
    gone = sum(one.ended for one in lives)
    return f"{gone} of {len(lives)} sockets gone at the last look."
