"""The state machine's picture on real beds: what it tells of a connection, and what it answers to clicks."""

import socket
from struct import pack

import pytest
from connections import connected
from tcplab import TcpState, Testbed, sockets, wait_until
from tcplab.errors import BadValue
from tcplab.live.machine import machine
from tcplab.model.conversation import conversations
from tcplab.traffic.forget import forget

pytestmark = pytest.mark.by_anyone


def ways(view) -> list[str]:
    """The two lines of the way, as text."""
    return [line for line in view.twin().splitlines() if line.startswith(("client: CLOSED", "server: CLOSED"))]


def test_open_and_close(bed):
    """Both ways are whole, with the states that last for no time."""
    view = machine(bed)
    assert view.twin() == "No connection yet. Run the next cell, or open one yourself."
    with connected(bed) as pair:
        assert view.twin().splitlines()[0] == "Client in ESTABLISHED, server in ESTABLISHED."
        pair.mine.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
        assert "client: No program holds it: tcp_fin_timeout ends it." in view.twin()
        pair.theirs.close()
        assert ways(view) == [
            "client: CLOSED → SYN_SENT → ESTABLISHED → FIN_WAIT1 → FIN_WAIT2 → TIME_WAIT",
            "server: CLOSED → LISTEN → SYN_RECV → ESTABLISHED → CLOSE_WAIT → LAST_ACK → CLOSED",
        ]
        assert "client is in TIME_WAIT (FIN came) and waits for its clock." in view.twin()


def test_a_listener_before_any_connection(bed):
    """The server stands in LISTEN by the kernel's word."""
    view = machine(bed)
    with bed.server.listen(80):
        view.look()
        assert view.ends["server"]["way"][-1][:3] == ["LISTEN", "listen()", "kernel"]
        assert (view.choices, view.followed) == ([], "")


def test_a_request_and_a_connection_that_waits_for_accept(bed):
    """SYN_RECV is a request, and ESTABLISHED belongs to nobody before accept()."""
    view = machine(bed)
    with bed.server.listen(80), bed.wire.hold(flags="A") as held, bed.client.connect(bed.server, 80):
        assert "server: A request, not a socket yet: the listener itself stays in LISTEN." in view.twin()
        held.release()
        assert "server: It waits for accept(): no program holds it yet." in view.twin()


def test_a_half_that_is_shut(bed):
    """Segments cannot tell shutdown() from close(): the table can."""
    with connected(bed) as pair:
        pair.mine.shutdown(socket.SHUT_WR)
        wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
        assert "that was shutdown()" in machine(bed).twin()


def test_lost_last_ack(calm):
    """LAST_ACK stays: the ACK was dropped. The peer keeps its TIME_WAIT for that."""
    view = machine(calm)
    with connected(calm) as pair, calm.wire.drop(flags="A", source=calm.client):
        pair.mine.close()
        wait_until(lambda: sockets(calm.server, state=TcpState.CLOSE_WAIT), within_s=5)
        pair.theirs.close()
        assert view.twin().splitlines()[0] == "Client in TIME_WAIT, server in LAST_ACK."


def test_an_abort_and_a_refusal(bed):
    """An RST leads both to CLOSED at once, and ends a connect() that nobody answers."""
    with connected(bed) as pair:
        pair.mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        pair.mine.close()
        assert "server is in CLOSED (RST came) and waits for nothing." in machine(bed).twin()
    with pytest.raises(ConnectionRefusedError):
        bed.client.connect(bed.server, 81)
    assert ways(machine(bed)) == ["client: CLOSED → SYN_SENT → CLOSED", "server: CLOSED"]


def test_time_wait_that_is_gone(bed):
    """Its end is in no segment: the kernel says so, and so does the picture."""
    view = machine(bed)
    with connected(bed) as pair:
        pair.mine.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
        pair.theirs.close()
        bed.settle()
        view.look()
        forget(bed.client, conversations(bed.wire.segments)[-1])
        view.look()
        view.look()  # a difference is believed when it is told twice
        assert view.ends["client"]["way"][-1][:3] == ["CLOSED", "the kernel let go of it", "kernel"]
        assert view.ends["client"]["left"] is None
        assert view.ends["client"]["remark"].startswith("No segment tells that")


def test_the_clock_is_told(bed):
    """TIME_WAIT's seconds, as sock_diag has them."""
    view = machine(bed)
    assert view.answer({"do": "connect"}) == {}
    wait_until(lambda: sockets(bed.client, state=TcpState.TIME_WAIT), within_s=5)
    view.look()
    assert 55 <= view.ends["client"]["left"] <= 60


