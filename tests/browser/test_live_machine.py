"""The state machine in JupyterLab: tokens walk as cells open and close connections; keys, clicks, both themes."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.opened import PANEL, Cell, Lab, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

CELLS = (
    """from tcplab import Testbed, TcpState, sockets, wait_until
from tcplab.live.machine import machine
bed = Testbed.two_hosts().up()
machine(bed)""",
    "listener = bed.server.listen(80)\nmine = bed.client.connect(bed.server, 80)\ntheirs, _ = listener.accept()",
    """mine.close()
wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5)
theirs.close()""",
    "print([str(each.state) for each in sockets(bed.client)])",
    """held = bed.wire.hold(flags="SA")
bed.client.connect(bed.server, 80)""",
    "bed.down()",
)


@pytest.fixture(scope="module")
def page(lab: Lab) -> Page:
    """The page that shows it."""
    return lab.page


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Cells with a state machine, the first one run."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, served.labs / "live-machine.ipynb")
    with lab.opened("live-machine.ipynb") as opened:
        assert not run(opened, 0).error
        yield opened


@pytest.fixture
def shown(page: Page, notebook: Opened) -> Locator:
    """The picture, scrolled to."""
    found = page.get_by_label("State machine", exact=True)
    found.locator(".lead").scroll_into_view_if_needed()
    return found


def run(notebook: Opened, number: int) -> Cell:
    """Run the cell of this number, and return it."""
    notebook.page.evaluate(f"number => {{ {PANEL} panel.content.activeCellIndex = number; }}", number)
    notebook.command("notebook:run-cell")
    return notebook.cells[number]


def row(shown: Locator, side: str) -> Locator:
    """What is said of one end below the picture."""
    return shown.get_by_role("row", name=side)


def walked(shown: Locator, side: str) -> int:
    """How many arrows are drawn as the way of one end."""
    return shown.locator(f".fsm svg > g:not(.legend) path.way.{side}").count()


def test_tokens_walk_as_a_connection_opens_and_closes(notebook: Opened, shown: Locator, page: Page) -> None:
    """From CLOSED to TIME_WAIT: the page, its text twin, its voice, and the kernel say the same."""
    expect(shown.locator(".lead")).to_have_text("No connection yet. Run the next cell, or open one yourself.")
    expect(shown.get_by_role("button", name="CLOSED, client is here, server is here")).to_be_attached()
    expect(shown.get_by_label("Connection", exact=True)).to_be_hidden()
    assert not run(notebook, 1).error
    expect(row(shown, "client")).to_contain_text("ESTABLISHEDSYN and ACK came")
    expect(shown.get_by_role("button", name="ESTABLISHED, client is here, server is here")).to_be_attached()
    assert not run(notebook, 2).error
    expect(row(shown, "client")).to_contain_text("TIME_WAITFIN came")
    expect(row(shown, "server")).to_contain_text("CLOSEDACK came")
    expect(row(shown, "client")).to_contain_text("s left")
    expect(shown.locator(".token.client text")).to_contain_text("client · 5")
    expect(shown.get_by_role("status")).to_contain_text("entered")
    assert (walked(shown, "client"), walked(shown, "server")) == (5, 6)
    assert "FIN_WAIT1 → FIN_WAIT2 → TIME_WAIT" in (shown.locator(".words").text_content() or "")
    assert run(notebook, 3).text == "['TIME_WAIT']\n"


def test_keys_walk_the_states_and_say_what_they_mean(shown: Locator, page: Page) -> None:
    """One tab stop; arrows lead to the next state; the panel explains, and Esc leaves."""
    shown.locator('[data-state="CLOSED"]').focus()
    keys = page.keyboard
    for key, state in (
        ("ArrowUp", "SYN_SENT"),
        ("ArrowRight", "ESTABLISHED"),
        ("End", "END"),
        ("ArrowLeft", "LAST_ACK"),
        ("ArrowUp", "CLOSING"),
        ("ArrowUp", "FIN_WAIT2"),
        ("ArrowRight", "TIME_WAIT"),
    ):
        keys.press(key)
        assert page.evaluate("() => document.activeElement.dataset.state") == state
    assert shown.locator('.state[tabindex="0"]').count() == 1
    panel = shown.locator(".panel")
    expect(panel.get_by_role("heading")).to_have_text("TIME_WAIT")
    expect(panel).to_contain_text("so that a lost last ACK can be sent again")
    expect(panel.locator("pre")).to_contain_text("theirs.close()")
    expect(panel.get_by_role("link")).to_have_attribute("href", "https://www.rfc-editor.org/rfc/rfc9293#section-3.3.2")
    panel.get_by_role("button", name="60 s over → CLOSED").press("Enter")
    expect(panel.get_by_role("heading")).to_have_text("TIME_WAIT → CLOSED")
    shown.locator('[data-state="TIME_WAIT"]').focus()
    keys.press("Escape")
    assert page.evaluate("() => document.activeElement.closest('.tl') === null")


def test_a_click_on_an_arrow_shows_its_code(shown: Locator) -> None:
    """What came, what is sent, where the RFC says so, and the code that makes it happen."""
    shown.locator('[data-arrow="FIN_WAIT1-CLOSING"] text').first.click()
    panel = shown.locator(".panel")
    expect(panel).to_contain_text("FIN came. ACK is sent. RFC 9293 §3.10.7.4")
    expect(panel.locator("pre")).to_contain_text("fins.release()")


def test_a_cell_that_blocks_does_not_stop_it(notebook: Opened, shown: Locator, page: Page) -> None:
    """While connect() waits for a held SYN, ACK the client stands in SYN_SENT, and an older one can be chosen."""
    page.evaluate(f"() => {{ {PANEL} panel.content.activeCellIndex = 4; }}")
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-cell'); }")
    expect(row(shown, "client")).to_contain_text("SYN_SENTconnect()")
    expect(row(shown, "server")).to_contain_text("SYN_RECVSYN came")
    expect(shown.locator(".note")).to_contain_text("the listener itself stays in LISTEN")
    shown.get_by_label("Connection", exact=True).select_option(index=2)
    expect(row(shown, "client")).to_contain_text("TIME_WAIT")
    shown.get_by_label("Connection", exact=True).select_option("")
    expect(row(shown, "client")).to_contain_text("SYN_SENT")
    notebook.command("notebook:interrupt-kernel")


def test_it_is_accessible_and_drawn_in_both_themes(lab: Lab, notebook: Opened, shown: Locator, shots: Path) -> None:
    """Nothing serious by axe; screenshots of both themes and both widths are kept."""
    found = Axe().run(lab.page, context=".tl").response["violations"]
    assert not [each["id"] for each in found if each["impact"] in ("serious", "critical")]
    try:
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            lab.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
            expect(shown).to_have_attribute("data-theme", theme.split()[1].lower())
            for width in (1280, 1920):
                lab.page.set_viewport_size({"width": width, "height": 900})
                shown.screenshot(path=shots / f"machine-{theme.split()[1].lower()}-{width}.png")
    finally:
        lab.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_world_that_went_down(notebook: Opened, shown: Locator) -> None:
    """A sentence and a button; what was seen last stays; then it is up again."""
    assert not run(notebook, 5).error
    expect(shown.locator(".trouble")).to_contain_text("This world is down.")
    shown.get_by_role("button", name="Bring it up again").click()
    expect(shown.locator(".lead")).to_have_text("No connection yet. Run the next cell, or open one yourself.")
    shown.get_by_role("button", name="Connect once").click()
    expect(row(shown, "client")).to_contain_text("TIME_WAIT")
    run(notebook, 5)
