"""The state machine of TCP as RFC 9293 draws it: every arrow of its Figure 5, and what its notes add."""

from dataclasses import dataclass

from tcplab.model.state import TcpState as S


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow: from a state, on an event, sending something, to a state.

    `sends` is empty where nothing is sent; `section` is where RFC 9293 says so; `rare` arrows are those that Linux
    seldom or never takes, or that Figure 5 leaves to its notes.
    """

    start: S
    end: S
    event: str
    sends: str
    section: str
    rare: bool = False

    @property
    def name(self) -> str:
        """What it is called among all: one pair of states has one arrow."""
        return f"{self.start}-{self.end}"

    def __str__(self) -> str:
        sent = f", {self.sends} sent" if self.sends else ""
        return f"{self.start} → {self.end}: {self.event}{sent}"


TRANSITIONS = (
    Transition(S.CLOSED, S.LISTEN, "listen()", "", "§3.10.1"),
    Transition(S.CLOSED, S.SYN_SENT, "connect()", "SYN", "§3.10.1"),
    Transition(S.LISTEN, S.CLOSED, "close()", "", "§3.10.4", rare=True),
    Transition(S.LISTEN, S.SYN_SENT, "send()", "SYN", "§3.10.2", rare=True),
    Transition(S.LISTEN, S.SYN_RECV, "SYN came", "SYN, ACK", "§3.10.7.2"),
    Transition(S.SYN_SENT, S.CLOSED, "close()", "", "§3.10.4", rare=True),
    Transition(S.SYN_SENT, S.SYN_RECV, "SYN came", "SYN, ACK", "§3.10.7.3", rare=True),
    Transition(S.SYN_SENT, S.ESTABLISHED, "SYN and ACK came", "ACK", "§3.10.7.3"),
    Transition(S.SYN_RECV, S.LISTEN, "RST came", "", "§3.10.7.4", rare=True),
    Transition(S.SYN_RECV, S.ESTABLISHED, "ACK came", "", "§3.10.7.4"),
    Transition(S.SYN_RECV, S.FIN_WAIT1, "close()", "FIN", "§3.10.4", rare=True),
    Transition(S.ESTABLISHED, S.FIN_WAIT1, "close()", "FIN", "§3.10.4"),
    Transition(S.ESTABLISHED, S.CLOSE_WAIT, "FIN came", "ACK", "§3.10.7.4"),
    Transition(S.FIN_WAIT1, S.FIN_WAIT2, "ACK came", "", "§3.10.7.4"),
    Transition(S.FIN_WAIT1, S.CLOSING, "FIN came", "ACK", "§3.10.7.4"),
    Transition(S.FIN_WAIT1, S.TIME_WAIT, "FIN and ACK came", "ACK", "§3.3.2, note 2", rare=True),
    Transition(S.FIN_WAIT2, S.TIME_WAIT, "FIN came", "ACK", "§3.10.7.4"),
    Transition(S.CLOSING, S.TIME_WAIT, "ACK came", "", "§3.10.7.4"),
    Transition(S.CLOSE_WAIT, S.LAST_ACK, "close()", "FIN", "§3.10.4"),
    Transition(S.LAST_ACK, S.CLOSED, "ACK came", "", "§3.10.7.4"),
    Transition(S.TIME_WAIT, S.CLOSED, "60 s over", "", "§3.10.8"),
)
"""The arrows of Figure 5 and its note 2. Note 3 (an RST leads to CLOSED or LISTEN from anywhere) is not among them.

Source: RFC 9293 §3.3.2. Limit: a simultaneous open that answers SYN with SYN, ACK may lose its ACK and so on; what
retransmissions do is no arrow, for no state changes. RFC 9293 waits twice the MSL in TIME_WAIT; Linux waits 60 s
(`TCP_TIMEWAIT_LEN` in `include/net/tcp.h`).
"""


def transition(start: S, end: S) -> Transition | None:
    """Find the arrow between two states; None where the diagram has none."""
    return next((each for each in TRANSITIONS if each.start is start and each.end is end), None)


def onward(state: S) -> tuple[Transition, ...]:
    """Where a state can go."""
    return tuple(each for each in TRANSITIONS if each.start is state)
