"""What a request costs on a real wire: the round trips are counted where they cross."""

import pytest
from tcplab import backend
from tcplab.notebook.costs import costs

pytestmark = pytest.mark.by_anyone


def test_a_new_connection_costs_a_round_trip_more(bed, capsys):
    """Counted at each dialled length; the delay is gone afterwards."""

    def ask(mine):
        mine.sendall(b"GET /hello HTTP/1.1\r\nHost: server\r\n\r\n")
        while not mine.recv(4096).endswith(b"long.\n"):
            pass

    def fresh():
        with bed.client.connect(bed.server, 8080) as mine:
            ask(mine)

    with backend(bed.server, 8080), bed.client.connect(bed.server, 8080) as kept:
        costs(bed.wire, rtt_ms=(0, 20), each=3, no_pool=fresh, kept=lambda: ask(kept))
    assert capsys.readouterr().out.splitlines() == [
        "no pool:  6 requests  6 handshakes  2 round trips a request",
        "kept:     6 requests  0 handshakes  1 round trip a request",
    ]
