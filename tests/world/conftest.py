"""A bed of its own for a test of the world."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tcplab import Testbed

if TYPE_CHECKING:
    from tcplab.live.debugger import Debugger


@pytest.fixture
def bed() -> Iterator[Testbed]:
    """Client and server with a wire between them."""
    with Testbed.two_hosts() as bed:
        yield bed


@pytest.fixture
def calm(bed: Testbed) -> Iterator[Testbed]:
    """The same, patient: nothing is retransmitted while a test thinks."""
    with bed.patient():
        yield bed


@pytest.fixture
def view(bed: Testbed) -> "Iterator[Debugger]":
    """A debugger of a bed; nobody watches it, so it looks when it is asked."""
    from tcplab.live.debugger import debugger  # most tests here need no picture

    one = debugger(bed)
    yield one
    one.close()
