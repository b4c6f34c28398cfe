"""An order of yesterday in today's conversation: in whose place it was read."""

from collections.abc import Sequence
from enum import Enum
from itertools import takewhile

from tcplab.checks.closes import flags
from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.checks.misconception import Misconception
from tcplab.model.conversation import Conversation, Turn
from tcplab.model.evidence import Verdict

ORDER_BYTES = 32
_ORDERS_BYTES = (ORDER_BYTES, 2 * ORDER_BYTES, 3 * ORDER_BYTES)
"""A segment may hold more than one of today's."""


class Elsewhere(Misconception, Enum):
    """What those may think whose old order is read in another place, or not at all."""

    NO_PLACE = (
        "release without a place",
        "More than one old order was let go. Give `release` a place, and call it once.",
    )
    ACK = (
        "seq alone decides",
        "Its ack names bytes that today's server has not sent: the server has said too little.",
    )
    SYN = (
        "the SYN takes no number",
        "The old order begins where none of today's orders does. Mind that the first byte has the number 1.",
    )
    LATE = (
        "the last one wins",
        "Today's order was there first, and the old one came as a repeat of it. Let the old one go earlier.",
    )


def judged_landing(talks: Sequence[Conversation], port: int) -> Verdict:
    """Judge where, in the newest of the conversations on a port, a segment of an older one has landed."""
    if len(talks) < 2:
        return unseen(f"The wire has not seen two connections on port {port} yet: replace the three dots.")
    new = talks[-1]
    sent = {turn.segment.frame for old in talks[:-1] for turn in old}
    orders = [t for t in new if t.from_client and t.segment.payload_bytes in _ORDERS_BYTES and any(t.segment.payload)]
    late = [turn for turn in orders if turn.segment.frame in sent]
    own = [turn for turn in orders if turn.segment.frame not in sent]
    if not late:
        return not_yet(
            "No old order has come in the newest connection: `copies.release(place)` lets one go.",
            expected="a copy of an old segment",
            got=flags(orders) or "no order at all",
        )
    if len(late) > 1:
        return not_yet(Elsewhere.NO_PLACE, expected="1 copy", got=f"{len(late)} copies")
    return _landed(new, late[0], own)


def _landed(new: Conversation, late: Turn, own: Sequence[Turn]) -> Verdict:
    earlier = list(takewhile(lambda turn: turn is not late, new))
    said = sum(t.segment.sequence_length for t in earlier if not t.from_client and not t.sent_again)
    if not 0 < late.ack <= said:
        return not_yet(Elsewhere.ACK, expected=f"an ack from 1 to {said:,}", got=f"ack {late.ack:,}")
    places = sorted({seq for turn in own for seq in _places(turn)})
    if places == [late.seq - 2 * ORDER_BYTES, late.seq - ORDER_BYTES]:
        return not_yet(
            "It is paid third. Now let today's third order go, for it to be in the place of one.",
            expected="three orders of today",
            got="two",
        )
    if not places:
        return not_yet(
            "The old order has come, and none of today's. Send those as well.",
            expected="three orders of today",
            got="none",
        )
    if late.seq not in places:
        nearest = min((late.seq - seq for seq in places), key=abs)
        return not_yet(
            Elsewhere.SYN,
            expected="the number of today's third order",
            got=f"{nearest:+,} bytes from the nearest order of today",
        )
    if any(late.seq in _places(turn) for turn in own if turn in earlier):
        return not_yet(Elsewhere.LATE, expected="the old order before today's", got="today's first")
    place = places.index(late.seq) + 1
    if place != 3:
        return not_yet(
            "It was paid, in another place. Each order is 32 bytes: how many bytes later does the third one begin?",
            expected="in the place of the third",
            got=f"in the place of number {place}",
        )
    return passed("Two orders of today, one of yesterday: the server has read 96 bytes in good order, and paid them.")


def _places(turn: Turn) -> range:
    """Where the orders of a segment begin."""
    return range(turn.seq, turn.seq + turn.segment.payload_bytes, ORDER_BYTES)
