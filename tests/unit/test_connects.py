"""A row of connects as a value: its parts, its refusal, and the order in which ports are taken."""

import errno

import pytest
from tcplab.model.connects import Connects, first_of, in_kernels_order

ROW = Connects(
    tuple(range(40000, 40010)), (10.0,) * 5 + (100.0,) * 4 + (900.0,), refused=errno.EADDRNOTAVAIL, refused_us=1000.0
)


def test_a_part_is_a_row():
    """A slice has its own median; only the part that ends the row was refused."""
    assert (ROW[:5].median_us, ROW[5:].median_us) == (10, 100)
    assert (ROW[:5].refused, ROW[5:].error, ROW[5:].refused_us) == (None, "EADDRNOTAVAIL", 1000)
    assert [len(part) for part in (ROW, ROW[:5], ROW[2:4], ROW[20:])] == [10, 5, 2, 0]


def test_a_row_is_one_line():
    """How many, the median, and what ended it."""
    assert repr(ROW) == "10 connects, median 55 µs, then EADDRNOTAVAIL"
    assert repr(ROW[:5]) == "5 connects, median 10 µs"
    assert repr(Connects((), (), errno.EADDRNOTAVAIL, 5.0)) == "0 connects, then EADDRNOTAVAIL"


@pytest.mark.parametrize("lowest", [40000, 40001])
@pytest.mark.parametrize("size", [1, 2, 9, 10])
def test_every_port_is_in_one_half(lowest, size):
    """The lowest port's parity comes first, and nothing is missing or named twice."""
    first, second = in_kernels_order(lowest, lowest + size - 1)
    assert {port % 2 for port in first} == {lowest % 2}
    assert sorted([*first, *second]) == list(range(lowest, lowest + size))


def test_the_first_few_come_from_the_first_half():
    """The second half begins when the first is used up."""
    halves = in_kernels_order(40000, 40009)
    assert first_of(halves, 2) == [range(40000, 40004, 2)]
    assert [port for part in first_of(halves, 7) for port in part] == [40000, 40002, 40004, 40006, 40008, 40001, 40003]
    assert sum(map(len, first_of(halves, 10))) == 10
