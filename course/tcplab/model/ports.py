"""The ephemeral ports of a host at one moment: a kind for each port, and the sentences that say how full they are."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from typing import Any

from tcplab.model.connects import in_kernels_order
from tcplab.model.state import TcpState


@dataclass(frozen=True, slots=True)
class Kind:
    """What a cell of the port map says: free, a state, or TIME_WAIT with so many seconds left.

    Args:
        name: as the legend says it
        state: None where no socket has the port
        above_s: TIME_WAIT only: its clock shows more than this, and at most 15 s more
    """

    name: str
    state: TcpState | None = None
    above_s: int | None = None


BANDS = (0, 15, 30, 45)
KINDS = (
    Kind("free"),
    Kind("under 15 s", TcpState.TIME_WAIT, 0),
    Kind("30–15 s", TcpState.TIME_WAIT, 15),
    Kind("45–30 s", TcpState.TIME_WAIT, 30),
    Kind("60–45 s", TcpState.TIME_WAIT, 45),
    *(
        Kind(state.name, state)
        for state in (
            TcpState.CLOSED,
            TcpState.LISTEN,
            TcpState.LAST_ACK,
            TcpState.CLOSING,
            TcpState.FIN_WAIT2,
            TcpState.FIN_WAIT1,
            TcpState.CLOSE_WAIT,
            TcpState.SYN_RECV,
            TcpState.SYN_SENT,
            TcpState.ESTABLISHED,
        )
    ),
)
"""By number. Where several sockets have one port, the highest is shown: an open connection before a TIME_WAIT."""

CODES = {kind.state: code for code, kind in enumerate(KINDS) if kind.state and kind.state is not TcpState.TIME_WAIT}
TIME_WAITS = range(1, 1 + len(BANDS))

REMEMBERED = 128
"""The median is of so many connect()s, the last ones."""

_HEX = bytes.maketrans(bytes(range(16)), b"0123456789abcdef")
_UNHEX = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))


def _count(codes: bytes, code: int) -> int:
    """How often a code is there: bytes.count() takes ten times as long where it is everywhere."""
    return len(codes) - len(codes.translate(None, bytes([code])))


@dataclass(frozen=True, slots=True)
class Timed:
    """How long the last connect()s took, where a program that times them made them.

    Args:
        took_us: of the last REMEMBERED, oldest first
        count: how many there were in all
        searching: whether connect() searched for a port, rather than being left one to pick
        refused: the errno that ended the row, by its name
    """

    took_us: tuple[float, ...] = ()
    count: int = 0
    searching: bool = True
    refused: str | None = None

    @property
    def words(self) -> str:
        """Its line in the text twin."""
        if not self.took_us:
            return "not timed yet (open_and_close and leave_time_waits time theirs)"
        of = "of 1" if self.count == 1 else f"of the last {len(self.took_us)}"
        how = "" if self.searching else ", each left one port to pick"
        end = f"; then {self.refused}" if self.refused else ""
        return f"median {median(self.took_us):.0f} µs {of}{how}{end}"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that connect() picks from.

    Args:
        lowest, highest: ip_local_port_range
        codes: for each port its kind, as a number of KINDS
        next_free_s: until the first TIME_WAIT of them ends; None where there is none
        elsewhere: TIME_WAITs by local port, of ports that are not in the range

    >>> print(Ports(40000, 40003, bytes([4, 0, 4, 1]), 11.2).lead)
    3 of 4 ports are in TIME_WAIT. The next one is free in 12 s.
    """

    lowest: int
    highest: int
    codes: bytes
    next_free_s: float | None = None
    elsewhere: Mapping[int, int] | None = None
    counts: tuple[int, ...] = field(init=False)  # how many ports there are of each kind

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", tuple(_count(self.codes, code) for code in range(len(KINDS))))

    def __len__(self) -> int:
        return self.highest - self.lowest + 1

    @property
    def lead(self) -> str:
        """How full, and when it drains, in a sentence or three."""
        waiting = sum(self.counts[code] for code in TIME_WAITS)
        verb = "is" if 1 in (waiting, len(self)) else "are"
        said = f"{waiting:,} of {len(self):,} port{'s' if len(self) > 1 else ''} {verb} in TIME_WAIT."
        if self.next_free_s is not None:
            which = "It" if waiting == 1 else "The next one"
            said += f" {which} is free in {ceil(self.next_free_s)} s."
        if self.elsewhere:
            one = len(self.elsewhere) == 1
            where = f"port {next(iter(self.elsewhere))} has" if one else f"{len(self.elsewhere):,} ports have"
            said += f" Outside the range, {where} {sum(self.elsewhere.values()):,}."
        return said

    @property
    def halves(self) -> list[dict[str, Any]]:
        """The two halves as connect() takes them: their names, and how much of each is free."""
        first, second = ("even", "odd") if self.lowest % 2 == 0 else ("odd", "even")
        said = []
        for name, ports in zip((first, second), in_kernels_order(self.lowest, self.highest), strict=True):
            free = _count(self.codes[ports.start - self.lowest :: 2], 0)
            left = f"{free:,} of {len(ports):,} are free" if free else f"all {len(ports):,} are in use"
            when = "connect() takes these first" if name == first else "then these"
            said.append({"name": name, "free": free, "size": len(ports), "says": f"{when}: {left}"})
        return said

    def words(self, timed: Timed) -> str:
        """The whole picture as text; its first line is the lead sentence."""
        counts = self.counts
        first = "even" if self.lowest % 2 == 0 else "odd"
        lines = [self.lead, f"{'range':<12}{self.lowest} to {self.highest}, {first} ports first"]
        if waiting := sum(counts[code] for code in TIME_WAITS):
            left = " · ".join(f"{KINDS[code].name} {counts[code]:,}" for code in reversed(TIME_WAITS) if counts[code])
            lines.append(f"{'TIME_WAIT':<12}{waiting:,}, by seconds left: {left}")
        others = range(len(KINDS) - 1, max(TIME_WAITS), -1)
        lines += [f"{KINDS[code].name:<12}{counts[code]:,}" for code in others if counts[code]]
        lines.append(f"{'free':<12}{counts[0]:,}")
        lines.append(f"{'connect()':<12}{timed.words}")
        return "\n".join(lines)


