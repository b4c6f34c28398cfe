"""What the tests of exercises share: evidence made from a few lines, or read from a recording, and kept answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

from tcplab.checks.variants import Drawn
from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.evidence import Evidence
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Segment
from tcplab.observe.pcap import read
from unit.packets import ADDRESSES, script

RECORDED = Path(__file__).resolve().parent / "recorded"
HOSTS = {ADDRESSES["client"][0]: "client", ADDRESSES["server"][0]: "server"}
OPEN = "client > S\nserver > SA\nclient > A\n"


@dataclass(frozen=True, slots=True)
class Try:
    """What a learner might write, and a part of the message that it must get.

    `segments` are what the wire has seen by then, and stand for what the learner did; `sockets` by host, and `files`
    by name, are what is there by then. None: as in the solution.
    """

    answer: object
    says: str
    segments: Sequence[Segment] | None = None
    sockets: Mapping[str, Sequence[Connection]] | None = None
    files: Mapping[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    """One exercise: its right answer with the evidence for it, the evidence of an untouched lab, and wrong ones.

    `also` are other ways to be right, `unseen` what cannot be judged yet. `varied`: what solves it for the numbers that
    were drawn for somebody.
    """

    solved: Try
    wrong: tuple[Try, ...]
    untouched: Sequence[Segment] = ()
    also: tuple[Try, ...] = ()
    unseen: tuple[Try, ...] = ()
    varied: Callable[[Drawn], Try] | None = None

    def evidence(self, name: str, one: Try, learner: str = "", draws: int = 0) -> Evidence:
        """What the check gets to see for one of the answers."""
        segments = self.solved.segments if one.segments is None else one.segments
        sockets = self.solved.sockets if one.sockets is None else one.sockets
        files = self.solved.files if one.files is None else one.files
        return Evidence(
            segments=segments or (),
            sockets=sockets or {},
            files=files or {},
            answers={name: one.answer},
            learner=learner,
            draws={name: draws},
        )


def half_written(answer: object) -> list[object]:
    """An answer of several parts, each time with one of them left open."""
    match answer:
        case Mapping() if not isinstance(answer, Counters):
            return [{**answer, part: ...} for part in answer]
        case tuple() | list():
            return [
                type(answer)(... if at == here else one for at, one in enumerate(answer)) for here in range(len(answer))
            ]
    return []


def on_port(port: int, text: str) -> list[Segment]:
    """Segments of a script, to another port of the server."""
    return [
        replace(segment, source=_moved(segment.source, port), destination=_moved(segment.destination, port))
        for segment in script(text)
    ]


def crossed(
    port: int,
    text: str,
    *,
    inside: str = "192.0.2.1:40000",
    outside: str = "198.51.100.1:40000",
    starts_s: float = 0.0,
) -> list[Segment]:
    """What the wires on both sides of a gateway saw of a script: first the inner one, then the outer one.

    A line that says `stopped` goes no further than to the gateway, one that says `own` comes from there; a `probe`
    counts from one before. Two scripts that start at different times have different numbers.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    plain = "\n".join(" ".join(word for word in line if word not in ("stopped", "own", "probe")) for line in lines)
    wires: tuple[list[Segment], list[Segment]] = ([], [])
    for line, plainly in zip(lines, on_port(port, plain), strict=True):
        segment = replace(plainly, seq=(plainly.seq - ("probe" in line)) % 2**32)
        first = 0 if segment.from_host == "client" else 1
        for wire, word in ((first, "own"), (1 - first, "stopped")):
            if word not in line:
                wires[wire].append(_named(segment, (inside, outside)[wire], starts_s))
    return [*wires[0], *wires[1]]


def _named(segment: Segment, client: str, starts_s: float) -> Segment:
    """The same segment later, with the client's end under another name, and other numbers from there."""
    address, port = client.split(":")
    end, shift = Endpoint(ip_address(address), int(port)), int(starts_s * 1000)
    arrives = None if segment.delivered_s is None else segment.delivered_s + starts_s
    moved = replace(segment, time_s=segment.time_s + starts_s, delivered_s=arrives)
    if segment.from_host == "client":
        return replace(moved, source=end, seq=(segment.seq + shift) % 2**32)
    return replace(moved, destination=end, ack=(segment.ack + shift) % 2**32)


def turned_round(segments: Sequence[Segment]) -> list[Segment]:
    """The same with the hosts exchanged: what the client did, the server does."""
    other = dict(zip(HOSTS, reversed(HOSTS), strict=True))
    return [
        replace(
            segment,
            source=replace(segment.source, address=other[segment.source.address]),
            destination=replace(segment.destination, address=other[segment.destination.address]),
            from_host=segment.to_host,
            to_host=segment.from_host,
        )
        for segment in segments
    ]


def recorded(name: str) -> list[Segment]:
    """What the wire saw in a lab that was run for real, saved with `bed.wire.save`."""
    return [
        replace(segment, from_host=HOSTS[segment.source.address], to_host=HOSTS[segment.destination.address])
        for segment in read(RECORDED / name)
    ]


def _moved(end: Endpoint, port: int) -> Endpoint:
    return replace(end, port=port) if end.port == ADDRESSES["server"][1] else end
