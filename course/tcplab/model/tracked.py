"""One connection as a host in the middle remembers it."""

from dataclasses import dataclass

from tcplab.model.four_tuple import Endpoint, FourTuple


@dataclass(frozen=True, slots=True, repr=False)
class Tracked:
    """One entry of the connection tracking table: what `conntrack -L` shows of one TCP connection.

    `original` is from who sent the first packet to where that went, `reply` from who answers to where the answer goes;
    without translation one is the other, reversed. `state` is the middle's own guess, in conntrack's spelling, which
    knows one FIN_WAIT; `timeout_s` is when it forgets, unless a packet comes before. `assured` entries outlast others
    where the table is full.

    Source: conntrack(8), `include/uapi/linux/netfilter/nf_conntrack_tcp.h`.
    """

    state: str
    original: FourTuple
    reply: FourTuple
    timeout_s: int
    seen_reply: bool = True
    assured: bool = True

    @property
    def outside(self) -> Endpoint:
        """As whom the answering end knows the one that asked."""
        return self.reply.peer

    def __repr__(self) -> str:
        asks, answers = self.original.local, self.original.peer
        who = f"{asks}" if self.outside == asks else f"{asks} as {self.outside}"
        unanswered = "" if self.seen_reply else " [UNREPLIED]"
        return f"{who} → {answers} {self.state} {self.timeout_s} s{unanswered}"