def packed(
    ports: Ports,
    timed: Timed,
    *,
    new_us: Sequence[float] = (),
    chosen: Mapping[int, Sequence[Mapping[str, Any]]] | None = None,
) -> bytes:
    """Write one frame of the port map: its words as JSON, a line feed, half a byte for each port; zlib over all.

    Args:
        ports, timed: what is drawn
        new_us: some of the connect()s since the last frame
        chosen: the sockets of the ports that somebody has pointed at
    """
    head = {
        "lowest": ports.lowest,
        "highest": ports.highest,
        "lead": ports.lead,
        "words": ports.words(timed),
        "counts": ports.counts,
        "halves": ports.halves,
        "connect": timed.words,
        "new_us": [round(one, 1) for one in new_us],
        "chosen": chosen or {},
    }
    cells = ports.codes.translate(_HEX).decode()
    halves = bytes.fromhex(cells + "0" * (len(cells) % 2))
    return zlib.compress(json.dumps(head, separators=(",", ":")).encode() + b"\n" + halves, 1)


def unpacked(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """Read a frame: its head, and the kind of each port.

    >>> head, codes = unpacked(packed(Ports(40000, 40002, bytes([4, 0, 14])), Timed()))
    >>> head["counts"][0], list(codes)
    (1, [4, 0, 14])
    """
    head, _, halves = zlib.decompress(frame).partition(b"\n")
    said: dict[str, Any] = json.loads(head)
    return said, halves.hex().encode().translate(_UNHEX)[: said["highest"] - said["lowest"] + 1]
