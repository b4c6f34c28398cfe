"""The code beside each arrow of the state machine does what it says, on the kernel at hand."""

import contextlib
import socket
from itertools import pairwise

import pytest
from tcplab import wait_until
from tcplab.live.explained import CODE, code
from tcplab.live.whereabouts import Whereabouts
from tcplab.model.conversation import conversations
from tcplab.model.state import TcpState as S
from tcplab.model.states import states
from tcplab.model.transitions import TRANSITIONS, transition
from tcplab.observe.sockets import sockets

pytestmark = pytest.mark.by_anyone

SECONDS_LONG = (S.TIME_WAIT, S.CLOSED)
NO_SEGMENT = {(S.CLOSED, S.LISTEN), (S.LISTEN, S.CLOSED), (S.LISTEN, S.SYN_SENT), (S.SYN_SENT, S.CLOSED)}
ON_THE_WIRE = [each for each in TRANSITIONS if (each.start, each.end) not in {*NO_SEGMENT, SECONDS_LONG}]


@contextlib.contextmanager
def taken(bed, arrow):
    """Run the code of an arrow; its sockets are open inside the block."""
    names = {"bed": bed}
    try:
        exec(code(arrow), names)
        yield
    finally:
        for each in names.values():
            if isinstance(each, socket.socket):
                each.close()


def walked(bed):
    """Which states follow which, at either end."""
    told = states(conversations(bed.wire.segments)[0])
    paths = [[change.state for change in side] for side in (told.client, told.server)]
    return {pair for path in paths for pair in pairwise(path)}


@pytest.mark.parametrize("arrow", ON_THE_WIRE, ids=lambda arrow: arrow.name)
def test_an_arrow_is_taken_on_the_wire(bed, arrow):
    """One of both ends goes from the arrow's state to its other one, by the rules of RFC 9293."""
    with taken(bed, arrow):
        wait_until(lambda: (arrow.start, arrow.end) in walked(bed), within_s=5, what=str(arrow))
        ends = Whereabouts(bed).look(settled=True).ends
        assert arrow.end in {step.state for end in ends.values() for step in end.way}
        assert not [end.remark for end in ends.values() if "By the segments" in end.remark]


def test_arrows_that_send_nothing(bed):
    """A listener that closes, and a connect() given up, leave nothing in the kernel's table."""
    for start in S.LISTEN, S.SYN_SENT:
        with taken(bed, transition(start, S.CLOSED)):
            assert not sockets(bed.client)
            assert not sockets(bed.server)
    with taken(bed, transition(S.CLOSED, S.LISTEN)):
        assert [each.state for each in sockets(bed.server)] == [S.LISTEN]


def test_linux_has_no_way_from_listen_to_syn_sent(bed):
    """RFC 9293 lets a listener that sends open a connection; Linux refuses."""
    with pytest.raises(BrokenPipeError), taken(bed, transition(S.LISTEN, S.SYN_SENT)):
        pass


def test_every_arrow_has_code():
    """And nothing else has."""
    assert set(CODE) == {(each.start, each.end) for each in TRANSITIONS}
