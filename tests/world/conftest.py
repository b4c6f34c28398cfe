"""A bed of its own for a test of the world."""

from collections.abc import Iterator

import pytest
from tcplab import Testbed


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
