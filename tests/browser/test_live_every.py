"""Every live picture after the websocket of its page broke; what else may befall one is in test_live_any."""

import re
from collections.abc import Iterator
from time import monotonic

import pytest
from browser.lab import Lab
from browser.live import opened, picture, reconnected, run
from browser.opened import Opened
from browser.served import Served
from playwright.sync_api import Page, WebSocket, expect

pytestmark = pytest.mark.long

BED = """import os
from tcplab import Testbed
from tcplab.live.debugger import debugger
from tcplab.live.dial import dial
from tcplab.live.ladder import live_ladder
from tcplab.live.machine import machine
from tcplab.live.ports import portmap
from tcplab.live.runner import runner
from tcplab.live.settings import settings
from tcplab.live.world import live_world
bed = Testbed.two_hosts().up()
site = Testbed.proxied().up("site")
print(os.getpid())"""
PICTURES = {
    "Ladder": "live_ladder(bed.wire)",
    "TCP debugger": "debugger(bed)",
    "State machine": "machine(bed)",
    "Port map": "portmap(bed.client)",
    "Sysctls of client": "settings(bed.client)",
    "Round-trip time of wire": "dial(bed.wire)",
    "The world of this notebook": "live_world(bed)",
    "Benchmark runner": "runner(site)",
}
every = pytest.mark.parametrize("label", PICTURES)


@pytest.fixture(scope="module")
def heard(page: Page) -> list[str]:
    """What comes over the websockets that are made from now on."""
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)
    return frames


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served, heard: list[str]) -> Iterator[Opened]:
    """One of each."""
    with opened(lab, served, "live-every.ipynb", BED, *PICTURES.values(), "bed.down()\nsite.down()") as notebook:
        for number in range(len(PICTURES) + 1):
            run(notebook, number)
        yield notebook


def answered(page: Page, heard: list[str]) -> None:
    """Wait until the picture in view has had an answer from now on: each asks once a second."""
    heard.clear()
    deadline = monotonic() + 60
    while not any('"answers"' in frame for frame in heard):
        assert monotonic() < deadline, "Nobody answers."
        page.evaluate("() => new Promise(resolve => requestAnimationFrame(resolve))")


@every
def test_the_wire_to_the_kernel_breaks(notebook: Opened, page: Page, heard: list[str], label: str) -> None:
    """A laptop that slept has lost its websocket: on the next one the picture is answered, and says nothing."""
    shown = picture(page, label)
    reconnected(page)
    answered(page, heard)
    expect(shown.locator(".trouble")).to_be_hidden()
    expect(shown).not_to_have_class(re.compile("past"))
