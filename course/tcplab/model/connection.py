"""One socket of the kernel's TCP table."""

from dataclasses import dataclass

from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.state import TcpState


@dataclass(frozen=True, slots=True, repr=False)
class Connection:
    """One line of the socket table: what `ss -tanoe` shows of one socket.

    `timer` is "retransmit", "keepalive", "timewait", "probe", "delayed ack" (Linux 7.1) or None, `timer_s` the seconds
    until it fires. An orphan in FIN_WAIT2 carries "timewait" too: the kernel keeps it in the same small entry (ss(8)).
    `inode` is 0 and `process` None where no process holds the socket any more. In LISTEN the queues are the
    connections waiting for accept() and the most that may wait.
    """

    state: TcpState
    local: Endpoint
    peer: Endpoint
    timer: str | None = None
    timer_s: float | None = None
    retransmits: int = 0
    receive_queue_bytes: int = 0
    send_queue_bytes: int = 0
    uid: int = 0
    inode: int = 0
    process: str | None = None

    @property
    def four_tuple(self) -> FourTuple:
        """The connection, named from this end."""
        return FourTuple(self.local, self.peer)

    def __repr__(self) -> str:
        where = str(self.local) if self.state is TcpState.LISTEN else f"{self.local} → {self.peer}"
        left = f" {int(self.timer_s)} s" if self.timer == "timewait" and self.timer_s is not None else ""
        held_by = f" ({self.process})" if self.process else ""
        return f"{where} {self.state}{left}{held_by}"
