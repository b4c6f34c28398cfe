"""The ladder as text."""

import pytest
from tcplab.errors import BadValue
from tcplab.model.conversation import Conversation, conversations
from tcplab.notebook.ladder import NOTHING, ladder
from tcplab.notebook.ladder_twin import twin
from tcplab.notebook.steps import steps
from unit.packets import script

LOST_LAST_ACK = """
    client > S
    server > SA
    client > A
    client > PA 78
    server > A
    server > FA
    client > A
    client > FA
    server > A dropped
    client > FA again
    server > A
"""
OPEN = "client > S\nserver > SA\nclient > A\n"


def talk(text: str) -> Conversation:
    """The one conversation of a script."""
    (found,) = conversations(script(text))
    return found


def twin_of(text: str, **options: bool) -> list[str]:
    """The lines of its twin."""
    found = talk(text)
    return twin(found, steps(found), **options).splitlines()


def test_whole() -> None:
    """One sentence, one line a segment with relative numbers, one line a change of state with its cause."""
    assert twin_of(LOST_LAST_ACK) == [
        "client → server, port 80: 11 segments (10 delivered, 1 dropped, 1 sent again).",
        "",
        " #  from      flags     seq  ack  bytes  fate",
        " 1  client →  SYN         0           ·  delivered",
        " 2  ← server  SYN, ACK    0    1      ·  delivered",
        " 3  client →  ACK         1    1      ·  delivered",
        " 4  client →  PSH, ACK    1    1     78  delivered",
        " 5  ← server  ACK         1   79      ·  delivered",
        " 6  ← server  FIN, ACK    1   79      ·  delivered",
        " 7  client →  ACK        79    2      ·  delivered",
        " 8  client →  FIN, ACK   79    2      ·  delivered",
        " 9  ← server  ACK         2   80      ·  ✕ dropped",
        "10  client →  FIN, ACK   79    2      ·  ↻ delivered, again",
        "11  ← server  ACK         2   80      ·  delivered",
        "",
        "·   server  LISTEN       listen()",
        "1   client  SYN_SENT     connect()",
        "1   server  SYN_RECV     SYN came",
        "2   client  ESTABLISHED  SYN and ACK came",
        "3   server  ESTABLISHED  ACK came",
        "6   server  FIN_WAIT1    close(): closes first",
        "6   client  CLOSE_WAIT   FIN came",
        "7   server  FIN_WAIT2    ACK came",
        "8   client  LAST_ACK     close()",
        "8   server  TIME_WAIT    FIN came: 60 s from here",
        "10  server  TIME_WAIT    FIN again: 60 s anew",
        "11  client  CLOSED       ACK came: nothing left",
    ]


def test_times_only_when_asked() -> None:
    """Milliseconds differ from run to run, so they stand in the twin only when they are asked for."""
    assert twin_of(OPEN, times=True)[2:5] == [
        "#         ms  from      flags     seq  ack  bytes  fate",
        "1      0.000  client →  SYN         0           ·  delivered",
        "2  1,000.000  ← server  SYN, ACK    0    1      ·  delivered",
    ]


def test_every_fate_is_said() -> None:
    """What is held, late, doubled or swallowed says so; a repeat says again."""
    lines = twin_of(OPEN + "client > FA until 9\nserver > FA held\nserver > A duplicated\nserver > FA again swallowed")
    assert [line.split("  ")[-1] for line in lines[3:10]] == [
        *["delivered"] * 3,
        "delivered late",
        "‖ held",
        "duplicated",
        "↻ swallowed, again",
    ]


def test_simultaneous_close_is_told_in_order() -> None:
    """Each side goes on to CLOSING after it has sent its own FIN, whichever reached the wire first."""
    told = [(step.side, str(step.state)) for step in steps(talk(OPEN + "client > FA\nserver > FA unaware at 3.0005"))]
    assert told[-4:] == [
        ("client", "FIN_WAIT1"),
        ("server", "FIN_WAIT1"),
        ("client", "CLOSING"),
        ("server", "CLOSING"),
    ]


def test_long_conversation_is_cut() -> None:
    """A hundred segments are shown by their beginning and end, and a sentence says what is left out."""
    lines = twin_of(OPEN + "server > PA 1000\nclient > A\n" * 60)
    assert "83 segments are not drawn here (25 to 107); they carry 41,000 bytes." in lines
    assert len(lines) < 60
    assert lines[lines.index("") + 2].endswith("delivered")


def test_nothing_yet(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty record is a sentence, not an error."""
    ladder([])
    assert capsys.readouterr().out == NOTHING + "\n"


def test_which(capsys: pytest.CaptureFixture[str]) -> None:
    """The newest connection is drawn unless another is asked for; one that is not there is refused."""
    segments = script(OPEN)
    ladder(segments, which=0, title="A handshake")
    assert capsys.readouterr().out.startswith("A handshake\n\nclient → server, port 80: 3 segments")
    with pytest.raises(BadValue, match="which=1 is not possible"):
        ladder(segments, which=1)
