"""The bar: the same line whatever the steps, and no more after its end."""

import pytest
from tcplab.notebook.bar import Bar


@pytest.mark.parametrize("steps", [(1000,), (1, 500, 999, 1000), tuple(range(1001)), (1000, 1000)])
def test_it_ends_the_same(capsys, steps):
    """Words, forty marks, the total, one line."""
    bar = Bar("connections")
    for done in steps:
        bar(done, 1000)
    assert capsys.readouterr().out == f"connections {'█' * 40} 1,000\n"


def test_it_grows_meanwhile(capsys):
    """A quarter of the marks after a quarter of the work."""
    bar = Bar("ports")
    bar(0, 8)
    bar(2, 8)
    assert capsys.readouterr().out == "ports " + "█" * 10
