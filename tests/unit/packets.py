"""Segments from a few lines of text, in packetdrill's spirit.

Each line is `side > flags`, then in any order: a number of payload bytes, `again` (the same sequence numbers as that
side's last segment with these flags), a fate, `until T` (when a held or delayed one arrives), `at T` (when it is
sent; else a second after the line before), `unaware` (its sender has not seen the last millisecond). Acknowledgments
say what has arrived by then.
"""

from ipaddress import IPv4Address
from struct import pack

from tcplab.model.frame import flag_bits
from tcplab.model.segment import Fate, Segment

ADDRESSES = {"client": (IPv4Address("192.0.2.1"), 40000), "server": (IPv4Address("192.0.2.2"), 80)}
ISN = {"client": 4294967290, "server": 1000}  # the client's numbers wrap around


def frame(
    side: str, flags: str, seq: int, ack: int, payload: bytes = b"", *, options: bytes = b"", window: int = 502
) -> bytes:
    """Build an Ethernet frame, without checksums."""
    source, sport = ADDRESSES[side]
    destination, dport = ADDRESSES["server" if side == "client" else "client"]
    offset = (20 + len(options)) // 4 << 4
    tcp = pack("!HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, offset, flag_bits(flags), window, 0, 0)
    tcp += options + payload
    ip = pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, source.packed, destination.packed)
    return bytes(12) + b"\x08\x00" + ip + tcp


def script(text: str) -> list[Segment]:
    """Make segments of the lines of a script."""
    found: list[Segment] = []
    following = dict(ISN)
    arrived: dict[str, list[tuple[float, int, int]]] = {"client": [], "server": []}  # when, first, last + 1; by sender
    sent: dict[tuple[str, str], int] = {}
    time_s = -1.0
    for line in filter(None, map(str.strip, text.splitlines())):
        side, _, flags, *words = line.split()
        peer = "server" if side == "client" else "client"
        time_s = _after(words, "at", time_s + 1.0)
        until = _after(words, "until", None)
        fate = next((Fate(word) for word in words if word in set(Fate)), Fate.DELIVERED)
        if fate is Fate.DELIVERED and until is None:
            until = time_s
        payload = b"x" * next((int(word) for word in words if word.isdigit()), 0)

        seq = sent[side, flags] if "again" in words else following[side]
        sent[side, flags] = seq
        end = seq + len(payload) + ("S" in flags) + ("F" in flags)
        following[side] = max(following[side], end)
        known_s = time_s - (0.001 if "unaware" in words else 0)
        ack = _acknowledgment(ISN[peer], arrived[peer], known_s) if "A" in flags else 0
        if until is not None and fate not in (Fate.DROPPED, Fate.SWALLOWED):
            arrived[side].append((until, seq, end))
        found.append(
            Segment.from_frame(
                frame(side, flags, seq, ack, payload),
                number=len(found) + 1,
                time_s=time_s,
                fate=fate,
                delivered_s=until,
                from_host=side,
                to_host=peer,
            )
        )
    return found


def _acknowledgment(expected: int, arrived: list[tuple[float, int, int]], known_s: float) -> int:
    """The next number expected, after what has arrived without a gap."""
    for start, end in sorted((start, end) for when, start, end in arrived if when <= known_s):
        expected = end if start <= expected < end else expected
    return expected


def _after(words: list[str], name: str, otherwise: float | None) -> float | None:
    """Take the number behind a word out of the words."""
    if name not in words:
        return otherwise
    at = words.index(name)
    number = float(words[at + 1])
    del words[at : at + 2]
    return number
