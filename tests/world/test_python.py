"""python(): a function in a host, with what it needs, and its result or exception back."""

import pytest
from tcplab.errors import NotReady, UnexpectedOutput, WorldDown


def test_it_runs_in_the_host(bed):
    """Its sockets are the host's; what it refers to goes along; its result comes back."""
    port = 80

    def where(address):
        import socket

        with socket.create_server(("", port)), socket.create_connection((address, port)) as mine:
            return mine.getsockname()[0], socket.gethostname()

    assert bed.client.python(where, "192.0.2.1") == ("192.0.2.1", "client")
    assert bed.server.python(where, "192.0.2.2") == ("192.0.2.2", "server")


def test_its_exception_comes_back(bed):
    """As if it had been called here."""
    with pytest.raises(ZeroDivisionError):
        bed.client.python(lambda: 1 / 0)


def test_large_values_go_both_ways(bed):
    """Ten megabytes there and back."""
    data = b"x" * 10_000_000
    assert bed.client.python(lambda given: given, data) == data


def test_what_it_prints_is_not_its_result(bed, capfd):
    """Its output is shown, and does not disturb the answer."""
    assert bed.client.python(lambda: print("seen") or 3) == 3
    assert "seen" in capfd.readouterr().err


def test_a_result_that_cannot_come_back_says_so(bed):
    """A socket stays where it is."""
    import socket

    with pytest.raises(TypeError, match="cannot bring"):
        bed.client.python(lambda: socket.socket())  # noqa: PLW0108 (the class would be pickled)


def test_one_that_hangs_is_ended(bed):
    """NotReady in its bound, and nothing of it is left."""
    with pytest.raises(NotReady):
        bed.client.python(lambda: __import__("time").sleep(1000), within_s=0.5)
    assert bed.client.run(["ps", "-eww", "-o", "args"]).stdout.count("import os, pickle, sys") == 0


def test_one_that_dies_says_so(bed):
    """A process that ends without an answer is no result."""
    with pytest.raises((UnexpectedOutput, WorldDown)):
        bed.client.python(lambda: __import__("os").abort())
    assert bed.client.python(lambda: 1) == 1
