"""Segments become conversations."""

from dataclasses import replace

import pytest
from tcplab.model.conversation import conversations, distance
from tcplab.model.segment import Segment
from unit.packets import ISN, frame, script

CLOSE = """
    client > S
    server > SA
    client > A
    client > PA 5
    server > A
    server > FA
    client > FA
    server > A
"""


def test_numbers_count_from_each_sides_syn() -> None:
    """A SYN is 0, the first byte of data is 1, and a FIN takes a number, also where the numbers wrap around."""
    (talk,) = conversations(script(CLOSE))
    assert [(turn.seq, turn.ack) for turn in talk] == [
        (0, 0), (0, 1), (1, 1), (1, 1), (1, 6), (1, 6), (6, 2), (2, 7)
    ]  # fmt: skip


def test_the_client_sent_the_first_syn() -> None:
    """The client is the sender of the first SYN, and the conversation is named from its side."""
    (talk,) = conversations(script(CLOSE))
    assert (talk.client_host, talk.server_host) == ("client", "server")
    assert str(talk.four_tuple) == "192.0.2.1:40000 → 192.0.2.2:80"
    assert [turn.from_client for turn in talk][:3] == [True, False, True]


def test_without_a_syn_the_higher_port_is_the_clients() -> None:
    """A record that begins in the middle still tells who is who, and counts from what it saw first."""
    (talk,) = conversations(script(CLOSE)[4:])
    assert talk.client.port == 40000
    assert (talk[0].seq, talk[0].ack) == (1, 1)


def test_show_writes_times_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten seconds and a hundred segments after the first line, the columns still stand."""
    (talk,) = conversations(
        replace(segment, number=97 + at, time_s=2.0 * at) for at, segment in enumerate(script(CLOSE))
    )
    talk.show()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(" 97   0.0000 s  client")
    assert lines[-1].startswith("104  14.0000 s  server")
    assert len({line.index(" s  ") for line in lines}) == 1


def test_sent_again() -> None:
    """A segment whose sequence numbers were sent before is sent again, whatever became of the first copy."""
    (talk,) = conversations(
        script("""
            client > S dropped
            client > S again
            server > SA
            client > A
            client > PA 10
            client > PA 10 again
            client > A
            server > A
            server > FA
            server > FA again
        """)
    )
    assert [turn.segment.number for turn in talk if turn.sent_again] == [2, 6, 10]


def test_a_partly_repeated_segment_is_sent_again() -> None:
    """Old and new data in one segment: some of it was sent before."""
    talk = conversations(
        [
            Segment.from_frame(frame("client", "PA", seq, 1, b"x" * length))
            for seq, length in ((1, 10), (6, 10), (16, 5))
        ]
    )[0]
    assert [turn.sent_again for turn in talk] == [False, True, False]


def test_a_syn_with_another_number_is_a_new_incarnation() -> None:
    """The same four-tuple again, with a new initial sequence number, is another connection."""
    segments = [*script(CLOSE), Segment.from_frame(frame("client", "S", ISN["client"] + 100_000, 0), number=9)]
    assert [len(talk) for talk in conversations(segments)] == [8, 1]


def test_a_simultaneous_open_is_one_conversation() -> None:
    """Two SYNs that cross belong together; the sender of the first counts as the client."""
    (talk,) = conversations(script("client > S held until 2.5\nserver > S held until 2.5\nclient > SA\nserver > SA"))
    assert talk.client_host == "client"


def test_an_old_duplicate_counts_below_zero() -> None:
    """A segment from before the SYN is shown as such, not as a number near 2**32."""
    segments = [*script(CLOSE), Segment.from_frame(frame("client", "A", ISN["client"] - 3, 1))]
    assert conversations(segments)[0][-1].seq == -3


@pytest.mark.parametrize(("start", "end", "far"), [(0, 5, 5), (5, 0, -5), (2**32 - 1, 1, 2), (1, 2**32 - 1, -2)])
def test_distance_wraps_around(start: int, end: int, far: int) -> None:
    """Sequence numbers are compared around the end of their space."""
    assert distance(start, end) == far


def test_it_prints_in_one_line() -> None:
    """A conversation is its endpoints and its flags; a turn has relative numbers."""
    (talk,) = conversations(script(CLOSE))
    assert repr(talk) == "192.0.2.1:40000 → 192.0.2.2:80  8 segments  S SA A PA A FA FA A"
    assert repr(talk[3]) == " 4  3.0000 s  client → server  PA  seq 1     ack 1         5 bytes  delivered"
    assert conversations([]) == []


def test_covered_it_shows_no_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """A puzzle tells who, flags and bytes; what is asked stands beside its line."""
    (talk,) = conversations(script(CLOSE))
    talk.cover({2: "ack ?a"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == " 2  server  SA    0 bytes  ack ?a"
    assert lines[3] == " 4  client  PA    5 bytes"
    assert len(lines) == len(talk)
