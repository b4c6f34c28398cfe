"""What the questions of model/reuse.py say of a connect() is what the kernel does, over every combination."""

import contextlib
import time
from itertools import product
from socket import SHUT_WR, SO_REUSEADDR, SOL_SOCKET, socket
from types import SimpleNamespace

import pytest
from tcplab import TcpState, Testbed, sockets, sysctls, wait_until
from tcplab.errors import BadValue
from tcplab.model.reuse import Question, Walk
from tcplab.observe import reuse as observed
from tcplab.observe.reuse import early, reuse_delay_s, ripe
from tcplab.traffic.walk import walk

pytestmark = pytest.mark.by_anyone

PORT, ELSEWHERE = 80, 81
TO = {"wire": "192.0.2.2", "loopback": "127.0.0.1", "own address": "192.0.2.1"}
TIMESTAMPS = {"both": (1, 1), "client": (1, 0), "server": (0, 1), "none": (0, 0)}
HELD = ("nothing", "elsewhere", "living", "half closed", "fin wait 2", "reserved", "gone")
BINDING = ("bound alone", "bound elsewhere", "time wait bound", "fin wait 2 bound", "living bound")


class Past:
    """A client's port with a past: what it did before the connect() that is looked at."""

    def __init__(self, bed: Testbed, to: str, number: int) -> None:
        self.bed, self.to, self.number = bed, TO[to], number
        self.server = bed.server if to == "wire" else bed.client
        self.kept = contextlib.ExitStack()

    def make(self, held: str) -> None:
        """Let the port be held, as HELD and BINDING have it."""
        bound = "bound" in held
        if held == "reserved":
            self.kept.enter_context(sysctls(self.bed.client, ip_local_reserved_ports=str(self.number)))
        elif held == "bound alone":
            self.kept.enter_context(self._socket(bound=True))
        elif "elsewhere" in held:
            self._connected(ELSEWHERE, bound=bound)
        elif held != "nothing":
            self._closed(held, *self._connected(PORT, bound=bound))

    def _closed(self, held: str, mine: socket, theirs: socket) -> None:
        if held.startswith("half"):
            mine.shutdown(SHUT_WR)
        elif held == "gone":
            theirs.close()
            mine.recv(1)
            mine.close()
        elif not held.startswith("living"):
            mine.close()
            theirs.recv(1)
            if held.startswith("time wait"):
                theirs.close()
            moving = (TcpState.FIN_WAIT1, TcpState.LAST_ACK)  # an ACK may be delayed
            wait_until(lambda: not sockets(self.bed.client, state=moving), within_s=5, what="the last ACK")

    def _connected(self, port: int, *, bound: bool) -> tuple[socket, socket]:
        with self.server.listen(port) as listener:
            mine = self.kept.enter_context(self._socket(bound=bound))
            only = (self.number, self.number)
            with sysctls(self.bed.client, ip_local_port_range=only, tcp_tw_reuse=0):
                mine.connect((self.to, port))
            theirs = self.kept.enter_context(listener.accept()[0])
        assert mine.getsockname()[1] == self.number
        return mine, theirs

    def _socket(self, *, bound: bool) -> socket:
        made = self.bed.client.socket()
        if bound:
            made.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            made.bind(("", self.number))
        return made


def walked_past(past: Past, *, mode: int, old: bool, bind: bool) -> Walk:
    """Walk from the client's port to where it has been before."""
    client, only = past.bed.client, (past.number, past.number)
    delay = {} if reuse_delay_s(client) is None else {"tcp_tw_reuse_delay": 1 if old else 60_000}
    with past.server.listen(PORT), sysctls(client, tcp_tw_reuse=mode, ip_local_port_range=only, **delay):
        if old:
            wait_until(lambda: ripe(client), within_s=3, what="the reuse delay")
        number = past.number if bind else None
        walked = walk(client, past.to, PORT, bind=number, segments=past.bed.wire.segments)
    if walked.socket is not None:
        walked.socket.close()
    return walked


def cases() -> list[tuple[str, str, str, int, bool, bool]]:
    """Where to, timestamps, what held the port, tcp_tw_reuse, whether long ago, whether this connect() is bound."""
    modes, either = (0, 1, 2), (False, True)
    found = [
        (to, said, "time wait", mode, old, False) for to, said, mode, old in product(TO, TIMESTAMPS, modes, either)
    ]
    found += [("wire", said, held, mode, True, False) for said, held, mode in product(("both", "none"), HELD, modes)]
    found += [
        (to, said, held, mode, True, bind)
        for to, said, held, mode, bind in product(("wire", "loopback"), ("both", "none"), BINDING, (0, 1), either)
        if not (bind and held == "living bound")  # bind() itself is refused: two that both connect to the same
    ]
    return found


