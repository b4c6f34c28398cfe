"""The table of sysctls and the dial, as far as they are pure: what is refused here, and the lines they write."""

import pytest
from tcplab.live.dial import _number, line
from tcplab.live.sysctl_table import SOURCES, SYSCTLS


@pytest.mark.parametrize("name", SYSCTLS)
def test_each_sysctl_says_what_it_does_takes_and_where_that_is_written(name: str) -> None:
    """A line of at most 100 characters, a source that is known, and a range that holds itself."""
    one = SYSCTLS[name]
    assert one.name.startswith(("net.ipv4.", "net.core.", "net.netfilter."))
    assert one.says.endswith((".", "?"))
    assert len(one.says) <= 100
    assert one.source in SOURCES
    assert one.least <= one.most
    assert one.complaint(" ".join([str(one.least)] * one.words)) == ""
    assert one.allowed in one.complaint("soon")
    assert one.allowed in one.complaint("1 2 3")


@pytest.mark.parametrize("value", ["", "4o000", "1.5", "40000", "40000 40009 1", "0x1 2", "40000-40009", "１ ２ ３"])
def test_what_is_no_port_range_never_reaches_the_kernel(value: str) -> None:
    """It is told what is allowed."""
    assert "two ports, low and high" in SYSCTLS["ip_local_port_range"].complaint(value)


@pytest.mark.parametrize("value", ["40000 40009", " 40000\t40009 ", "9 1", "0 99999"])
def test_numbers_go_to_the_kernel_where_it_judges_them(value: str) -> None:
    """Its refusal says more than ours."""
    assert SYSCTLS["ip_local_port_range"].complaint(value) == ""


@pytest.mark.parametrize(("name", "value"), [("tcp_fin_timeout", "-1"), ("tcp_timestamps", "5"), ("tcp_rfc1337", "7")])
def test_what_the_kernel_would_take_though_it_means_nothing(name: str, value: str) -> None:
    """We refuse it, with what is allowed."""
    assert f"“{value}” is not a value of {name}." in SYSCTLS[name].complaint(value)


def test_the_line_that_sets_one() -> None:
    """As it can be pasted in `tcplab shell`."""
    assert SYSCTLS["tcp_tw_reuse"].command("1") == "sysctl -w net.ipv4.tcp_tw_reuse=1"
    assert SYSCTLS["ip_local_port_range"].command("1 9") == 'sysctl -w net.ipv4.ip_local_port_range="1 9"'


@pytest.mark.parametrize(
    ("typed", "number"),
    [("20", 20), (" 0.5 ", 0.5), (200, 200), ("", None), ("2o", None), ("-1", None), ("1e3", None), (None, None)],
)
def test_what_the_dial_takes_for_a_number(typed: object, number: float | None) -> None:
    """Digits, and a point at most."""
    assert _number(typed) == number


def test_the_line_that_does_what_the_dial_does() -> None:
    """In the contract's own words."""
    assert line("front", 12.5) == "slow = bed.front.delay(rtt_ms=12.5)"
    assert "slow.remove()" in line("wire", 0)
