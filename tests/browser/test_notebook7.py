"""Notebook 7 in JupyterLab's place, `tcplab lab --notebook`: labs open and run, live pictures answer, links open."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.conftest import shown
from browser.lab import Lab
from browser.live import begin, written
from browser.opened import PANEL, Opened
from browser.served import Served
from playwright.sync_api import Browser, expect

LABS = sorted(path.name for path in (Path(__file__).resolve().parents[2] / "labs").glob("[0-9][0-9]-*.ipynb"))
READY = f"""() => {{ {PANEL}
    return panel?.context?.isReady && panel.context.sessionContext.session?.kernel?.status === "idle"; }}"""
WITH_CONTROLS = ("00", "05")  # run there by default; all of them with --long
BUSY = f"() => {{ {PANEL} return panel.context.sessionContext.session.kernel.status === 'busy'; }}"
INTERRUPT = f"async () => {{ {PANEL} await panel.context.sessionContext.session.kernel.interrupt(); }}"
END = f"async () => {{ {PANEL} await panel.context.sessionContext.shutdown(); }}"
CELLS = (
    """from tcplab import Testbed
from tcplab.live.world import live_world
bed = Testbed.two_hosts().up()
listener = bed.server.listen(80)
live_world(bed)""",
    "listener.accept()",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A `tcplab lab --notebook` that runs while the tests do."""
    one = Served(tmp_path_factory.mktemp("notebook"), options=("--notebook",))
    yield one
    one.close()
    assert not one.left(), "The server has ended, and left processes"


@pytest.fixture(scope="module")
def lab(browser: Browser, served: Served) -> Iterator[Lab]:
    """Notebook 7 at the address that was printed."""
    with shown(browser, served) as one:
        yield one


@contextmanager
def turned_to(lab: Lab, served: Served, name: str) -> Iterator[Opened]:
    """Open a notebook in this page; with the block its kernel ends."""
    lab.page.goto(f"http://{served.host}:{served.port}/notebooks/{name}")
    lab.page.wait_for_function(READY)
    yield Opened(lab.page)
    lab.page.evaluate(END)


def test_it_keeps_its_token_and_opens_the_first_lab(lab: Lab, served: Served) -> None:
    """Lab 00 is what opens; without the token nothing is to be had, not even its page of notebooks."""
    assert f"/notebooks/{LABS[0]}" in lab.page.url
    for path in ("/api/contents", "/tree"):
        connection = http.client.HTTPConnection(served.host, served.port, timeout=120)
        connection.request("GET", path)
        assert connection.getresponse().status in (302, 403)
        connection.close()


def test_a_click_is_answered_while_a_cell_blocks(lab: Lab, served: Served) -> None:
    """The world's picture lists a host's sockets while the kernel waits in accept()."""
    page = lab.page
    with turned_to(lab, served, written(served, "blocked.ipynb", *CELLS)) as notebook:
        blocked = notebook.cells[1]
        begin(notebook, 0)
        host = page.get_by_role("button", name="server", exact=True)
        host.wait_for()
        begin(notebook, 1)
        page.wait_for_function(BUSY)
        host.click()
        expect(page.locator(".of-host tbody tr")).to_contain_text("0.0.0.0:80")
        page.evaluate(INTERRUPT)
        assert notebook.ended(blocked).error.startswith("KeyboardInterrupt")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name.startswith(WITH_CONTROLS) else [pytest.mark.long]) for name in LABS]
)
def test_a_lab_runs(lab: Lab, served: Served, name: str) -> None:
    """Untouched, from top to bottom: only cells whose failing is the lesson end with an error."""
    with turned_to(lab, served, name) as notebook:
        ran = notebook.run_all()
    assert not [cell.error for cell in ran if cell.error and "raises-exception" not in cell.tags]


def test_a_link_of_the_map_opens_its_lab(lab: Lab, served: Served) -> None:
    """In a tab of its own, as Notebook 7 opens all."""
    source = "from tcplab.live.course import course_map\ncourse_map()"
    with turned_to(lab, served, written(served, "map.ipynb", source)) as notebook:
        begin(notebook, 0)
        with lab.page.context.expect_page() as opening:
            lab.page.get_by_role("link", name="What if the last ACK is lost?").click()
        opening.value.wait_for_function(READY)
        assert "/notebooks/03-" in opening.value.url
        opening.value.evaluate(END)
        opening.value.close()
