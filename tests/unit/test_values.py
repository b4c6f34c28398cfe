"""The small values: states, endpoints, sockets, counters, evidence."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.evidence import Evidence, Outcome, Verdict
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.state import TcpState

CLIENT = Endpoint(IPv4Address("192.0.2.1"), 40000)
SERVER = Endpoint(IPv4Address("192.0.2.2"), 8080)


def test_states_are_the_kernels() -> None:
    """Numbers and names are the kernel's; its twelfth is the third; what it does not know is refused."""
    assert [state.value for state in TcpState] == list(range(1, 12))
    assert (str(TcpState.TIME_WAIT), f"{TcpState.CLOSING:>8}") == ("TIME_WAIT", " CLOSING")
    assert TcpState(12) is TcpState.SYN_RECV
    with pytest.raises(ValueError, match="13"):
        TcpState(13)


def test_a_four_tuple_reversed_is_the_other_ends() -> None:
    """Both ends name the same connection; twice reversed is itself."""
    mine = FourTuple(CLIENT, SERVER)
    assert str(mine.reversed()) == "192.0.2.2:8080 → 192.0.2.1:40000"
    assert mine.reversed().reversed() == mine
    assert {mine, FourTuple(CLIENT, SERVER)} == {mine}
    assert str(Endpoint(IPv6Address("2001:db8::1"), 80)) == "[2001:db8::1]:80"


@pytest.mark.parametrize(
    ("connection", "line"),
    [
        (
            Connection(TcpState.TIME_WAIT, CLIENT, SERVER, "timewait", 58.9),
            "192.0.2.1:40000 → 192.0.2.2:8080 TIME_WAIT 58 s",
        ),
        (
            Connection(TcpState.LAST_ACK, CLIENT, SERVER, "retransmit", 0.2, 3),
            "192.0.2.1:40000 → 192.0.2.2:8080 LAST_ACK",
        ),
        (Connection(TcpState.LISTEN, SERVER, CLIENT, process="nginx"), "192.0.2.2:8080 LISTEN (nginx)"),
    ],
)
def test_a_connection_is_one_line(connection: Connection, line: str) -> None:
    """Endpoints, state, and the seconds left where the kernel counts them down to the end."""
    assert repr(connection) == line


def test_counters_subtract() -> None:
    """A difference keeps every name of both, and `changed` what moved; a gauge may fall."""
    before = Counters({"TcpActiveOpens": 1, "Gone": 2, "sockstat.TCP.tw": 5}, host="client")
    after = Counters({"TcpActiveOpens": 4, "New": 7, "sockstat.TCP.tw": 3, "Still": 0}, host="client")
    moved = after - before
    assert dict(moved) == {"TcpActiveOpens": 3, "Gone": -2, "New": 7, "sockstat.TCP.tw": -2, "Still": 0}
    assert set(moved.changed()) == set(moved) - {"Still"}
    assert (moved.host, moved.changed().host) == ("client", "client")
    assert dict(after - after) == dict.fromkeys(after, 0)


def test_a_counter_that_is_not_there() -> None:
    """A name the kernel does not count names those near it; `get` and `in` stay those of a mapping."""
    counters = Counters({"TcpExtTCPTimeWaitOverflow": 0, "TcpExtTW": 2})
    with pytest.raises(KeyError, match=r"no counter TcpExtTCPTimeWaitOverflw.*Near it: TcpExtTCPTimeWaitOverflow"):
        counters["TcpExtTCPTimeWaitOverflw"]
    assert counters.get("TcpNothing") is None
    assert "TcpExtTW" in counters


def test_counters_print_what_is_not_zero() -> None:
    """One line a counter, zeros only counted."""
    assert repr(Counters({"A": 1, "Long": 20, "Zero": 0})) == "A      1\nLong  20\nand 1 that are 0"
    assert repr(Counters({"A": 0})) == "all 1 counters are 0"


def test_evidence_may_be_empty() -> None:
    """A check can be asked before anything was done."""
    evidence = Evidence()
    assert (evidence.segments, evidence.sockets, evidence.answers) == ((), {}, {})
    assert Verdict(Outcome.PASSED, "yes").passed
    assert [str(outcome) for outcome in Outcome] == ["passed", "not yet", "not attempted"]
