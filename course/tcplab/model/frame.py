"""Find the TCP header in an Ethernet frame: called for every packet on the wire, so bare and fast.

The wire's process imports this under `python -I -S`: nothing but struct may be imported here.
"""

from struct import Struct

Headers = tuple[int, bytes, bytes, int, int, int, int, int, int, bytes, int, int]
"""(family, source, destination, sport, dport, seq, ack, flags, window, options, payload start, payload end)

family is 4 or 6; source and destination are the 4 or 16 bytes of the address; flags is the byte with FIN in its lowest
bit; window is as sent, not scaled; options are the bytes behind the fixed header. The payload is frame[start:end];
`end - start` is its length on the wire, so `end` lies behind the frame's end when the record kept less.
"""

FLAG_LETTERS = "FSRPAUEC"
"""FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, from the lowest bit upward, as scapy writes them."""

FLAG_NAMES = tuple("".join(FLAG_LETTERS[bit] for bit in range(8) if flags >> bit & 1) for flags in range(256))
"""The letters of every possible flags byte: FLAG_NAMES[0x12] is "SA"."""

ETHERNET_BYTES = 14
_IPV4_TCP = Struct("!12xHBxHxxHxBxx4s4sHHIIBBH").unpack_from  # an IPv4 header without options, then TCP
_IPV6 = Struct("!4xHBx16s16s").unpack_from
_TCP = Struct("!HHIIBBH").unpack_from
_EXTENSIONS = (0, 43, 60)  # hop by hop, routing, destination options: length in 8 bytes, the first 8 not counted
_FRAGMENT, _AUTHENTICATION, _TCP_NUMBER = 44, 51, 6


def parse(frame: bytes) -> Headers | None:
    """Find addresses, ports, numbers and flags of the TCP segment in an Ethernet frame.

    Returns: None for what is not TCP or is too short to hold a TCP header (a later IP fragment holds none).
    """
    if len(frame) < 54:
        return None
    kind, version, length, fragment, protocol, source, target, sport, dport, seq, ack, offset, flags, window = (
        _IPV4_TCP(frame)
    )
    if kind == 0x0800 and version == 0x45:
        if protocol != 6 or fragment & 0x1FFF or offset < 0x50:
            return None
        start = 34 + (offset >> 4) * 4
        end = 14 + length if length else len(frame)  # 0: the kernel leaves it out of frames too long for 16 bits
        if end < start:
            return None
        return (4, source, target, sport, dport, seq, ack, flags, window, frame[54:start], start, end)
    is_ip = (kind == 0x0800 and version >> 4 == 4) or (kind == 0x86DD and version >> 4 == 6)
    return parse_ip(frame, ETHERNET_BYTES) if is_ip else None


def parse_ip(frame: bytes, at: int) -> Headers | None:
    """Find the TCP segment in an IP packet that begins at offset `at`, whatever its options or extension headers."""
    if len(frame) < at + 40:
        return None
    if frame[at] >> 4 == 6:
        return _parse_ipv6(frame, at)
    header_bytes = (frame[at] & 15) * 4
    if frame[at] >> 4 != 4 or header_bytes < 20 or frame[at + 9] != _TCP_NUMBER:
        return None
    if (frame[at + 6] & 0x1F) or frame[at + 7]:
        return None
    length = frame[at + 2] << 8 | frame[at + 3]
    return _parse_tcp(
        frame,
        at + header_bytes,
        at + length if length else len(frame),
        4,
        frame[at + 12 : at + 16],
        frame[at + 16 : at + 20],
    )


def _parse_ipv6(frame: bytes, at: int) -> Headers | None:
    length, following, source, target = _IPV6(frame, at)
    here = at + 40
    end = here + length if length else len(frame)
    while following != _TCP_NUMBER:
        if len(frame) < here + 8:
            return None
        if following in _EXTENSIONS:
            step = frame[here + 1] * 8 + 8
        elif following == _AUTHENTICATION:
            step = frame[here + 1] * 4 + 8
        elif following == _FRAGMENT and not (frame[here + 2] << 8 | frame[here + 3]) & 0xFFF8:
            step = 8
        else:
            return None
        following = frame[here]
        here += step
    return _parse_tcp(frame, here, end, 6, source, target)


def _parse_tcp(frame: bytes, at: int, end: int, family: int, source: bytes, target: bytes) -> Headers | None:
    if len(frame) < at + 20:
        return None
    sport, dport, seq, ack, offset, flags, window = _TCP(frame, at)
    start = at + (offset >> 4) * 4
    if offset < 0x50 or end < start:
        return None
    return (family, source, target, sport, dport, seq, ack, flags, window, frame[at + 20 : start], start, end)


def flag_bits(letters: str) -> int:
    """Turn flag letters, in any order, into the header's flags byte.

    >>> flag_bits("SA") == flag_bits("AS") == 0x12
    True

    Raises: ValueError for a letter that is no flag or comes twice.
    """
    bits = 0
    for letter in letters:
        bit = 1 << FLAG_LETTERS.index(letter) if letter in FLAG_LETTERS else 0
        if not bit or bits & bit:
            raise ValueError(f"{letters!r} is no set of TCP flags: each of {FLAG_LETTERS} at most once")
        bits |= bit
    return bits
