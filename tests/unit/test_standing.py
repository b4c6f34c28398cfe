"""Where an end stands, from segments and from the kernel's table; the two differ sometimes."""

from ipaddress import IPv4Address

import pytest
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.standing import BEFORE, Entered, sampled, stand, with_beginning
from tcplab.model.state import TcpState as S

HERE, THERE = Endpoint(IPv4Address("192.0.2.1"), 40000), Endpoint(IPv4Address("192.0.2.2"), 80)


def kernel(state: S, *, inode: int = 7, left_s: float | None = None) -> Connection:
    """One end as sock_diag tells it."""
    timer = None if left_s is None else "timewait"
    return Connection(state, HERE, THERE, timer, left_s, inode=inode)


def way(*states: S) -> tuple[Entered, ...]:
    """A way by the wire's word."""
    return tuple(Entered(state, "it came") for state in states)


def test_agreed() -> None:
    """The kernel adds its clock."""
    found = stand(way(S.FIN_WAIT2, S.TIME_WAIT), kernel(S.TIME_WAIT, left_s=41.5))
    assert (found.state, found.left_s, found.remark) == (S.TIME_WAIT, 41.5, "")
    assert str(found) == "FIN_WAIT2 → TIME_WAIT"


@pytest.mark.parametrize(
    ("told", "clock_s", "cause"),
    [
        (S.TIME_WAIT, 0.4, "60 s over"),
        (S.FIN_WAIT2, 0.4, "its clock ran out"),
        (S.TIME_WAIT, 30.0, "the kernel let go of it"),
        (S.LAST_ACK, None, "the kernel let go of it"),
        (S.SYN_SENT, None, "given up"),
    ],
)
def test_gone_from_the_table(told: S, clock_s: float | None, cause: str) -> None:
    """What no segment tells is said to be the kernel's word."""
    found = stand(way(told), None, clock_s=clock_s)
    assert (found.state, found.cause, found.way[-1].witness) == (S.CLOSED, cause, "kernel")
    assert found.remark.startswith("No segment tells that")


@pytest.mark.parametrize("told", [S.CLOSED, S.LISTEN])
def test_nothing_in_the_table_and_nothing_expected(told: S) -> None:
    """No connection, and no remark."""
    assert stand(way(told), None) == stand(way(told), None, certain=False)
    assert not stand(way(told), None).remark


def test_a_difference_is_believed_when_it_is_told_twice() -> None:
    """One of the two sources was asked a moment earlier: that is no difference."""
    assert stand(way(S.ESTABLISHED), kernel(S.CLOSE_WAIT), certain=False).state is S.ESTABLISHED
    found = stand(way(S.ESTABLISHED), kernel(S.CLOSE_WAIT))
    assert (found.state, found.cause) == (S.CLOSE_WAIT, "FIN came")
    assert found.remark == "By the segments it would be in ESTABLISHED; sock_diag says CLOSE_WAIT."
    odd = stand(way(S.CLOSED), kernel(S.TIME_WAIT, left_s=50))
    assert (odd.state, odd.cause, odd.left_s) == (S.TIME_WAIT, "the kernel says so", 50)


@pytest.mark.parametrize(
    ("state", "inode", "left_s", "says"),
    [
        (S.SYN_RECV, 0, None, "the listener itself stays in LISTEN"),
        (S.ESTABLISHED, 0, None, "waits for accept()"),
        (S.CLOSE_WAIT, 0, None, "waits for accept()"),
        (S.FIN_WAIT2, 7, None, "shutdown()"),
        (S.FIN_WAIT2, 0, 59.0, "tcp_fin_timeout"),
        (S.LISTEN, 7, None, "stays in LISTEN"),
    ],
)
def test_what_only_the_table_knows(state: S, inode: int, left_s: float | None, says: str) -> None:
    """A request, a connection that waits for accept(), a half that is shut, an orphan."""
    assert says in stand(way(state), kernel(state, inode=inode, left_s=left_s)).remark


def test_a_way_begins_in_closed_where_its_beginning_is_known() -> None:
    """Not where the record begins later."""
    assert [each.state for each in with_beginning(way(S.SYN_SENT))] == [S.CLOSED, S.SYN_SENT]
    told = with_beginning([Entered(S.LISTEN, "listen()"), Entered(S.SYN_RECV, "SYN came")])
    assert [each.witness for each in told] == ["rule", "rule", "wire"]
    assert with_beginning(way(S.ESTABLISHED)) == way(S.ESTABLISHED)
    assert with_beginning(()) == BEFORE.way


def test_by_the_table_alone() -> None:
    """Look by look; a cause is told where one arrow leads from what was seen to what is."""
    standing = None
    for each in (S.ESTABLISHED, S.ESTABLISHED, S.CLOSE_WAIT, S.LAST_ACK):
        standing = sampled(standing, kernel(each))
    standing = sampled(standing, None)
    assert str(standing) == "ESTABLISHED → CLOSE_WAIT → LAST_ACK → CLOSED"
    assert [each.cause for each in standing.way] == ["", "FIN came", "close()", "ACK came"]
    assert sampled(sampled(None, kernel(S.ESTABLISHED)), kernel(S.TIME_WAIT, left_s=60)).cause == ""
    assert sampled(None, None) == BEFORE
