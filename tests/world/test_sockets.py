"""The socket table is the kernel's, as ss shows it."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tcplab import TcpState, Testbed, counters, sockets
from tcplab.model.conversation import conversations
from tcplab.model.states import states
from tcplab.world.host import Host
from tcplab.world.process import PIPE


@pytest.fixture
def bed() -> Iterator[Testbed]:
    """Two hosts and a wire."""
    with Testbed.two_hosts() as bed:
        yield bed


@pytest.fixture
def kept() -> Iterator[ExitStack]:
    """Sockets that stay open until the test ends."""
    with ExitStack() as kept:
        yield kept


def until(condition: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait for what the kernel does in its own time, such as a delayed ACK."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"


def opened(
    bed: Testbed, kept: ExitStack, port: int = 80, *, family: int = socket.AF_INET
) -> tuple[socket.socket, socket.socket]:
    """A connection from the client to the server, and both its sockets; the listener is closed."""
    with bed.server.listen(port, family=family) as listener:
        mine = kept.enter_context(
            bed.client.connect(bed.server if family == socket.AF_INET else bed.server.address6, port)
        )
        theirs = kept.enter_context(listener.accept()[0])
        return mine, theirs


def as_ss(host: Host) -> list[str]:
    """What ss prints: state, queues, endpoints."""
    lines = host.run(["ss", "-tanH"]).stdout.replace(" *:", " [::]:").splitlines()  # how ss writes "IPv4 as well"
    return sorted(" ".join(line.split()[:5]) for line in lines)


SS_NAMES = {"ESTABLISHED": "ESTAB", "SYN_RECV": "SYN-RECV", "FIN_WAIT1": "FIN-WAIT-1", "FIN_WAIT2": "FIN-WAIT-2"}


def as_we(host: Host) -> list[str]:
    """The same of sockets()."""
    lines = []
    for found in sockets(host):
        name = SS_NAMES.get(str(found.state), str(found.state).replace("_", "-"))
        peer = f"{found.peer}".removesuffix("0") + "*" if found.peer.port == 0 else found.peer
        lines.append(f"{name} {found.receive_queue_bytes} {found.send_queue_bytes} {found.local} {peer}")
    return sorted(lines)


def test_as_ss_shows_it(bed: Testbed, kept: ExitStack) -> None:
    """State, queues and endpoints of every socket, IPv4 and IPv6, are those that ss prints."""
    for port, family in ((8080, socket.AF_INET), (8081, socket.AF_INET6)):
        kept.enter_context(bed.server.listen(port, family=family))
    four, six = opened(bed, kept), opened(bed, kept, 81, family=socket.AF_INET6)
    kept.enter_context(bed.client.connect(bed.server, 8080))  # nobody accepts it
    four[0].sendall(b"unread")
    six[1].close()
    until(lambda: sockets(bed.server, state=TcpState.FIN_WAIT2))
    for host in (bed.client, bed.server):
        assert as_we(host) == as_ss(host)
    assert len(as_we(bed.server)) == 5


def test_the_contract(bed: Testbed, kept: ExitStack) -> None:
    """The last ACK is lost: LAST_ACK on one side, TIME_WAIT with its clock on the other."""
    mine, theirs = opened(bed, kept)
    theirs.close()
    with bed.wire.drop(flags="A", source=bed.server):
        mine.close()
        assert [found.state for found in sockets(bed.client)] == [TcpState.LAST_ACK]
    (left,) = sockets(bed.server, state=TcpState.TIME_WAIT)
    assert (left.timer, left.inode, left.process) == ("timewait", 0, None)
    assert left.timer_s is not None
    assert 55 < left.timer_s <= 60


def test_an_orphan_in_fin_wait2(bed: Testbed, kept: ExitStack) -> None:
    """It carries TIME_WAIT's timer and sockstat counts it as such, but its state is FIN_WAIT2."""
    mine, theirs = opened(bed, kept)
    theirs.close()
    until(lambda: sockets(bed.server, state=TcpState.FIN_WAIT2))
    (orphan,) = sockets(bed.server)
    assert (orphan.state, orphan.timer) == (TcpState.FIN_WAIT2, "timewait")
    assert len(sockets(bed.server, state=TcpState.TIME_WAIT)) == 0
    assert counters(bed.server)["sockstat.TCP.tw"] == 1
    mine.close()


