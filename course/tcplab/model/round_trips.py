"""Round trips, counted on the wire: how often one side waited for the other, whatever that took."""

from collections.abc import Iterable

from tcplab.model.conversation import Conversation


def handshakes(talks: Iterable[Conversation]) -> int:
    """How many connections were asked for: each SYN that begins one counts, repeats do not."""
    return sum(any(_asks(talk, at) and "S" in turn.segment.flags for at, turn in enumerate(talk)) for talk in talks)


def round_trips(talk: Conversation) -> int:
    """How often the client had to wait before it could go on: for the answer to its SYN, and to each request.

    What it says and does not wait for (an ACK, a FIN) does not count.
    """
    waits, waiting = 0, False
    for at, turn in enumerate(talk):
        if _asks(talk, at):
            waiting = True
        elif waiting and not turn.from_client and _carries(talk, at):
            waits, waiting = waits + 1, False
    return waits


def _asks(talk: Conversation, at: int) -> bool:
    return talk[at].from_client and _carries(talk, at) and not talk[at].sent_again


def _carries(talk: Conversation, at: int) -> bool:
    """Whether a segment is more than an acknowledgment: SYN or data."""
    segment = talk[at].segment
    return "S" in segment.flags or segment.payload_bytes > 0
