"""One segment's header, field by field, as RFC 9293 §3.1 draws it."""

from typing import Any

from tcplab.errors import BadValue
from tcplab.model.conversation import Turn
from tcplab.wire.record import Segments

_LETTERS = "CEUAPRSF"


def header(segments: Segments, number: int, turn: Turn | None) -> dict[str, Any]:
    """Return what a picture needs: flags, sender, fate, and (bits, value, name) for each field.

    Args:
        segments: the wire's
        number: which of them, from 1
        turn: the same in its conversation, for relative numbers; absolute ones without
    """
    if type(number) is not int or not 1 <= number <= len(segments):
        raise BadValue("number", number, f"a segment from 1 to {len(segments)}")
    one = segments[number - 1]
    seq, ack = (one.seq, one.ack) if turn is None else (turn.seq, turn.ack)
    acked = "A" in one.flags
    flags = "".join(letter if letter in one.flags else letter.lower() for letter in _LETTERS)
    fields: list[tuple[int, object, str]] = [
        (16, one.source.port, "source port"),
        (16, one.destination.port, "destination port"),
        (32, seq, f"sequence number{_absolute(one.seq, turn)}"),
        (32, ack if acked else "–", f"acknowledgment number{_absolute(one.ack, turn) if acked else ''}"),
        (4, _offset(one.frame), "offset"),
        (4, 0, "–"),
        (8, flags, "flags"),
        (16, f"{one.window:,}", "window"),
    ]
    if said := str(one.options):
        fields.append((32, said, "options"))
    if one.payload_bytes:
        fields.append((32, repr(one.payload[:48])[1:], f"payload, {one.payload_bytes:,} bytes"))
    return {"flags": one.flags, "from": one.from_host, "fate": str(one.fate), "fields": fields}


def _absolute(number: int, turn: Turn | None) -> str:
    return "" if turn is None else f" · relative; on the wire {number:,}"


def _offset(frame: bytes) -> int:
    at = 14 + (frame[14] & 15) * 4 if frame[12] == 8 else 54
    return frame[at + 12] >> 4
