"""Relays that forward whatever they see stay inside: on the machine's own interfaces nothing of theirs appears."""

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from ipaddress import ip_address
from pathlib import Path

import pytest
from bench import relays
from bench.relays import Joined
from bench.side_by_side import Missing
from bench.wires import packets_per_s

ETH_P_ALL = 3
SOME_BYTES = 1 << 16


@pytest.mark.skipif(os.geteuid() != 0, reason="to see all of the machine's frames takes root")
@pytest.mark.parametrize("relay", [relays.bare, relays.scapys])
def test_nothing_escapes(relay: Callable[[], AbstractContextManager[Joined]]) -> None:
    """While a transfer crosses the relay, no frame on the machine has an address of ours; and no device is new."""
    before = sorted(Path("/sys/class/net").iterdir())
    ours = [ip_address(text).packed for text in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2")]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as seen:
        seen.setblocking(False)
        try:
            with relay() as joined:
                assert relays.devices(joined.relay) == relays.OURS_ALONE
                assert packets_per_s(joined, SOME_BYTES) > 0
                frames = _all(seen)
        except Missing as missing:
            pytest.skip(str(missing))
    assert not [frame for frame in frames if any(frame[14:].find(one, 0, 40) >= 0 for one in ours)]
    assert sorted(Path("/sys/class/net").iterdir()) == before


def _all(seen: socket.socket) -> list[bytes]:
    frames = []
    while True:
        try:
            frames.append(seen.recv(1 << 16))
        except BlockingIOError:
            return frames