def test_states_and_ports_are_chosen(bed: Testbed, kept: ExitStack) -> None:
    """By one state, by several, by port at either end."""
    kept.enter_context(bed.server.listen(8080))
    for port in (80, 81):
        opened(bed, kept, port)
    assert len(sockets(bed.server)) == 3
    assert [found.local.port for found in sockets(bed.server, state=TcpState.LISTEN)] == [8080]
    assert len(sockets(bed.server, state=[TcpState.LISTEN, TcpState.ESTABLISHED])) == 3
    for host in (bed.client, bed.server):
        (found,) = sockets(host, port=81)
        assert 81 in (found.local.port, found.peer.port)
    assert sockets(bed.server, state=(), port=80) == []


def test_a_half_open_connection(bed: Testbed, kept: ExitStack) -> None:
    """While the last ACK of the handshake is held, the server's end is SYN_RECV."""
    kept.enter_context(bed.server.listen(80))
    with bed.wire.drop(flags="A", source=bed.client):
        kept.enter_context(bed.client.connect(bed.server, 80))
        assert [str(found.state) for found in sockets(bed.server, port=80)] == ["LISTEN", "SYN_RECV"]
        assert len(sockets(bed.server, state=TcpState.SYN_RECV)) == 1


def test_ipv4_through_an_ipv6_listener(bed: Testbed, kept: ExitStack) -> None:
    """An address that is IPv4 in disguise shows as IPv4."""
    listener = kept.enter_context(bed.server.listen(80, family=socket.AF_INET6))
    kept.enter_context(bed.client.connect(bed.server, 80))
    kept.enter_context(listener.accept()[0])
    assert [str(found.local) for found in sockets(bed.server)] == ["[::]:80", "192.0.2.2:80"]


def test_who_holds_it(bed: Testbed, kept: ExitStack) -> None:
    """Sockets of the notebook, of a program in the host, and of nobody."""
    _, theirs = opened(bed, kept)
    theirs.close()
    listening = "import socket,sys; s=socket.create_server(('0.0.0.0',8080)); print('on',flush=True); sys.stdin.read()"
    with bed.client.start(["python3", "-c", listening], stdin=PIPE, stdout=PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        held = {str(found.local.port): found.process for found in sockets(bed.client, processes=True)}
    assert held.pop("8080", "").startswith("python3")
    assert list(held.values()) == ["this process"]
    assert [found.process for found in sockets(bed.server, processes=True)] == [None]
    assert {found.process for found in sockets(bed.client)} == {None}


def told(bed: Testbed) -> list[str]:
    """The states of both ends, told from the wire's record."""
    (talk,) = conversations(bed.wire.segments)
    found = states(talk)
    return [str(found.client[-1].state), str(found.server[-1].state)]


def known(bed: Testbed) -> list[str]:
    """The states of both ends, as their kernels know them."""
    tables = (sockets(bed.client), sockets(bed.server))
    return [str(table[0].state) if table else "CLOSED" for table in tables]


@pytest.mark.parametrize("first", [0, 1], ids=["client", "server"])
def test_the_kernel_agrees_with_the_segments(bed: Testbed, kept: ExitStack, first: int) -> None:
    """After each step of a close, FINs held and released one by one, both tell the same."""
    bed.patient()
    ends = opened(bed, kept)
    with bed.wire.hold(having="F") as held:
        for step, state in (
            (ends[first].close, "FIN_WAIT1"),
            (held.release, "FIN_WAIT2"),
            (ends[1 - first].close, "FIN_WAIT2"),
            (held.release, "TIME_WAIT"),
        ):
            step()
            until(lambda state=state: known(bed)[first] == state)
            assert told(bed) == known(bed)
    assert told(bed)[1 - first] == "CLOSED"


def test_both_close_at_once(bed: Testbed, kept: ExitStack) -> None:
    """FINs that cross lead both ends through CLOSING to TIME_WAIT, by the kernel and by the segments."""
    bed.patient()
    mine, theirs = opened(bed, kept)
    with bed.wire.hold(having="F") as fins, bed.wire.hold(flags="A") as acks:
        mine.close()
        theirs.close()
        assert told(bed) == known(bed) == ["FIN_WAIT1", "FIN_WAIT1"]
        fins.release()
        until(lambda: len(acks.waiting) == 2)
        assert told(bed) == known(bed) == ["CLOSING", "CLOSING"]
    until(lambda: known(bed) == ["TIME_WAIT", "TIME_WAIT"])
    assert told(bed) == ["TIME_WAIT", "TIME_WAIT"]


def test_its_own_look_leaves_nothing(bed: Testbed) -> None:
    """A look opens one socket and closes it: no descriptor stays."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        sockets(bed.client)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
