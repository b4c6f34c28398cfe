"""What the state machine says of each state, and the code that makes each of its arrows happen."""

from collections.abc import Mapping
from typing import Final

from tcplab.model.state import TcpState as S
from tcplab.model.transitions import TRANSITIONS, Transition

MEANS: Final[Mapping[S, str]] = {
    S.CLOSED: "No connection: neither a socket nor a remnant of one.",
    S.LISTEN: "A program called listen(). The listener stays here; each SYN begins a connection beside it.",
    S.SYN_SENT: "connect() has sent a SYN, and blocks.",
    S.SYN_RECV: "A SYN came and was answered. For Linux this is a request: no program holds it yet.",
    S.ESTABLISHED: "Both have the other's SYN acknowledged. Data may go both ways.",
    S.FIN_WAIT1: "Closed first: the FIN is sent, and not acknowledged yet.",
    S.FIN_WAIT2: "Closed first: the FIN is acknowledged. The other side may still send.",
    S.CLOSING: "Both closed at once: the FINs crossed, and mine is not acknowledged yet.",
    S.CLOSE_WAIT: "The other side closed first. This side's program has still to call close().",
    S.LAST_ACK: "Closed second: the FIN is sent, and its ACK is the last segment of all.",
    S.TIME_WAIT: "Both are closed. The four-tuple is kept, so that a lost last ACK can be sent again.",
}

WAITS_FOR: Final[Mapping[S, str]] = {
    S.CLOSED: "nothing",
    S.LISTEN: "a SYN",
    S.SYN_SENT: "the SYN and ACK of the other side",
    S.SYN_RECV: "the ACK of its SYN",
    S.ESTABLISHED: "data, a FIN, or its program's close()",
    S.FIN_WAIT1: "the ACK of its FIN",
    S.FIN_WAIT2: "the other side's FIN",
    S.CLOSING: "the ACK of its FIN",
    S.CLOSE_WAIT: "its program's close(); no clock ends it",
    S.LAST_ACK: "the ACK of its FIN",
    S.TIME_WAIT: "its clock",
}

_OPEN = """\
listener = bed.server.listen(0)
port = listener.getsockname()[1]
mine = bed.client.connect(bed.server, port)
theirs, _ = listener.accept()
"""
_ASKING = """\
held = bed.wire.hold(flags="S")
mine = bed.client.socket()
mine.setblocking(False)
mine.connect_ex((str(bed.server.address), 80))
"""
_HALF_OPEN = """\
listener = bed.server.listen(0)
held = bed.wire.hold(flags="A", source=bed.client)
mine = bed.client.connect(bed.server, listener.getsockname()[1])
"""
_BOTH_OPEN = """\
syns, answers = bed.wire.hold(flags="S"), bed.wire.hold(flags="SA")
mine, theirs = bed.client.socket(), bed.server.socket()
for end, other in (mine, bed.server), (theirs, bed.client):
    end.bind(("", 5000))
    end.setblocking(False)
    end.connect_ex((str(other.address), 5000))
syns.release()
"""
_BOTH_CLOSE = f"""\
{_OPEN}fins, acks = bed.wire.hold(having="F"), bed.wire.hold(flags="A")
mine.close()
theirs.close()
fins.release()
"""
_HALF_CLOSED = f"""\
{_OPEN}mine.close()
wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
"""
_LAST_ACK_HELD = f"""\
{_HALF_CLOSED}held = bed.wire.hold(flags="A", source=bed.client)
theirs.close()
"""

CODE: Final[Mapping[tuple[S, S], str]] = {
    (S.CLOSED, S.LISTEN): "listener = bed.server.listen(0)\n",
    (S.CLOSED, S.SYN_SENT): _ASKING,
    (S.LISTEN, S.CLOSED): "listener = bed.server.listen(0)\nlistener.close()\n",
    (S.LISTEN, S.SYN_SENT): 'listener = bed.server.listen(0)\nlistener.send(b"hello")  # Linux: BrokenPipeError\n',
    (S.LISTEN, S.SYN_RECV): _HALF_OPEN,
    (S.SYN_SENT, S.CLOSED): f"{_ASKING}mine.close()\n",
    (S.SYN_SENT, S.SYN_RECV): _BOTH_OPEN,
    (S.SYN_SENT, S.ESTABLISHED): _OPEN,
    (S.SYN_RECV, S.LISTEN): f'{_HALF_OPEN}mine.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))\nmine.close()\n',
    (S.SYN_RECV, S.ESTABLISHED): f"{_HALF_OPEN}held.release()\n",
    (S.SYN_RECV, S.FIN_WAIT1): f"{_BOTH_OPEN}mine.close()\n",
    (S.ESTABLISHED, S.FIN_WAIT1): f'{_OPEN}held = bed.wire.hold(having="F")\nmine.close()\n',
    (S.ESTABLISHED, S.CLOSE_WAIT): f"{_OPEN}mine.close()\n",
    (S.FIN_WAIT1, S.FIN_WAIT2): f"{_OPEN}mine.close()\n",
    (S.FIN_WAIT1, S.CLOSING): _BOTH_CLOSE,
    (S.FIN_WAIT1, S.TIME_WAIT): f'{_OPEN}bed.wire.drop(flags="A", source=bed.server)\n'
    "mine.close()\nbed.settle()\ntheirs.close()\n",
    (S.FIN_WAIT2, S.TIME_WAIT): f"{_HALF_CLOSED}theirs.close()\n",
    (S.CLOSING, S.TIME_WAIT): f"{_BOTH_CLOSE}acks.release()\n",
    (S.CLOSE_WAIT, S.LAST_ACK): _LAST_ACK_HELD,
    (S.LAST_ACK, S.CLOSED): f"{_LAST_ACK_HELD}held.release()\n",
    (S.TIME_WAIT, S.CLOSED): f"{_HALF_CLOSED}theirs.close()\n"
    "wait_until(lambda: not sockets(bed.client, state=TcpState.TIME_WAIT), within_s=70)\n",
}
"""How to make each arrow happen on a bed of client and server; rules stay in force, so that it can be looked at."""

_IMPORTS = {
    "SO_LINGER": "from socket import SO_LINGER, SOL_SOCKET\nfrom struct import pack\n",
    "wait_until": "from tcplab import TcpState, sockets, wait_until\n",
}
_REACHED_BY: Final[Mapping[S, S]] = {  # which arrow shows a state where several lead to it
    S.CLOSED: S.LAST_ACK,
    S.LISTEN: S.CLOSED,
    S.SYN_RECV: S.LISTEN,
    S.ESTABLISHED: S.SYN_SENT,
    S.FIN_WAIT1: S.ESTABLISHED,
    S.TIME_WAIT: S.FIN_WAIT2,
}


def code(arrow: Transition) -> str:
    """Return the code that takes an arrow, with what it imports."""
    lines = CODE[arrow.start, arrow.end]
    return "".join(said for word, said in _IMPORTS.items() if word in lines) + lines


def arrow_to(state: S) -> Transition:
    """The arrow whose code shows how to come to a state."""
    leading = [each for each in TRANSITIONS if each.end is state]
    return next((each for each in leading if each.start is _REACHED_BY.get(state)), leading[0])
