"""Connections counted from a large capture, packet by packet in numpy instead of in Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import overload

import numpy as np
from numpy.typing import NDArray

from tcplab.model.flow import Flow
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.frame import FLAG_NAMES, parse_ip
from tcplab.observe.records import RECORD_HEADER_BYTES, Records, known_link_type

_SHOWN = 20
_SYN, _ACK = 0x02, 0x10
_EXTENSIONS = (0, 43, 44, 51, 60)
_NEVER = np.iinfo(np.int64).max
_SIXTEEN = np.uint64(16)

Whole = NDArray[np.int64]


class Flows(Sequence[Flow]):
    """Flows in the order of their first packets, each made when it is looked at."""

    def __init__(self, columns: "_Columns") -> None:
        self._columns = columns

    @classmethod
    def of(cls, records: Records) -> "Flows":
        """Count the TCP packets of a capture file."""
        return cls(_counted(_packets(records)))

    def __len__(self) -> int:
        return len(self._columns.packets)

    @overload
    def __getitem__(self, index: int) -> Flow: ...
    @overload
    def __getitem__(self, index: slice) -> list[Flow]: ...
    def __getitem__(self, index: int | slice) -> Flow | list[Flow]:
        at = range(len(self))[index]
        return self._columns.flow(at) if isinstance(at, int) else [self._columns.flow(one) for one in at]

    def __iter__(self) -> Iterator[Flow]:
        return map(self._columns.flow, range(len(self)))

    def __repr__(self) -> str:
        lines = [repr(flow) for flow in self[:_SHOWN]]
        if more := len(self) - len(lines):
            lines.append(f"… and {more:,} more")
        return "\n".join(lines) or "no TCP packets"


@dataclass(frozen=True, slots=True)
class _Packets:
    """The TCP packets of a file, a row each; an endpoint is an address's number, then 16 bits of port."""

    source: NDArray[np.uint64]
    destination: NDArray[np.uint64]
    flags: NDArray[np.uint8]
    payload_bytes: Whole
    time_ns: Whole
    addresses6: list[bytes]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The flows, a row each."""

    client: NDArray[np.uint64]
    server: NDArray[np.uint64]
    packets: Whole
    payload_bytes: Whole
    first_ns: Whole
    last_ns: Whole
    flags: NDArray[np.uint8]
    addresses6: list[bytes]

    def flow(self, at: int) -> Flow:
        return Flow(
            FourTuple(self._endpoint(int(self.client[at])), self._endpoint(int(self.server[at]))),
            int(self.packets[at]),
            int(self.payload_bytes[at]),
            int(self.first_ns[at]) / 1e9,
            int(self.last_ns[at]) / 1e9,
            FLAG_NAMES[self.flags[at]],
        )

    def _endpoint(self, number: int) -> Endpoint:
        address, port = number >> 16, number & 0xFFFF
        if address < 1 << 32:
            return Endpoint(IPv4Address(address), port)
        return Endpoint(IPv6Address(self.addresses6[address - (1 << 32)]), port)


def _packets(records: Records) -> _Packets:
    before, kind_at = known_link_type(records.path, records.link_type)
    raw = np.frombuffer(records.data + bytes(128), np.uint8)
    begin = np.frombuffer(records.offsets, np.int64)
    words = _bytes(raw, begin, RECORD_HEADER_BYTES).view(f"{records.order}u4").astype(np.int64)
    time_ns = words[:, 0] * 1_000_000_000 + words[:, 1] * records.tick_ns
    kept, length = words[:, 2] - before, words[:, 3] - before

    begin = begin + RECORD_HEADER_BYTES + before
    ip = _bytes(raw, begin, 40)
    version = ip[:, 0] >> 4
    header = np.where(version == 6, 40, (ip[:, 0] & 15).astype(np.int64) * 4)
    four = (version == 4) & (header >= 20) & (ip[:, 9] == 6) & ((ip[:, 6] & 0x1F) == 0) & (ip[:, 7] == 0)
    six = (version == 6) & (ip[:, 6] == 6)
    odd = (version == 6) & np.isin(ip[:, 6], _EXTENSIONS)
    if kind_at is not None:
        kind = _big(_bytes(raw, begin - before + kind_at, 2), 0, 2)
        four, six, odd = four & (kind == 0x0800), six & (kind == 0x86DD), odd & (kind == 0x86DD)

    tcp = _bytes(raw, begin + header, 20)
    said = np.where(version == 6, 40 + _big(ip, 4, 2), _big(ip, 2, 2))
    ip_bytes = np.where((said == 0) | ((version == 6) & (said == 40)), length, said)
    payload = ip_bytes - header - (tcp[:, 12] >> 4).astype(np.int64) * 4
    ports, flags = _big(tcp, 0, 4), tcp[:, 13].copy()
    is_tcp = (four | six) & (kept >= header + 20) & (tcp[:, 12] >= 0x50) & (payload >= 0)
    for at in np.flatnonzero(odd):
        headers = parse_ip(records.data[begin[at] : begin[at] + kept[at]], 0)
        if headers is not None:
            ports[at], flags[at], payload[at] = headers[3] << 16 | headers[4], headers[7], headers[11] - headers[10]
            is_tcp[at] = True

    source, destination, addresses6 = _addresses(ip, version == 6)
    return _Packets(
        (source << _SIXTEEN | (ports >> 16).astype(np.uint64))[is_tcp],
        (destination << _SIXTEEN | (ports & 0xFFFF).astype(np.uint64))[is_tcp],
        flags[is_tcp],
        payload[is_tcp],
        (time_ns - time_ns[:1])[is_tcp],
        addresses6,
    )


def _addresses(
    ip: NDArray[np.uint8], six: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], list[bytes]]:
    """Number the addresses: IPv4 by itself, IPv6 from 2**32 in order of first appearance in a sorted list."""
    source, destination = (_big(ip, at, 4).astype(np.uint64) for at in (12, 16))
    if not six.any():
        return source, destination, []
    both = np.concatenate([ip[six, 8:24], ip[six, 24:40]])
    known, numbers = np.unique(np.ascontiguousarray(both).view("V16").ravel(), return_inverse=True)
    ids = numbers.astype(np.uint64) + np.uint64(1 << 32)
    source[six], destination[six] = np.split(ids, 2)
    return source, destination, [bytes(address) for address in known]


def _counted(packets: _Packets) -> _Columns:
    low, high = np.minimum(packets.source, packets.destination), np.maximum(packets.source, packets.destination)
    order = _by_flow(low, high)
    low, high = low[order], high[order]
    new = np.ones(len(order), bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(new)
    if not len(starts):
        empty = np.zeros(0, np.int64)
        return _Columns(low, high, empty, empty, empty, empty, packets.flags, packets.addresses6)

    flags, time_ns = packets.flags[order], packets.time_ns[order]
    from_low = packets.source[order] == low
    opens, answers = (flags & (_SYN | _ACK)) == _SYN, (flags & (_SYN | _ACK)) == (_SYN | _ACK)
    by_low = np.minimum.reduceat(np.where((opens & from_low) | (answers & ~from_low), order, _NEVER), starts)
    by_high = np.minimum.reduceat(np.where((opens & ~from_low) | (answers & from_low), order, _NEVER), starts)
    low, high = low[starts], high[starts]
    unseen = (low & np.uint64(0xFFFF)) > (
        high & np.uint64(0xFFFF)
    )  # no SYN in the file: the higher port is the client's
    client_is_low = np.where(by_low == by_high, unseen, by_low < by_high)

    at = np.full(len(order), -1)
    at[order[starts]] = np.arange(len(starts))
    shown = at[at >= 0]  # by their first packets
    ends = np.append(starts[1:], len(order))
    return _Columns(
        np.where(client_is_low, low, high)[shown],
        np.where(client_is_low, high, low)[shown],
        (ends - starts)[shown],
        np.add.reduceat(packets.payload_bytes[order], starts)[shown],
        np.minimum.reduceat(time_ns, starts)[shown],
        np.maximum.reduceat(time_ns, starts)[shown],
        np.bitwise_or.reduceat(flags, starts)[shown],
        packets.addresses6,
    )


def _by_flow(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> Whole:
    """Return the order in which flow follows flow, and in each its packets as in the file."""
    if not len(low):
        return np.zeros(0, np.int64)
    near, far = low - low.min(), high - high.min()
    place, width = len(low).bit_length(), int(far.max()).bit_length()
    if int(near.max()).bit_length() + width + place > 64:
        return np.lexsort((far, near))
    # Both ends and the packet's place fit into one number: numbers are sorted several times as fast as pairs.
    keys = near << np.uint64(width + place) | far << np.uint64(place) | np.arange(len(low), dtype=np.uint64)
    keys.sort()
    order: Whole = (keys & np.uint64((1 << place) - 1)).astype(np.int64)
    return order


def _bytes(raw: NDArray[np.uint8], at: Whole, count: int) -> NDArray[np.uint8]:
    """A row of `count` bytes from each offset."""
    windows: NDArray[np.void] = np.ndarray(len(raw) - count + 1, f"V{count}", raw, strides=1)
    return windows[at].view(np.uint8).reshape(-1, count)


def _big(rows: NDArray[np.uint8], at: int, count: int) -> Whole:
    """Read so many bytes of each row, from a multiple of that on, as one number, the highest byte first."""
    return rows.view(f">u{count}")[:, at // count].astype(np.int64)