def test_every_combination(bed):
    """Where to, timestamps, what held the port, tcp_tw_reuse, age, bind(): the walk ends where the kernel does."""
    wrong: list[str] = []
    ends = set()
    for number, (to, said, held, mode, old, bind) in enumerate(cases(), start=20_000):
        if not old and reuse_delay_s(bed.client) is None:
            continue  # before 6.14 no TIME_WAIT can be kept young
        mine, theirs = TIMESTAMPS[said]
        past = Past(bed, to, number)
        with past.kept, contextlib.ExitStack() as until_then:
            # What crossed the wire is judged by what it was; of the rest the setting that stays tells.
            long = until_then if to == "wire" else past.kept
            long.enter_context(sysctls(bed.client, tcp_timestamps=mine))
            long.enter_context(sysctls(bed.server, tcp_timestamps=theirs))
            past.make(held)
            until_then.close()
            walked = walked_past(past, mode=mode, old=old, bind=bind)
        ends |= {(path.end, path.taken) for path in walked.paths}
        if not walked.paths:
            wrong.append(f"{to}, {said}, {held}, mode {mode}, old {old}, bind {bind}: {walked}")
    assert not wrong, "\n".join(wrong)
    assert {question for question, _ in ends} == set(Question)


def test_first_parity_first(bed):
    """Of a range with free ports of both parities the kernel takes one of the first's, as the walk says."""
    with bed.server.listen(PORT), sysctls(bed.client, ip_local_port_range=(20_001, 20_004)):
        walks = [walk(bed.client, bed.server, PORT, segments=bed.wire.segments) for _ in range(5)]
    assert [walked.port % 2 for walked in walks if walked.port] == [1, 1, 0, 0]
    assert walks[-1].error == "EADDRNOTAVAIL"
    assert [path.end for path in walks[-1].paths] == [Question.REMNANT] * 4
    assert all(walked.paths for walked in walks)
    for walked in walks[:-1]:
        walked.socket.close()


def test_looking_leaves_nothing_on_the_wire_or_in_the_tables(bed):
    """The look asks the kernel on its own loopback: no segment crosses, no socket and no setting stays."""
    with bed.server.listen(PORT), sysctls(bed.client, ip_local_port_range=(20_000, 20_000)):
        with walk(bed.client, bed.server, PORT).socket:
            before = len(bed.wire.segments), str(sockets(bed.client))
            assert walk(bed.client, bed.server, PORT).error == "EADDRNOTAVAIL"
            assert (len(bed.wire.segments), str(sockets(bed.client))) == before
        assert bed.client.sysctl("ip_local_port_range") == "20000 20000"


def test_what_cannot_be_walked_is_refused(bed):
    """A range too wide to look at, an address of IPv6 and a name are told so; a dead port says what the kernel says."""
    with pytest.raises(BadValue, match="at most 64 ports"):
        walk(bed.client, bed.server, PORT)
    for nowhere in ("2001:db8::2", "server", None):
        with pytest.raises(BadValue, match="an IPv4 address"):
            walk(bed.client, nowhere, PORT)
    with sysctls(bed.client, ip_local_port_range=(20_000, 20_000)), pytest.raises(ConnectionRefusedError):
        walk(bed.client, bed.server, PORT)


def test_ripe_and_early(bed):
    """A host without TIME_WAIT is ripe; one with a fresh one is not, until its delay is over."""
    assert ripe(bed.client)
    wait_until(lambda: early(bed.client), within_s=2)
    past = Past(bed, "wire", 20_000)
    fresh = {} if reuse_delay_s(bed.client) is None else {"tcp_tw_reuse_delay": 60_000}
    with past.kept:
        with sysctls(bed.client, **fresh):
            past.make("time wait")
            assert not ripe(bed.client)
        wait_until(lambda: ripe(bed.client), within_s=3)


def test_without_the_setting_whole_seconds_count(bed, monkeypatch):
    """Kernels before 6.14 have no tcp_tw_reuse_delay: a TIME_WAIT is ripe with the next second of the clock."""
    monkeypatch.setattr(observed, "reuse_delay_s", lambda _: None)
    with monkeypatch.context() as patch:
        patch.setattr(observed, "time", SimpleNamespace(monotonic=iter([7.0, 7.09, 7.11, 7.99]).__next__))
        assert [early(bed.client) for _ in range(4)] == [True, True, False, False]
    past = Past(bed, "wire", 20_000)
    with past.kept:
        begun = int(time.monotonic())
        past.make("time wait")
        wait_until(lambda: ripe(bed.client), within_s=2)
        assert int(time.monotonic()) >= begun + 1
