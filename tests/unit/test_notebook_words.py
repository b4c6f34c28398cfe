"""Values in words, tables of hosts, waiting with a bound."""

import pytest
from tcplab.errors import BadValue, NotReady
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.state import TcpState
from tcplab.notebook.say import in_words
from tcplab.notebook.show import show
from tcplab.notebook.wait import wait_until
from unit.packets import ADDRESSES

CLIENT, SERVER = (Endpoint(*ADDRESSES[side]) for side in ("client", "server"))


class Hostile:
    """A value that breaks whoever looks at it."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = object.__hash__


def test_any_value_can_be_said() -> None:
    """A state by its name, long values cut, and what cannot be shown says so."""
    assert in_words(TcpState.TIME_WAIT) == "TIME_WAIT"
    assert in_words([TcpState.FIN_WAIT1, TcpState.TIME_WAIT]) == "[FIN_WAIT1, TIME_WAIT]"
    assert in_words("a\nb") == "a b"
    assert in_words(set("dbca")) == "{'a', 'b', 'c', 'd'}"
    assert len(in_words(list(range(1000)))) == 72
    assert in_words(Hostile()) == "a Hostile that cannot be shown"


def test_hosts_under_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    """Each socket is a line, columns in step, the host before its first; a sentence stands for no socket."""
    held = [Connection(TcpState.LISTEN, SERVER, CLIENT), Connection(TcpState.TIME_WAIT, SERVER, CLIENT, "timewait", 59)]
    show(client=[], server=held)
    assert capsys.readouterr().out.splitlines() == [
        "client  no sockets",
        "server  192.0.2.2:80                    LISTEN",
        "        192.0.2.2:80 → 192.0.2.1:40000  TIME_WAIT 59 s",
    ]


def test_unnamed_tables_have_no_margin(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name nothing stands before the lines."""
    show("one", "two")
    assert capsys.readouterr().out == "one\ntwo\n"
    show()
    assert capsys.readouterr().out == ""


def test_long_tables_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty lines a host, then how many more."""
    show(server=[Connection(TcpState.TIME_WAIT, SERVER, CLIENT)] * 1234)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "        … and 1,214 more"


def test_waiting_returns_what_held() -> None:
    """The condition is looked at until it is true, and its value is the answer."""
    answers = iter([0, [], "there"])
    assert wait_until(lambda: next(answers), within_s=5) == "there"


def test_waiting_ends() -> None:
    """What does not happen in its time is an error that says what was awaited."""
    with pytest.raises(NotReady, match=r"TIME_WAIT on the client: not within 0\.01 s"):
        wait_until(lambda: False, within_s=0.01, what="TIME_WAIT on the client")
    with pytest.raises(BadValue, match="within_s=0"):
        wait_until(lambda: True, within_s=0)
