"""What the tests of exercises share: evidence made from a few lines, or read from a recording, and kept answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tcplab.model.connection import Connection
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
    """One exercise: its right answer with the evidence for it, the evidence of an untouched lab, and wrong ones."""

    solved: Try
    wrong: tuple[Try, ...]
    untouched: Sequence[Segment] = ()

    def evidence(self, name: str, one: Try) -> Evidence:
        """What the check gets to see for one of the answers."""
        segments = self.solved.segments if one.segments is None else one.segments
        sockets = self.solved.sockets if one.sockets is None else one.sockets
        files = self.solved.files if one.files is None else one.files
        return Evidence(segments=segments or (), sockets=sockets or {}, files=files or {}, answers={name: one.answer})


def on_port(port: int, text: str) -> list[Segment]:
    """Segments of a script, to another port of the server."""
    return [
        replace(segment, source=_moved(segment.source, port), destination=_moved(segment.destination, port))
        for segment in script(text)
    ]


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
