"""States told from segments, by RFC 9293."""

from tcplab.model.conversation import conversations
from tcplab.model.state import TcpState
from tcplab.model.states import StateChange, states
from unit.packets import script

OPEN = """
    client > S
    server > SA
    client > A
"""


def told(text: str) -> tuple[str, str]:
    """What both ends went through, as `number STATE (cause)`, after what stands in OPEN."""
    (talk,) = conversations(script(text))
    found = states(talk)

    def words(changes: tuple[StateChange, ...]) -> str:
        return ", ".join(f"{change.after} {change!r}" for change in changes if change.after > 3)

    return words(found.client), words(found.server)


def test_open() -> None:
    """Three segments open: each cause is a call, or what came."""
    found = states(conversations(script(OPEN))[0])
    assert repr(found).splitlines() == [
        "client: CLOSED → SYN_SENT (connect()) → ESTABLISHED (SYN and ACK came)",
        "server: LISTEN (listen()) → SYN_RECV (SYN came) → ESTABLISHED (ACK came)",
    ]
    assert [change.after for change in found.client] == [0, 1, 2]
    assert [change.after for change in found.server] == [0, 1, 3]


def test_close_in_four() -> None:
    """The active closer goes through FIN_WAIT1 and FIN_WAIT2 to TIME_WAIT, the passive closer through LAST_ACK."""
    assert told(OPEN + "server > FA\nclient > A\nclient > FA\nserver > A") == (
        "4 CLOSE_WAIT (FIN came), 6 LAST_ACK (close()), 7 CLOSED (ACK came)",
        "4 FIN_WAIT1 (close()), 5 FIN_WAIT2 (ACK came), 6 TIME_WAIT (FIN came)",
    )


def test_close_in_three() -> None:
    """ACK and FIN in one segment lead from FIN_WAIT1 to TIME_WAIT at once."""
    assert told(OPEN + "client > FA\nserver > FA\nclient > A") == (
        "4 FIN_WAIT1 (close()), 5 TIME_WAIT (FIN and ACK came)",
        "4 CLOSE_WAIT (FIN came), 5 LAST_ACK (close()), 6 CLOSED (ACK came)",
    )


def test_lost_last_ack() -> None:
    """A dropped ACK does not move LAST_ACK, nor does the FIN that is sent again; the ACK of that one does."""
    assert told(OPEN + "server > FA\nclient > FA\nserver > A dropped\nclient > FA again\nserver > A") == (
        "4 CLOSE_WAIT (FIN came), 5 LAST_ACK (close()), 8 CLOSED (ACK came)",
        "4 FIN_WAIT1 (close()), 5 TIME_WAIT (FIN and ACK came)",
    )


def test_a_held_segment_moves_only_its_sender() -> None:
    """While a FIN is held its receiver stays ESTABLISHED."""
    assert told(OPEN + "server > FA held") == ("", "4 FIN_WAIT1 (close())")


def test_a_released_segment_moves_its_receiver_when_it_arrives() -> None:
    """What was sent meanwhile comes first: both FINs crossed, so both ends go through CLOSING."""
    assert told(OPEN + "client > FA until 9\nserver > FA until 9\nclient > A at 10\nserver > A at 11") == (
        "4 FIN_WAIT1 (close()), 5 CLOSING (FIN came), 7 TIME_WAIT (ACK came)",
        "5 FIN_WAIT1 (close()), 4 CLOSING (FIN came), 6 TIME_WAIT (ACK came)",
    )


def test_fins_that_cross_between_the_wire_and_a_host() -> None:
    """A FIN that does not acknowledge the other was sent before that one came, though the wire saw it later."""
    assert told(OPEN + "client > FA at 5\nserver > FA at 5.0002 unaware\nclient > A at 6\nserver > A at 7") == (
        "4 FIN_WAIT1 (close()), 5 CLOSING (FIN came), 7 TIME_WAIT (ACK came)",
        "5 FIN_WAIT1 (close()), 4 CLOSING (FIN came), 6 TIME_WAIT (ACK came)",
    )


def test_a_fin_behind_a_gap_waits() -> None:
    """A FIN that overtakes lost data takes effect when the data has come."""
    assert told(OPEN + "client > PA 5 dropped\nclient > FA\nserver > A\nclient > PA 5 again\nserver > A") == (
        "5 FIN_WAIT1 (close()), 8 FIN_WAIT2 (ACK came)",
        "7 CLOSE_WAIT (FIN came)",
    )


def test_a_refused_connection() -> None:
    """A SYN to a closed port: nobody listens, and the RST ends SYN_SENT."""
    found = states(conversations(script("client > S\nserver > RA"))[0])
    assert [str(change.state) for change in found.server] == ["CLOSED"]
    assert repr(found.client[-1]) == "CLOSED (RST came)"


def test_an_abort() -> None:
    """An RST closes both ends, and leaves no TIME_WAIT."""
    assert told(OPEN + "client > RA") == ("4 CLOSED (RST sent)", "4 CLOSED (RST came)")


def test_a_simultaneous_open() -> None:
    """Two SYNs that cross lead both ends through SYN_SENT and SYN_RECV."""
    (talk,) = conversations(script("client > S until 1.5\nserver > S until 1.5\nclient > SA\nserver > SA"))
    for side in (states(talk).client, states(talk).server):
        assert [str(change.state) for change in side] == ["CLOSED", "SYN_SENT", "SYN_RECV", "ESTABLISHED"]


def test_a_record_that_begins_later() -> None:
    """Without a SYN in the record both ends count as ESTABLISHED before it."""
    (talk,) = conversations(script(OPEN + "server > FA\nclient > FA\nserver > A")[3:])
    assert [change.state for change in states(talk).server] == [
        TcpState.ESTABLISHED,
        TcpState.FIN_WAIT1,
        TcpState.TIME_WAIT,
    ]
