"""The world and the course map in JupyterLab: what happens in the kernel is seen, what is clicked opens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.live import opened, photographed, picture, run
from browser.opened import Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook.kept import keep_attempt

NAME = "live-world.ipynb"
WORLD = "The world of this notebook"
CELLS = (
    """%load_ext tcplab
from tcplab import Testbed
from tcplab.live.world import live_world
bed = Testbed.two_hosts().up()
live_world(bed)""",
    """listener = bed.server.listen(80)
mine = [bed.client.connect(bed.server, 80) for _ in range(25)]
held = bed.wire.hold(flags='FA', source=bed.client)
mine[0].close()
mine[1].close()""",
    "%on client ss -tanH | wc -l",
    "held.remove()\nbed.server.start(['sleep', '600'])",
    "from tcplab.live.course import course_map\ncourse_map()",
    "bed.down()",
)


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """The world of a bed, before anything has happened in it."""
    with opened(lab, served, NAME, *CELLS) as notebook:
        run(notebook, 0)
        yield notebook
        run(notebook, 5)


@pytest.fixture(scope="module")
def used(notebook: Opened, page: Page) -> Opened:
    """The same, once connections were opened there, and two close."""
    expect(host(page, "client")).to_contain_text("no sockets")
    run(notebook, 1)
    return notebook


def host(page: Page, name: str) -> Locator:
    """A host's box in the picture."""
    return page.locator(".host", has=page.get_by_role("button", name=name, exact=True))


def test_what_happens_is_seen(used: Opened, page: Page) -> None:
    """Sockets of both hosts by state, segments and their fates, the rule in force, the programs."""
    expect(host(page, "client").locator("tr", has_text="FIN_WAIT1").locator(".count")).to_have_text("2")
    expect(host(page, "client").locator("tr", has_text="ESTABLISHED").locator(".count")).to_have_text("23")
    expect(host(page, "server").locator("tr", has_text="LISTEN").locator(".count")).to_have_text("1")
    expect(page.locator(".link .held")).to_contain_text("held")
    expect(page.locator(".rules")).to_have_text("bed.wire.hold(flags='FA', source=bed.client)")
    expect(host(page, "server").locator(".programs")).to_have_text("runs agent")


def test_a_click_shows_the_sockets_of_a_host(used: Opened, page: Page) -> None:
    """The first twenty, with the line that shows them all; run, that line finds as many."""
    host(page, "client").click()
    panel = page.locator(".of-host")
    expect(panel.locator("caption")).to_have_text("client: first 20 of 25 sockets")
    expect(panel.locator("tbody tr")).to_have_count(20)
    expect(panel.locator("tbody tr").last).to_contain_text("this notebook")
    expect(panel.locator("pre")).to_have_text("%on client ss -tano\nshow(sockets(bed.client))")
    assert run(used, 2).text.strip() == "25"


def test_the_picture_stands_in_both_themes(used: Opened, page: Page, shots: Path) -> None:
    """Light and dark, two widths; axe finds nothing of ours."""
    assert not photographed(picture(page, WORLD), shots, "world")


def test_keys_alone_do_it(used: Opened, page: Page) -> None:
    """One tab stop; arrows from host to host, Enter opens, Esc closes; what was let go is seen."""
    client, server = (page.get_by_role("button", name=name, exact=True) for name in ("client", "server"))
    expect(client).to_have_attribute("tabindex", "0")
    expect(server).to_have_attribute("tabindex", "-1")
    client.focus()
    page.keyboard.press("ArrowRight")
    expect(server).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".of-host caption")).to_contain_text("server: first 20 of ")
    page.keyboard.press("Escape")
    expect(page.locator(".of-host")).to_be_hidden()
    run(used, 3)
    expect(page.locator(".rules")).to_be_hidden()
    expect(host(page, "server").locator(".programs")).to_have_text("runs agent, sleep")


def test_the_map_hears_of_a_check_elsewhere(notebook: Opened, page: Page, served: Served, shots: Path) -> None:
    """A check that another notebook passes fills its box, and what is next is named."""
    run(notebook, 4)
    shown = picture(page, "Course map")
    boxes = shown.locator("tr", has_text="The server is well").locator(".box")
    expect(boxes).to_have_count(3)
    for name in ("refused_segments", "changed_where", "from_the_server"):
        keep_attempt(name, Verdict(Outcome.PASSED, "."), folder=served.labs)
    expect(shown.locator("tr", has_text="The server is well").locator(".box.passed")).to_have_count(3)
    expect(shown.locator(".lead")).to_contain_text("Next: lab 01, about 45 minutes.")
    assert not photographed(shown, shots, "course")
