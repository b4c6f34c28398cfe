"""A segment says what it is."""

import pytest
from tcplab.model.segment import Fate, Segment
from unit.packets import frame, script


def test_one_line() -> None:
    """Number, time, from, to, flags, numbers, length, fate; an ACK number only where the ACK flag is set."""
    syn, data = script("client > S dropped\nclient > PA 1 at 1.0012")
    assert repr(syn) == " 1  0.0000 s  client → server  S   seq 4294967290                    0 bytes  dropped"
    assert repr(data) == " 2  1.0012 s  client → server  PA  seq 4294967291 ack 1000           1 byte   delivered"


def test_without_host_names_the_endpoints_stand() -> None:
    """A segment from a file of which nobody knows the hosts shows addresses and ports."""
    assert "192.0.2.2:80 → 192.0.2.1:40000" in repr(Segment.from_frame(frame("server", "A", 1, 1)))


def test_show_draws_the_header(capsys: pytest.CaptureFixture[str]) -> None:
    """show() prints RFC 9293's drawing, all lines of one width, options and payload below it."""
    Segment.from_frame(frame("server", "PA", 7, 9, b"hello", options=b"\x02\x04\x05\xb4")).show()
    lines = capsys.readouterr().out.splitlines()
    assert {len(line) for line in lines[:9]} == {65}
    assert lines[3].strip("| ") == "Sequence number 7"
    assert lines[-2:] == ["Options: MSS 1460", "Payload: 5 bytes b'hello'"]


def test_fates_are_words() -> None:
    """A fate compares with the word that the book uses."""
    assert script("client > S held")[0].fate == "held"
    assert {str(fate) for fate in Fate} == {"delivered", "dropped", "held", "delayed", "duplicated", "swallowed"}


def test_the_sequence_numbers_it_takes() -> None:
    """SYN and FIN take one each, and each byte of payload; an ACK takes none."""
    lengths = [segment.sequence_length for segment in script("client > S\nclient > A\nclient > FPA 3")]
    assert lengths == [1, 0, 4]
