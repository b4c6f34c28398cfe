"""Answers that no kernel and no program has given: read or refused by an error of ours, never a crash."""

import errno
import socket
from collections.abc import Callable
from pathlib import Path
from struct import pack

import pytest
from mutations import inputs
from tcplab.errors import TcplabError, UnexpectedOutput
from tcplab.observe import ports, sock_diag
from tcplab.observe.conntrack import ConntrackTable, parsed
from tcplab.observe.counters import pairs_of_lines, sockstat
from tcplab.observe.sockets import SocketTable
from tcplab.traffic import ab
from unit.test_sock_diag import Kernel

MILLIONS = [pytest.mark.long, pytest.mark.timeout(3600)]
RECORDED = Path(__file__).parents[1] / "recorded"
ENDS = [pack("=IHHIIi", 20, kind, 2, 1, 0, code) for kind in (2, 3) for code in (0, -errno.EPERM, -errno.ENOENT)]
SOCKETS = [(RECORDED / f"sock_diag-{family}.bin").read_bytes() for family in ("inet", "inet6")]
TRACKED = (RECORDED / "conntrack.bin").read_bytes()
REFUSED = pack("=IHHIIi", 92, 2, 0, 1, 0, -errno.ENOENT) + bytes(72)  # the kernel repeats what it was asked


def rows(said: bytes) -> None:
    """Read an answer of sock_diag, and every row of it."""
    found, _, _ = sock_diag.taken(said, 1)
    table = SocketTable(found)
    assert len(repr(table).splitlines()) >= min(len(table), 20)
    assert len(list(table)) * sock_diag.ROW_BYTES == len(found)


def entries(said: bytes) -> None:
    """Read an answer of ctnetlink."""
    assert repr(ConntrackTable(parsed(said)))


def kinds(said: bytes) -> None:
    """Read an answer of sock_diag as the port map does: the end of the table follows it."""
    link = Kernel(said, pack("=IHHIIi", 20, 3, 2, 1, 0, 0))
    link.recv_into = lambda buffer, _=0, flags=socket.MSG_TRUNC: Kernel.recv_into(link, buffer, 0, flags)  # type: ignore[method-assign]
    ports.seen(32768, 60999, ports.table(link, socket.AF_INET))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "known", "count"),
    [
        (rows, SOCKETS, 1_000),
        (kinds, SOCKETS, 200),
        (entries, [TRACKED], 1_000),
        pytest.param(rows, SOCKETS, 1_000_000, marks=MILLIONS),
        pytest.param(kinds, SOCKETS, 300_000, marks=MILLIONS),
        pytest.param(entries, [TRACKED], 1_000_000, marks=MILLIONS),
    ],
)
def test_an_answer_of_the_kernel(read: Callable[[bytes], None], known: list[bytes], count: int) -> None:
    """Only the error tree comes out, or an OSError with a number of the kernel's."""
    read_well, refused, numbers = 0, 0, set()
    for said in inputs([*known, *ENDS, REFUSED], count, seed=4, most_bytes=400):
        try:
            read(said)
            read_well += 1
        except TcplabError:
            refused += 1
        except OSError as error:
            numbers.add(error.errno)
    assert all(0 < number <= 4095 for number in numbers)
    assert read_well > 2
    assert refused > count // 3


@pytest.mark.parametrize("code", [-(2**31), -4096, 1, 2**31 - 1])
@pytest.mark.parametrize("read", [rows, entries])
def test_an_error_that_no_kernel_has(read: Callable[[bytes], None], code: int) -> None:
    """A number outside of errno(3) is an answer that cannot be read."""
    with pytest.raises(UnexpectedOutput, match=f"error {code}"):
        read(pack("=IHHIIi", 20, 2, 0, 1, 0, code))


def test_a_refusal_is_no_row() -> None:
    """An error is longer than a row, for it repeats the question: the port map must not take it for one."""
    with pytest.raises(TcplabError, match="modprobe tcp_diag"):
        kinds(REFUSED)


def test_a_figure_of_ab_is_one_number() -> None:
    """Two points in it are refused, and not left to float()."""
    said = (RECORDED / "ab-plain.txt").read_text()
    at = said.index("[#/sec]")
    with pytest.raises(UnexpectedOutput, match="ab said"):
        ab.parse(f"{said[: at - 1]}.5 {said[at:]}")


FILES: list[tuple[Callable[[str], object], list[str]]] = [
    (lambda text: dict(pairs_of_lines("netstat", text)), ["netstat", "snmp"]),
    (lambda text: dict(sockstat("sockstat", text)), ["sockstat", "sockstat6"]),
    (ab.parse, [path.name for path in sorted(RECORDED.glob("ab-*.txt"))]),
]


@pytest.mark.parametrize("count", [200, pytest.param(300_000, marks=MILLIONS)])
@pytest.mark.parametrize(("read", "names"), FILES, ids=["pairs", "sockstat", "ab"])
def test_a_text(read: Callable[[str], object], names: list[str], count: int) -> None:
    """The same for what the kernel's files and ab say in words."""
    known = [(RECORDED / name).read_bytes() for name in names]
    for said in inputs(known, count, seed=5, most_bytes=400):
        try:
            read(said.decode(errors="replace"))
        except TcplabError:
            continue
