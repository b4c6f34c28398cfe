"""The order of these tests: what takes longest begins first, for several workers share them (see suite.py)."""

from itertools import zip_longest

import pytest

LONGEST = "02"  # the lab that waits for TIME_WAIT's 60 s


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let notebooks take turns with tests that take no time, and lab 02 begin.

    A worker always holds the next test too: were that another notebook, it would wait for this one to end.
    """
    long = [item for item in items if item.get_closest_marker("executes")]
    short = [item for item in items if item not in long]
    long.sort(key=lambda item: f"[{LONGEST}-" not in item.name)
    items[:] = [item for pair in zip_longest(long, short) for item in pair if item is not None]
