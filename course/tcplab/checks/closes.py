"""How a connection was closed, read from the wire's record: used by the checks of several labs."""

from tcplab.model.conversation import Conversation, Turn


def closing(talk: Conversation) -> list[Turn]:
    """The segments that close a connection: each FIN and what acknowledges one, from the first FIN on.

    An ACK that crosses a FIN and is for earlier data does not count. Empty when nobody closed.
    """
    fins: dict[bool, int] = {}  # whose FIN → its number
    found = []
    for turn in talk:
        acknowledges = fins.get(not turn.from_client)
        if "F" in turn.segment.flags:
            fins.setdefault(turn.from_client, turn.seq + turn.segment.payload_bytes)
            found.append(turn)
        elif turn.segment.flags == "A" and acknowledges is not None and turn.ack > acknowledges:
            found.append(turn)
    return found


def was_reset(talk: Conversation) -> bool:
    """Whether either side cut the connection off with a RST."""
    return any("R" in turn.segment.flags for turn in talk)


def flags(turns: Conversation | list[Turn]) -> str:
    """The flags of segments, in order: "FA A FA A"."""
    return " ".join(turn.segment.flags for turn in turns)
