"""Real sockets watched: the connection that is there at first, and not what an earlier one left on its port."""

import re

import pytest
from tcplab import TcpState, sockets, wait_until
from tcplab.notebook.lifelines import lifelines

pytestmark = pytest.mark.by_anyone


def test_an_earlier_time_wait_is_not_followed(bed, capsys):
    """The client holds TIME_WAIT of one connection on the port, and another that it closes first."""
    with bed.server.listen(80) as listener:
        for _ in range(2):
            mine, (theirs, _) = bed.client.connect(bed.server, 80), listener.accept()
            mine.close()
            wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
            if not sockets(bed.client, state=TcpState.TIME_WAIT):
                theirs.close()
                wait_until(lambda: sockets(bed.client, state=TcpState.TIME_WAIT), within_s=5)
    held = [theirs]
    lifelines(
        bed.client,
        bed.server,
        ports=(80,),
        until=lambda: (held and held.pop().close()) or len(sockets(bed.client, state=TcpState.TIME_WAIT)) == 2,
        within_s=5,
    )
    first, second = capsys.readouterr().out.splitlines()
    assert re.match(r"80  client  FIN_WAIT2 → TIME_WAIT  TIME_WAIT (5\d|60) s left", first)
    assert second.startswith("    server  CLOSE_WAIT             gone after")
