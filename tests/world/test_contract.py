"""The contract that a learner reads first, as it stands in the design: the last ACK is lost."""

import pytest
from tcplab import TcplabError, TcpState, Testbed, counters, sockets, sysctls


def test_the_contract(tmp_path):
    """The passive closer waits in LAST_ACK, the active closer keeps TIME_WAIT, and the record tells why."""
    with Testbed.two_hosts() as bed:
        listener = bed.server.listen(80)
        mine = bed.client.connect(bed.server, 80)
        theirs, _ = listener.accept()
        theirs.close()
        with bed.wire.drop(flags="A", source=bed.server):
            mine.close()
            (waiting,) = sockets(bed.client)
        (kept,) = sockets(bed.server, state=TcpState.TIME_WAIT)
        seen = [(segment.from_host, segment.flags, str(segment.fate)) for segment in bed.wire.segments]
        bed.wire.save(tmp_path / "close.pcap")
        listener.close()

    assert (waiting.state, kept.state) == (TcpState.LAST_ACK, TcpState.TIME_WAIT)
    assert kept.four_tuple == waiting.four_tuple.reversed()
    assert kept.timer == "timewait"
    assert 50 < kept.timer_s <= 60
    # The client's ACK of the FIN may come alone, or with its own FIN: four segments or three.
    opened, closed = seen[:4], [segment for segment in seen[4:] if segment != ("client", "A", "delivered")]
    assert opened == [
        ("client", "S", "delivered"),
        ("server", "SA", "delivered"),
        ("client", "A", "delivered"),
        ("server", "FA", "delivered"),
    ]
    assert closed[:2] == [("client", "FA", "delivered"), ("server", "A", "dropped")]
    assert (tmp_path / "close.pcap").stat().st_size > 6 * 60


def test_the_other_lines_of_the_contract(bed):
    """Programs, sysctls and counters are those of the host, by the kernel's own names."""
    before = counters(bed.client)
    listener = bed.server.listen(80)
    mine = bed.client.connect(bed.server, 80)
    assert "ESTAB" in bed.client.run(["ss", "-tan"]).stdout
    with sysctls(bed.client, tcp_tw_reuse=1, ip_local_port_range=(40000, 40009)):
        assert bed.client.sysctl("ip_local_port_range") == "40000 40009"
    gained = counters(bed.client) - before
    assert gained["TcpExtTCPTimeWaitOverflow"] == 0
    assert gained["TcpActiveOpens"] == 1
    mine.close()
    listener.close()


def test_a_refusal_of_the_kernel_keeps_its_errno(bed):
    """Nobody listens: connect() raises what the kernel said, not an error of ours."""
    with pytest.raises(ConnectionRefusedError) as caught:
        bed.client.connect(bed.server, 80)
    assert not isinstance(caught.value, TcplabError)
