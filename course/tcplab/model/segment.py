"""One TCP segment as the wire saw it: when, from whom, what it said, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from tcplab.errors import UnexpectedOutput
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.frame import FLAG_NAMES, parse
from tcplab.model.options import TcpOptions


class Fate(StrEnum):
    """What the wire did with a segment."""

    DELIVERED = "delivered"
    DROPPED = "dropped"
    HELD = "held"
    DELAYED = "delayed"
    DUPLICATED = "duplicated"
    SWALLOWED = "swallowed"
    """A repeat of a SYN that is held: the sender's clock cannot be stopped, so the wire takes the copy out."""


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """One TCP segment on the wire.

    `number` counts from 1; `time_s` is since the first frame on the wire; `window` is as sent, not scaled;
    `payload_bytes` is the length on the wire, also where the record kept less of `payload`; `delivered_s` is None until
    it arrives.

    Source: RFC 9293 §3.1 (header format), §3.2 (options).
    """

    number: int
    time_s: float
    source: Endpoint
    destination: Endpoint
    flags: str
    seq: int
    ack: int
    window: int
    options: TcpOptions
    payload: bytes
    payload_bytes: int
    fate: Fate
    delivered_s: float | None
    from_host: str
    to_host: str
    frame: bytes

    @classmethod
    def from_frame(
        cls,
        frame: bytes,
        *,
        number: int = 1,
        time_s: float = 0.0,
        fate: Fate = Fate.DELIVERED,
        delivered_s: float | None = None,
        from_host: str = "",
        to_host: str = "",
    ) -> "Segment":
        """Decode an Ethernet frame.

        Raises: UnexpectedOutput when the frame holds no TCP segment.
        """
        headers = parse(frame)
        if headers is None:
            raise UnexpectedOutput("a frame without a TCP header", frame[:64].hex(" "))
        family, source, destination, sport, dport, seq, ack, flags, window, options, start, end = headers
        address = IPv4Address if family == 4 else IPv6Address
        return cls(
            number=number,
            time_s=time_s,
            source=Endpoint(address(source), sport),
            destination=Endpoint(address(destination), dport),
            flags=FLAG_NAMES[flags],
            seq=seq,
            ack=ack,
            window=window,
            options=TcpOptions.parse(options),
            payload=frame[start:end],
            payload_bytes=end - start,
            fate=fate,
            delivered_s=delivered_s,
            from_host=from_host,
            to_host=to_host,
            frame=frame,
        )

    @property
    def four_tuple(self) -> FourTuple:
        """The connection, named from the sender's side."""
        return FourTuple(self.source, self.destination)

    @property
    def sequence_length(self) -> int:
        """How many sequence numbers it takes: its payload, and one each for SYN and FIN (RFC 9293 §3.4)."""
        return self.payload_bytes + ("S" in self.flags) + ("F" in self.flags)

    def line(self, seq: int, ack: int, digits: int, *, columns: tuple[int, int] = (2, 6)) -> str:
        """Say it in one line, with the numbers given (a conversation passes relative ones), `digits` wide.

        columns: how wide its own number and the time are at least, so that lines stand below each other
        """
        number, time_s = f"{self.number:{columns[0]}}", f"{self.time_s:{columns[1]}.4f}"
        way = f"{self.from_host or self.source} → {self.to_host or self.destination}"
        said_ack = f"ack {ack:<{digits}}" if "A" in self.flags else " " * (4 + digits)
        numbers = f"seq {seq:<{digits}} {said_ack}"
        length = f"{self.payload_bytes:>5} {'byte ' if self.payload_bytes == 1 else 'bytes'}"
        return f"{number}  {time_s} s  {way}  {self.flags:<3} {numbers} {length}  {self.fate}"

    def __repr__(self) -> str:
        return self.line(self.seq, self.ack, 10)

    def show(self) -> None:
        """Print its header as RFC 9293 draws it."""
        print("\n".join(self.header_lines()))

    def header_lines(self) -> list[str]:
        """Draw the TCP header, 32 bits a line, as RFC 9293 §3.1 does, with this segment's values.

        Returns: the lines of the drawing; options and payload follow it, one line each, where there are any.
        """
        words = (
            ((16, f"Source port {self.source.port}"), (16, f"Destination port {self.destination.port}")),
            ((32, f"Sequence number {self.seq}"),),
            ((32, f"Acknowledgment number {self.ack}"),),
            ((16, f"Flags {self.flags or 'none'}"), (16, f"Window {self.window}")),
        )
        rule = "+-" * 32 + "+"
        lines = [rule]
        for word in words:
            lines.append("|" + "|".join(f"{text:^{bits * 2 - 1}}" for bits, text in word) + "|")
            lines.append(rule)
        if said := str(self.options):
            lines.append(f"Options: {said}")
        if self.payload_bytes:
            lines.append(f"Payload: {self.payload_bytes} bytes {self.payload[:40]!r}")
        return lines
