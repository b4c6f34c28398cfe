"""A rule that could never match is refused when it is made, with what was given and what is allowed."""

import pytest
from connections import connected, fates
from tcplab import TcplabError, Testbed
from tcplab.errors import BadRule, BadValue

pytestmark = pytest.mark.by_anyone

NEVER = {
    "no such flag": ({"flags": "Z"}, "flags='Z'", "letters of"),
    "no flags": ({"flags": ""}, "flags=''", "letters of"),
    "flags are letters": ({"flags": 2}, "flags=2", "letters of"),
    "exact flags without the one asked for": ({"flags": "S", "having": "A"}, "having='A'", "flags='S'"),
    "no such condition": ({"flag": "S"}, "flag='S'", "conditions are flags"),
    "an address that is not on this wire": ({"source": "10.0.0.1"}, "source='10.0.0.1'", "bed.client (192.0.2.1)"),
    "no address": ({"destination": "sever"}, "destination='sever'", "bed.server (192.0.2.2)"),
    "from and to the same host": ({"source": "client", "destination": "client"}, "destination='client'", "other host"),
    "from a host to its own address": (
        {"source": "192.0.2.1", "destination": "2001:db8::1"},
        "destination='2001:db8::1'",
        "other host",
    ),
    "from IPv4 to IPv6": (
        {"source": "192.0.2.1", "destination": "2001:db8::2"},
        "destination='2001:db8::2'",
        "family of source",
    ),
    "no such port": ({"port": 65536}, "port=65536", "1 to 65535"),
    "port 0": ({"source_port": 0}, "source_port=0", "1 to 65535"),
    "a port is a number": ({"destination_port": "80"}, "destination_port='80'", "1 to 65535"),
    "a port beside two others": ({"port": 80, "source_port": 81, "destination_port": 82}, "port=80", "81 or 82"),
    "the first none": ({"first": 0}, "first=0", "1 to"),
    "a negative length": ({"payload_bytes": -1}, "payload_bytes=-1", "length in bytes"),
    "a range from high to low": ({"payload_bytes": (9, 1)}, "payload_bytes=(9, 1)", "(least, most)"),
    "a length in words": ({"payload_bytes": "ten"}, "payload_bytes='ten'", "length in bytes"),
    "more than a segment carries": ({"payload_bytes": 5000}, "payload_bytes=5000", "0 to 1460"),
    "no function": ({"when": 3}, "when=3", "function of one Segment"),
}


@pytest.fixture(scope="module")
def shared():
    """One bed for all: a refusal changes nothing."""
    with Testbed.two_hosts() as bed:
        yield bed


@pytest.mark.parametrize("case", NEVER)
def test_it_is_refused(shared, case):
    """BadRule names what was given and what is allowed, in one message."""
    condition, given, allowed = NEVER[case]
    with pytest.raises(BadRule) as caught:
        shared.wire.drop(**condition)
    assert given in str(caught.value)
    assert allowed in str(caught.value)
    assert isinstance(caught.value, TcplabError)
    assert isinstance(caught.value, ValueError)


def test_the_bed_works_afterwards(shared):
    """After all the refusals no rule is in force."""
    with connected(shared):
        assert fates(shared)[:3] == [("S", "delivered"), ("SA", "delivered"), ("A", "delivered")]


@pytest.mark.parametrize(
    "asked", [{}, {"rtt_ms": 1, "one_way_ms": 1}, {"rtt_ms": -1}, {"rtt_ms": "20"}, {"one_way_ms": float("nan")}]
)
def test_a_delay_that_is_none_is_refused(shared, asked):
    """A delay is one number of milliseconds, 0 to 60,000, given one way or the other."""
    with pytest.raises(BadValue, match=r"rtt_ms|one_way_ms"):
        shared.wire.delay(**asked)


def test_a_function_that_cannot_go_to_the_wire_is_refused(shared):
    """It would take a socket with it, which no other process can use."""
    with connected(shared) as pair, pytest.raises(BadRule, match="holds no socket"):
        shared.wire.drop(when=lambda segment: segment.source.port == pair.mine.getsockname()[1])


def test_a_function_that_cannot_be_loaded_there_is_refused(shared):
    """A module that the wire's process cannot find is the error's reason, not its end."""
    with pytest.raises(BadRule, match="can be loaded in the wire's process"):
        shared.wire.drop(when=_of_a_module_that_is_nowhere())
    with connected(shared):
        pass


def _of_a_module_that_is_nowhere():
    """A function that pickles by name, of a module that only this process has."""
    import sys
    import types

    module = types.ModuleType("only_here")
    exec("def chosen(segment): return True", module.__dict__)
    sys.modules["only_here"] = module
    return module.chosen


def test_a_function_that_raises_is_told_when_the_rule_ends(shared):
    """Its segments pass; the end of the block says what it raised."""
    rule = shared.wire.drop(when=lambda _: 1 / 0)
    with connected(shared) as pair:
        pair.mine.sendall(b"x")
        assert pair.theirs.recv(1) == b"x"
    with pytest.raises(BadRule, match="ZeroDivisionError"):
        rule.remove()
    with connected(shared):
        pass
