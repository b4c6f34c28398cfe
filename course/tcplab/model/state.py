"""The states of a TCP connection, numbered as the kernel numbers them.

>>> print(TcpState.TIME_WAIT), TcpState(6) is TcpState.TIME_WAIT
TIME_WAIT
(None, True)
"""

from enum import IntEnum

KERNEL_NEW_SYN_RECV = 12
"""The kernel's number for a half-open connection that has no socket of its own yet: the same state to RFC 9293."""


class TcpState(IntEnum):
    """Where one end of a TCP connection stands.

    Source: RFC 9293 §3.3.2 for the states, `include/net/tcp_states.h` for the numbers and the spelling.
    """

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECV = 3
    FIN_WAIT1 = 4
    FIN_WAIT2 = 5
    TIME_WAIT = 6
    CLOSED = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(self.name, spec)

    @classmethod
    def _missing_(cls, value: object) -> "TcpState | None":
        return cls.SYN_RECV if value == KERNEL_NEW_SYN_RECV else None
