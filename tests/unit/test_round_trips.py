"""Round trips on the wire: what a client waits for counts, and nothing else."""

from exercises import OPEN, on_port
from tcplab.model.conversation import conversations
from tcplab.model.round_trips import handshakes, round_trips

ASKED = "client > PA 37\nserver > PA 120\nserver > PA 52\nclient > A\n"


def talk(text: str):
    """The one connection of a script."""
    (found,) = conversations(on_port(80, text))
    return found


def test_a_connection_for_one_request_takes_two():
    """The answer to the SYN, and the answer to the request, in however many segments; the close is not waited for."""
    assert round_trips(talk(OPEN + ASKED + "client > FA\nserver > FA\nclient > A")) == 2


def test_each_request_takes_one_more():
    """A handshake is paid for once."""
    assert round_trips(talk(OPEN + ASKED * 5)) == 6


def test_a_record_that_begins_later_counts_what_it_has():
    """Requests on a connection that was there before: no handshake."""
    (later,) = conversations(on_port(80, OPEN + ASKED * 3)[3:])
    assert (round_trips(later), handshakes([later])) == (3, 0)


def test_what_is_sent_again_is_not_waited_for_twice():
    """A SYN and a request that were lost and repeated are one wait each."""
    text = "client > S dropped\nclient > S again\nserver > SA\nclient > A\n"
    once = talk(text + "client > PA 37 dropped\nclient > PA 37 again\nserver > PA 52")
    assert (round_trips(once), handshakes([once])) == (2, 1)


def test_nobody_answered():
    """Waiting that has not ended is no round trip."""
    assert round_trips(talk("client > S")) == 0
