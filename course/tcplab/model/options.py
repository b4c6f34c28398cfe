"""The options of a TCP header: what the ends agree on, and the timestamps they carry."""

from dataclasses import dataclass
from struct import Struct

_END, _NO_OPERATION, _MSS, _WINDOW_SCALE, _SACK_PERMITTED, _SACK, _TIMESTAMPS = 0, 1, 2, 3, 4, 5, 8
_LENGTHS = {_MSS: 4, _WINDOW_SCALE: 3, _SACK_PERMITTED: 2, _TIMESTAMPS: 10}
_PAIR = Struct("!II")


@dataclass(frozen=True, slots=True)
class TcpOptions:
    """What a segment's options say; None or empty where an option is absent.

    `timestamps` are (value, echo); `sack_blocks` are (first, one after the last) sequence numbers; `others` are
    (kind, data) of the kinds not named here, in order. `broken` is true when the bytes end in the middle of an option
    or an option's length is wrong: the rest is then not read.

    Source: RFC 9293 §3.2, RFC 7323 §2 and §3, RFC 2018.
    """

    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool = False
    sack_blocks: tuple[tuple[int, int], ...] = ()
    timestamps: tuple[int, int] | None = None
    others: tuple[tuple[int, bytes], ...] = ()
    broken: bool = False

    @classmethod
    def parse(cls, data: bytes) -> "TcpOptions":
        """Read the bytes between the fixed header and the payload."""
        if not data:
            return _NONE
        mss = window_scale = timestamps = None
        sack_permitted = broken = False
        blocks: tuple[tuple[int, int], ...] = ()
        others: list[tuple[int, bytes]] = []

        at, size = 0, len(data)
        while at < size and (kind := data[at]) != _END:
            if kind == _NO_OPERATION:
                at += 1
                continue
            length = data[at + 1] if at + 1 < size else 0
            if length < 2 or at + length > size or _LENGTHS.get(kind, length) != length:
                broken = True
                break
            value = data[at + 2 : at + length]
            if kind == _TIMESTAMPS:
                timestamps = _PAIR.unpack(value)
            elif kind == _MSS:
                mss = value[0] << 8 | value[1]
            elif kind == _WINDOW_SCALE:
                window_scale = value[0]
            elif kind == _SACK_PERMITTED:
                sack_permitted = True
            elif kind == _SACK and len(value) % 8 == 0:
                blocks = tuple((left, right) for left, right in _PAIR.iter_unpack(value))
            else:
                others.append((kind, value))
            at += length
        return cls(mss, window_scale, sack_permitted, blocks, timestamps, tuple(others), broken)

    def __str__(self) -> str:
        said = []
        if self.mss is not None:
            said.append(f"MSS {self.mss}")
        if self.window_scale is not None:
            said.append(f"window scale {self.window_scale}")
        if self.sack_permitted:
            said.append("SACK permitted")
        said += [f"SACK {left} to {right}" for left, right in self.sack_blocks]
        if self.timestamps is not None:
            said.append("timestamps {} echo {}".format(*self.timestamps))
        said += [f"option {kind} ({len(value)} bytes)" for kind, value in self.others]
        if self.broken:
            said.append("the rest cannot be read")
        return ", ".join(said)


_NONE = TcpOptions()
