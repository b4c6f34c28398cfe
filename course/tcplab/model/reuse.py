"""What connect() asks of a port before it takes it: the kernel's own questions, as pure functions on evidence.

Source: __inet_hash_connect() and __inet_check_established() in net/ipv4/inet_hashtables.c, tcp_twsk_unique() in
net/ipv4/tcp_ipv4.c.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address
from math import floor
from typing import Any, Final

from tcplab.model.state import TcpState


class Question(StrEnum):
    """What is asked of a port, in the kernel's order."""

    RESERVED = "is it reserved?"
    IN_USE = "does any socket have it?"
    BOUND = "did one of them bind() it?"
    SAME = "in this very four-tuple?"
    REMNANT = "is only an entry left of it?"
    OVER = "in TIME_WAIT, not FIN_WAIT2?"
    MODE = "does tcp_tw_reuse allow it?"
    TIMESTAMPS = "did it carry timestamps?"
    AGE = "older than the delay?"


LEAVES: Final = {
    Question.RESERVED: (True, False),
    Question.IN_USE: (False, True),
    Question.BOUND: (True, False),
    Question.SAME: (False, True),
    Question.REMNANT: (False, False),
    Question.OVER: (False, False),
    Question.MODE: (False, False),
    Question.TIMESTAMPS: (False, False),
    Question.AGE: (False, False),
}
"""For each question: the answer that ends the questions, and whether the port is taken then."""

ASKED_AFTER_BIND: Final = (Question.SAME, Question.REMNANT, Question.TIMESTAMPS)
"""All that is asked when the program has chosen the port by bind() itself."""

JIFFY_S: Final = 0.01
"""The kernel's coarsest tick: by so much the age of a TIME_WAIT may be wrong, as its clock shows it."""


@dataclass(frozen=True, slots=True)
class Port:
    """One local port, as a connect() from one address to one destination finds it.

    Args:
        in_use: whether any socket of the host has it
        bound: whether one of these got it by bind()
        state: of what the host holds with this very four-tuple; None: nothing
        remnant: whether that is a small entry that no program holds, in TIME_WAIT or FIN_WAIT2
        timestamps: whether that connection carried timestamps: both sides had said so
        entered_s: when that TIME_WAIT began (time.monotonic())
    """

    number: int
    reserved: bool = False
    in_use: bool = False
    bound: bool = False
    state: TcpState | None = None
    remnant: bool = False
    timestamps: bool = False
    entered_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Path:
    """The questions asked of a port, each with its answer; and whether the port was taken."""

    port: int
    answers: tuple[tuple[Question, bool], ...]
    taken: bool

    @property
    def end(self) -> Question:
        """The last question that was asked."""
        return self.answers[-1][0]

    @property
    def reuses(self) -> bool:
        """Whether it takes the place of a TIME_WAIT."""
        return self.taken and self.end in (Question.AGE, Question.TIMESTAMPS)


@dataclass(frozen=True, slots=True)
class Search:
    """All that decides where a connect() ends, looked at right before it.

    Args:
        source, destination, destination_port: what the four-tuple will be made of, with a port of `ports`
        ports: the whole range, or the one that the program has bound
        mode: tcp_tw_reuse, 0 to 2
        delay_s: tcp_tw_reuse_delay; None where the kernel has none, and counts whole seconds
        bound: whether the program has called bind() itself
    """

    source: IPv4Address
    destination: IPv4Address
    destination_port: int
    ports: tuple[Port, ...]
    mode: int
    delay_s: float | None
    bound: bool = False

    @property
    def loopback(self) -> bool:
        """Whether the kernel calls it loopback: an address of 127.0.0.0/8, and not a device."""
        return self.source.is_loopback or self.destination.is_loopback

    def paths(self, now_s: float) -> tuple[Path, ...]:
        """Ask every port, as a connect() at that moment (time.monotonic()) would; in the order of their numbers."""
        return tuple(self._path(port, now_s) for port in self.ports)

    def _path(self, port: Port, now_s: float) -> Path:
        answers = []
        for question in ASKED_AFTER_BIND if self.bound else Question:
            answer = self._answer(question, port, now_s)
            answers.append((question, answer))
            leaving, taken = LEAVES[question]
            if answer is leaving:
                return Path(port.number, tuple(answers), taken)
        return Path(port.number, tuple(answers), taken=True)

    def _answer(self, question: Question, port: Port, now_s: float) -> bool:
        match question:
            case Question.RESERVED:
                return port.reserved
            case Question.IN_USE:
                return port.in_use
            case Question.BOUND:
                return port.bound
            case Question.SAME:
                return port.state is not None
            case Question.REMNANT:
                return port.remnant
            case Question.OVER:
                return port.state is TcpState.TIME_WAIT
            case Question.MODE:
                return self.mode == 1 or (self.mode == 2 and self.loopback)
            case Question.TIMESTAMPS:
                return port.timestamps
            case Question.AGE:
                return old_enough(port.entered_s, now_s, self.delay_s)

    def ends(self, now_s: float) -> tuple[Path, ...]:
        """The paths among which the kernel's is: those to a port that it may take, or, where there is none, all.

        Ports with the parity of the range's first come first. Which of them is tried first is drawn.
        """
        paths = self.paths(now_s)
        taken = [path for path in paths if path.taken]
        first = [path for path in taken if path.port % 2 == paths[0].port % 2]
        return tuple(first or taken or paths)


@dataclass(frozen=True, slots=True)
class Walk:
    """A connect(), with what was known right before it, and what the kernel did.

    `port` is the local port that the kernel took; None: it refused, for `error`. `socket` is the connected one.
    """

    search: Search
    before_s: float
    after_s: float
    port: int | None
    error: str = ""
    socket: Any = field(default=None, compare=False, repr=False)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The way that this connect() took: to the port that it got, or past every port in vain.

        Returns: empty when the kernel has done what the questions cannot explain.
        """
        # A TIME_WAIT may come of age between the look and the connect(), and its age is known to a jiffy only.
        for now_s in (self.before_s, self.after_s, self.before_s - JIFFY_S, self.after_s + JIFFY_S):
            ends = self.search.ends(now_s)
            if self.port is None and not any(path.taken for path in ends):
                return ends
            if found := [path for path in ends if path.taken and path.port == self.port]:
                return tuple(found)
        return ()


def old_enough(entered_s: float, now_s: float, delay_s: float | None) -> bool:
    """Tell whether a TIME_WAIT that began at entered_s is old enough to be reused (all in time.monotonic()'s seconds).

    Args:
        delay_s: tcp_tw_reuse_delay; None: the kernel has none, and asks for another whole second of its clock, which
            comes 0 to 1 s later

    >>> old_enough(7.95, 8.01, None), old_enough(7.95, 8.01, 1.0)
    (True, False)
    """
    if delay_s is None:
        return floor(now_s) > floor(entered_s)
    return now_s - entered_s > delay_s


def all_old_enough(entered_s: Iterable[float], now_s: float, delay_s: float | None) -> bool:
    """Tell the same of many."""
    return all(old_enough(one, now_s, delay_s) for one in entered_s)