def test_choose(bed):
    """The newest is followed, until another is chosen; which= counts as the ladder does."""
    view = machine(bed)
    first, second = connected(bed, 80), connected(bed, 81)
    with first, second:
        first.mine.close()
        bed.settle()
        view.look()
        (old, _), (new, label) = view.choices
        assert (view.followed, label.endswith(":81")) == (new, True)
        assert view.answer({"do": "choose", "key": old}) == {}
        assert (view.followed, view.chosen) == (old, old)
        assert view.ends["server"]["way"][-1][0] == "CLOSE_WAIT"
        assert machine(bed, which=0).twin().startswith("Client in FIN_WAIT")
        with pytest.raises(BadValue, match="0 to 1, or negative"):
            machine(bed, which=5).twin()
        view.answer({"do": "choose", "key": ""})
        assert view.followed == new


def test_a_connection_that_another_has_replaced(bed):
    """Its four-tuple finds the new one in the kernel's table, which is not asked then."""
    with bed.server.listen(80) as listener:
        for _ in range(2):
            with bed.client.socket() as mine:
                mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                mine.bind(("", 40000))
                mine.connect((str(bed.server.address), 80))
                theirs, _ = listener.accept()
                theirs.close()
                wait_until(lambda: sockets(bed.client, state=TcpState.CLOSE_WAIT), within_s=5)
            wait_until(lambda: not sockets(bed.client), within_s=5, what="the end of LAST_ACK")
        view = machine(bed, which=0)
        assert "server: A newer connection has its four-tuple" in view.twin()


def test_a_bed_without_a_wire():
    """sock_diag alone: the way has what was looked at, and says so."""
    with Testbed.two_hosts(link="veth") as bed, connected(bed) as pair:
        view = machine(bed)
        view.look()
        pair.mine.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
        view.look()
        pair.theirs.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.TIME_WAIT), within_s=5)
        wait_until(lambda: not sockets(bed.server, state=TcpState.LAST_ACK), within_s=5)
        told = view.twin()
    assert "client: ESTABLISHED → FIN_WAIT2 → TIME_WAIT" in told
    assert "server: ESTABLISHED → CLOSE_WAIT → CLOSED" in told
    assert told.endswith("looked at again and again. What is short is missed.")


def test_a_bed_of_two_wires():
    """Each wire has its own connections; an end that is on another wire is not asked for."""
    with (
        Testbed.proxied(link="wire") as bed,
        bed.proxy.listen(80),
        bed.backend.listen(81),
        bed.client.connect(bed.proxy, 80),
        bed.proxy.connect(bed.backend, 81),
    ):
        view = machine(bed)
        view.look()
        assert {key.split()[0] for key, _ in view.choices} == {"front", "back"}


def test_down_and_up_again():
    """All that its wire recorded is told, also what nobody saw; the button brings it up again, with nothing in it."""
    bed = Testbed.two_hosts().up("machine")
    view = machine(bed)
    with connected(bed) as pair:
        view.look()
        pair.mine.close()
        wait_until(lambda: sockets(bed.server, state=TcpState.CLOSE_WAIT), within_s=5)  # else both may close at once
        pair.theirs.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.TIME_WAIT), within_s=5)
    bed.down()
    view.look()
    assert view.trouble["button"] == "Bring it up again"
    assert view.ends["client"]["way"][-1][0] == "TIME_WAIT"
    assert view.ends["client"]["remark"] == "This world is down: what is told is the wire's word."
    assert repr(machine(bed)).startswith("Client in TIME_WAIT, server in CLOSED.")
    try:
        assert view.answer({"do": "again"}) == {}
        view.look()
        assert (view.trouble, view.choices) == ({}, [])
    finally:
        bed.down()


def test_a_bed_without_a_wire_that_went_down():
    """Its kernels are gone, and with them what could be told: a sentence, and what was seen last."""
    bed = Testbed.two_hosts(link="veth").up("machine")
    view = machine(bed)
    with connected(bed) as pair:
        view.look()
        pair.mine.close()
        wait_until(lambda: sockets(bed.server, state=TcpState.CLOSE_WAIT), within_s=5)  # else both may close at once
        pair.theirs.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.TIME_WAIT), within_s=5)
    bed.down()
    view.look()
    assert view.trouble["button"] == "Bring it up again"
    said = repr(view)
    assert said.startswith("This world is down. Its last state is kept below.")
    assert "client: ESTABLISHED" in said


def test_ipv6(bed):
    """The same on the other family."""
    with connected(bed, address=str(bed.server.address6)) as pair:
        pair.theirs.close()
        assert "in CLOSE_WAIT, server in FIN_WAIT" in machine(bed).twin()
