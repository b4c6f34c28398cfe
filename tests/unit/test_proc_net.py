"""The kernel's counters are read, or refused."""

from pathlib import Path

import pytest
from tcplab.errors import UnexpectedOutput
from tcplab.observe.counters import counters, pairs_of_lines, sockstat

RECORDED = Path(__file__).parents[1] / "recorded"


class Recorded:
    """A host whose /proc/net was recorded."""

    name = "server"
    settled = False

    def settle(self) -> None:
        """Wait for nothing, and remember it."""
        self.settled = True

    def read(self, path: str) -> str:
        """Read the file's recording."""
        assert self.settled
        return (RECORDED / Path(path).name).read_text()


def test_recorded() -> None:
    """All files together, by the names that nstat gives them."""
    found = counters(Recorded())  # type: ignore[arg-type]
    assert found["TcpPassiveOpens"] == 6
    assert found["sockstat.TCP.tw"] >= 1
    assert {"IpInReceives", "TcpExtTCPTimeWaitOverflow", "IpExtInOctets", "sockstat.TCP6.inuse"} <= set(found)
    assert found["TcpMaxConn"] == -1
    assert found.host == "server"


def test_a_kernel_without_ipv6() -> None:
    """Without IPv6 there is no sockstat6, and nothing else is missing."""

    class Old(Recorded):
        def read(self, path: str) -> str:
            if path.endswith("6"):
                raise FileNotFoundError(path)
            return super().read(path)

    assert "sockstat.TCP.tw" in counters(Old())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Tcp: A B\nTcp: 1\n",
        "Tcp: A\nUdp: 1\n",
        "Tcp: A\nTcp: one\n",
        "Tcp: A\n",
        "Tcp A\nTcp 1\n",
        "\n\n",
        "Tcp: A\n\n",
    ],
)
def test_a_line_that_pairs_of_lines_must_refuse(text: str) -> None:
    """Names and values that do not belong together are an error, not a guess."""
    with pytest.raises(UnexpectedOutput, match="/proc/net/snmp"):
        list(pairs_of_lines("/proc/net/snmp", text))


@pytest.mark.parametrize("text", ["TCP: inuse\n", "TCP inuse 1\n", "TCP:\n", "TCP: inuse x\n", "\n"])
def test_a_line_that_sockstat_must_refuse(text: str) -> None:
    """A line that is no group with names and values by turns is an error."""
    with pytest.raises(UnexpectedOutput, match="/proc/net/sockstat"):
        list(sockstat("/proc/net/sockstat", text))
