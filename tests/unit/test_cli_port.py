"""Two `tcplab lab` that start at once listen at two ports."""

import os
import socket

from tcplab.command.port import claimed

MINE = 12_000 + os.getpid() % 1000 * 20  # tests may run several times at once


def test_a_port_is_claimed_once() -> None:
    """Who comes second gets the next one, though nobody listens at the first yet; later it is free again."""
    with claimed(MINE) as one:
        with claimed(one) as other:
            assert other > one
        with socket.create_server(("127.0.0.1", one)):  # the claim does not stand in Jupyter's way
            pass
    with claimed(one) as again:
        assert again == one


def test_where_somebody_listens_it_is_the_next() -> None:
    """Of whatever program."""
    with claimed(MINE) as port, socket.create_server(("127.0.0.1", port)), claimed(port) as other:
        assert other > port
    with socket.create_server(("127.0.0.1", 0)) as taken, claimed(taken.getsockname()[1]) as free:
        assert free != taken.getsockname()[1]


def test_where_none_is_free_jupyter_says_so() -> None:
    """The last port of all, taken: no other can be tried."""
    with claimed(65_535) as last, claimed(last) as told:
        assert (last, told) == (65_535, 65_535)
