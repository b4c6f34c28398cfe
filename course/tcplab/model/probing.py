"""TCP's probes in a conversation: segments without a byte that ask a kernel whether it is still there."""

from tcplab.model.conversation import Conversation, Turn


def probes(talk: Conversation, *, from_client: bool = True) -> list[Turn]:
    """Find the probes that one side sent, oldest first.

    A probe repeats the last number that its sender has used: one below the next, with no byte in it. The other side
    has had that number, so its kernel answers with an ACK; no program hears of it.

    Source: RFC 9293 §3.8.4; `tcp_write_wakeup` in net/ipv4/tcp_output.c (seq = snd_una − 1).
    Limit: a probe of a window that is shut looks the same.
    """
    found, following = [], 0
    for turn in talk:
        if turn.from_client is not from_client:
            continue
        segment = turn.segment
        if segment.flags == "A" and not segment.payload_bytes and following and turn.seq == following - 1:
            found.append(turn)
        following = max(following, turn.seq + segment.sequence_length)
    return found
