"""The kernel's answer about its sockets is read, or refused."""

import errno
import random
import socket
from collections import Counter
from ipaddress import ip_address
from pathlib import Path
from struct import pack
from typing import Any, Self

import pytest
from tcplab.errors import BadValue, NotPermitted, NotReady, UnexpectedOutput
from tcplab.model.connection import Connection
from tcplab.model.state import TcpState
from tcplab.observe.sock_diag import ROW_BYTES, connection, dump, states_mask, taken
from tcplab.observe.sockets import SocketTable, sockets

RECORDED = Path(__file__).parents[1] / "recorded"
DONE = pack("=IHHIIi", 20, 3, 2, 1, 0, 0)


def recorded(family: str) -> bytes:
    """What the kernel said, recorded."""
    return (RECORDED / f"sock_diag-{family}.bin").read_bytes()


def row(
    *, state: int = 6, timer: int = 3, family: int = 2, sport: int = 40000, more: bytes = b"", **head: int
) -> bytes:
    """One message of the answer."""
    size = 88 + len(more)
    said = pack(
        "=IHHII", head.get("length", size), head.get("kind", 20), head.get("flags", 2), head.get("number", 1), 7
    )
    ends = pack("!HH16s16s", sport, 80, bytes([192, 0, 2, 1]) + bytes(12), bytes([192, 0, 2, 2]) + bytes(12))
    return said + pack("=BBBB", family, state, timer, 0) + ends + bytes(12) + pack("=IIIII", 59_500, 0, 0, 0, 0) + more


class Kernel:
    """Stands in for a netlink socket and for the host that makes it."""

    name = "client"

    def __init__(self, *answers: bytes) -> None:
        self.asked: list[bytes] = []
        self.answers = list(answers)

    def socket(self, *_: int) -> Self:
        """Be the socket too."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def settle(self) -> None:
        """Remember when it was asked to wait."""
        self.asked.append(b"settle")

    def send(self, question: bytes) -> None:
        """Remember the question."""
        self.asked.append(question)

    def recv_into(self, buffer: bytearray, _: int, flags: int) -> int:
        """Give the next answer."""
        assert flags == socket.MSG_TRUNC
        answer = self.answers.pop(0)
        buffer[: len(answer)] = answer
        return len(answer)


def test_recorded_ipv4() -> None:
    """The kernel's own words: TIME_WAIT on the server that closed first, with seconds left and no process."""
    rows, done, quiet = taken(recorded("inet"), 1)
    assert (done, quiet) == (True, True)
    for found in SocketTable(rows):
        assert (found.state, found.timer, found.inode) == (TcpState.TIME_WAIT, "timewait", 0)
        assert found.local.address == ip_address("192.0.2.2")
        assert found.timer_s is not None
        assert 59 < found.timer_s <= 60


def test_recorded_ipv6() -> None:
    """IPv4 through an IPv6 listener shows as IPv4; an orphan in FIN_WAIT2 already has TIME_WAIT's timer."""
    table = SocketTable(taken(recorded("inet6"), 1)[0])
    assert [str(found.state) for found in table] == ["LISTEN", "ESTABLISHED", "ESTABLISHED", "FIN_WAIT2", "TIME_WAIT"]
    assert [str(found.local) for found in table[:3]] == ["[::]:8080", "192.0.2.2:8080", "[2001:db8::2]:8080"]
    assert (table[3].timer, table[3].inode) == ("timewait", 0)
    assert table[0].inode > 0


@pytest.mark.parametrize(
    "chunk",
    [
        row()[:-1],
        row(length=20),
        row(length=200),
        row(kind=99),
        row(number=2),
        row() + b"\0\0\0",
        pack("=IHHII", 16, 3, 2, 1, 0),
        b"\0" * 16,
    ],
    ids=["cut", "too short", "too long", "unknown type", "another answer", "rest", "no code", "zeros"],
)
def test_a_message_it_must_refuse(chunk: bytes) -> None:
    """What it does not know it does not skip."""
    with pytest.raises(UnexpectedOutput, match="sock_diag said something"):
        taken(row() + chunk, 1)


@pytest.mark.parametrize("wrong", [{"state": 13}, {"state": 0}, {"timer": 6}, {"family": 1}])
def test_a_row_it_must_refuse(wrong: dict[str, int]) -> None:
    """A state, timer or family that is not known is an error, not a guess."""
    with pytest.raises(UnexpectedOutput):
        connection(row(**wrong))


def test_ack_that_is_held_back() -> None:
    """Linux 7.3 tells of a timer that those before have and do not tell: it broke a lab there."""
    found = connection(row(state=1, timer=5))
    assert (found.state, found.timer) == (TcpState.ESTABLISHED, "delayed ack")


def test_many_alike_and_one_that_is_not() -> None:
    """The short cut for thousands of rows of one kind finds the same as reading them one by one."""
    alike = b"".join(row(sport=port, more=pack("=HHI", 8, 15, 0)) for port in range(40000, 40300))
    rows, done, _ = taken(alike, 1)
    assert (len(rows) // ROW_BYTES, done) == (300, False)
    other = row(sport=1, more=pack("=HHI", 5, 8, 3))
    slowly, done, _ = taken(alike + other + row(sport=2) + DONE, 1)
    assert slowly == rows + other[:ROW_BYTES] + row(sport=2)
    assert done


def test_a_table_that_changes_is_read_again() -> None:
    """The kernel says when a dump was interrupted; then it is asked again, with a new number."""
    changed = row(flags=0x12) + DONE
    again = row(number=2, sport=1) + row(number=2, sport=2) + DONE.replace(pack("=HI", 2, 1), pack("=HI", 2, 2))
    kernel = Kernel(changed, again)
    assert len(dump(kernel, socket.AF_INET, 1 << 6)) == 2 * ROW_BYTES  # type: ignore[arg-type]
    assert len(kernel.asked) == 2

    with pytest.raises(NotReady, match="keeps still"):
        dump(Kernel(*(pack("=IHHIIi", 20, 3, 0x12, n, 0, 0) for n in range(1, 11))), socket.AF_INET, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "expected"), [(errno.ENOENT, NotPermitted), (errno.EPERM, PermissionError)])
def test_what_the_kernel_refuses(code: int, expected: type[Exception]) -> None:
    """An error arrives with the kernel's number; a kernel without the module is told with the way out."""
    for kind in (2, 3):
        with pytest.raises(expected):
            taken(pack("=IHHIIi", 20, kind, 0, 1, 0, -code), 1)


def test_the_filter_is_the_kernels() -> None:
    """One bit a state; half-open connections have two numbers."""
    assert states_mask([TcpState.TIME_WAIT]) == 1 << 6
    assert states_mask([TcpState.SYN_RECV]) == 1 << 3 | 1 << 12


def test_sockets_settles_then_asks_for_both_families() -> None:
    """First everything has arrived, then IPv4 and IPv6 are asked for, in the states wanted only."""
    kernel = Kernel(row(), DONE, DONE)
    table = sockets(kernel, state=TcpState.TIME_WAIT)  # type: ignore[arg-type]
    assert kernel.asked[0] == b"settle"
    assert [question[16] for question in kernel.asked[1:]] == [socket.AF_INET, socket.AF_INET6]
    assert (len(table), table.host) == (1, "client")


def test_a_table_is_a_sequence() -> None:
    """Length, slices, ports, comparison and printing; LISTEN first, then by state and endpoints."""
    states = {40001: 6, 40000: 6, 80: 10, 40002: 1}
    table = SocketTable(
        b"".join(row(state=state, timer=0, sport=port) for port, state in states.items()), host="client"
    )
    assert [found.local.port for found in table] == [80, 40002, 40000, 40001]
    assert [found.local.port for found in table[1:3]] == [40002, 40000]
    assert [found.local.port for found in table[::-1]] == [40001, 40000, 40002, 80]
    assert table[-1].local.port == 40001
    assert (len(table[:0]), table[:0] == []) == (0, True)
    assert table == list(table)
    assert table[:2] != table[1:3]
    assert [found.local.port for found in table.on_port(40002)] == [40002]
    assert len(table.on_port(80)) == 4
    assert Counter(str(found.state) for found in table) == {"LISTEN": 1, "ESTABLISHED": 1, "TIME_WAIT": 2}
    assert repr(table[:2]).splitlines() == ["192.0.2.1:80 LISTEN", "192.0.2.1:40002 → 192.0.2.2:80 ESTABLISHED"]
    with pytest.raises(IndexError):
        table[4]


def test_the_order_of_a_table() -> None:
    """Whatever the kernel's order: LISTEN, then state by state; in each by address and port, first its own."""
    chance = random.Random(0)
    rows = []
    for _ in range(500):
        one = bytearray(row(state=chance.choice((1, 4, 6, 8, 10))))
        one[20:24] = chance.choices((0, 1, 80, 200), k=4)
        one[24:28], one[40:44] = (bytes((192, 0, 2, chance.randrange(4))) for _ in range(2))
        rows.append(bytes(one))

    def place(found: Connection) -> tuple[object, ...]:
        ends = [each for end in (found.local, found.peer) for each in (end.address.packed, end.port)]
        return (found.state is not TcpState.LISTEN, found.state, *ends)

    table = SocketTable(b"".join(rows))
    assert list(table) == sorted(map(connection, rows), key=place)


def test_a_long_table_prints_its_beginning() -> None:
    """Twenty rows and how many more; none at all is said in words."""
    many = SocketTable(b"".join(row(sport=port) for port in range(30000, 31234)))
    assert repr(many).splitlines()[19:] == ["192.0.2.1:30019 → 192.0.2.2:80 TIME_WAIT 59 s", "… and 1,214 more"]
    assert repr(SocketTable(b"")) == "no sockets"


@pytest.mark.parametrize(
    "wrong", [{"port": -1}, {"port": 65536}, {"port": "80"}, {"port": True}, {"state": "TIME_WAIT"}, {"state": [6]}]
)
def test_what_cannot_be_asked_for(wrong: dict[str, Any]) -> None:
    """A port or a state that cannot be is refused before anything is asked."""
    kernel = Kernel()
    with pytest.raises(BadValue, match=r"0 to 65535|TcpState\.TIME_WAIT"):
        sockets(kernel, **wrong)  # type: ignore[arg-type]
    assert kernel.asked == []
