"""The state machine in JupyterLab: tokens walk as cells open and close connections; keys, clicks, both themes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.live import begin, opened, photographed, picture, run
from browser.opened import Opened
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
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Cells with a state machine, the first one run."""
    with opened(lab, served, "live-machine.ipynb", *CELLS) as notebook:
        run(notebook, 0)
        yield notebook


@pytest.fixture
def shown(page: Page, notebook: Opened) -> Locator:
    """The picture, scrolled to."""
    return picture(page, "State machine")


@pytest.fixture(scope="module")
def walked_once(notebook: Opened, page: Page) -> None:
    """A connection was opened and closed, while the picture was looked at."""
    one = picture(page, "State machine")
    expect(one.locator(".lead")).to_have_text("No connection yet. Run the next cell, or open one yourself.")
    expect(one.get_by_role("button", name="CLOSED, client is here, server is here")).to_be_attached()
    expect(one.get_by_label("Connection", exact=True)).to_be_hidden()
    run(notebook, 1)
    expect(row(one, "client")).to_contain_text("ESTABLISHEDSYN and ACK came")
    expect(one.get_by_role("button", name="ESTABLISHED, client is here, server is here")).to_be_attached()
    run(notebook, 2)


def row(shown: Locator, side: str) -> Locator:
    """What is said of one end below the picture."""
    return shown.get_by_role("row", name=side)


def walked(shown: Locator, side: str) -> Locator:
    """The arrows that are drawn as the way of one end."""
    return shown.locator(f".fsm svg > g:not(.legend) path.way.{side}")


def test_tokens_walk_as_a_connection_opens_and_closes(notebook: Opened, walked_once: None, shown: Locator) -> None:
    """From CLOSED to TIME_WAIT: the page, its text twin, its voice, and the kernel say the same."""
    expect(row(shown, "client")).to_contain_text("TIME_WAITFIN came")
    expect(row(shown, "server")).to_contain_text("CLOSEDACK came")
    expect(row(shown, "client")).to_contain_text("s left")
    expect(shown.locator(".token.client text")).to_contain_text("client · 5")
    expect(shown.get_by_role("status")).to_contain_text("entered")
    expect(shown.locator(".below pre")).to_contain_text("state_machine(bed.wire.segments, which=0)")
    expect(walked(shown, "client")).to_have_count(5)
    expect(walked(shown, "server")).to_have_count(6)
    expect(shown.locator(".words")).to_contain_text("FIN_WAIT1 → FIN_WAIT2 → TIME_WAIT")
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


def test_a_cell_that_blocks_does_not_stop_it(notebook: Opened, walked_once: None, shown: Locator) -> None:
    """While connect() waits for a held SYN, ACK the client stands in SYN_SENT, and an older one can be chosen."""
    begin(notebook, 4)
    expect(row(shown, "client")).to_contain_text("SYN_SENTconnect()")
    expect(row(shown, "server")).to_contain_text("SYN_RECVSYN came")
    expect(shown.locator(".note")).to_contain_text("the listener itself stays in LISTEN")
    shown.get_by_label("Connection", exact=True).select_option(index=2)
    expect(row(shown, "client")).to_contain_text("TIME_WAIT")
    shown.get_by_label("Connection", exact=True).select_option("")
    expect(row(shown, "client")).to_contain_text("SYN_SENT")
    notebook.command("notebook:interrupt-kernel")


def test_it_is_accessible_and_drawn_in_both_themes(walked_once: None, shown: Locator, shots: Path) -> None:
    """Nothing serious by axe; screenshots of both themes and both widths are kept."""
    assert not photographed(shown, shots, "machine")


def test_a_world_that_went_down(notebook: Opened, shown: Locator) -> None:
    """A sentence and a button; what was seen last stays; then it is up again."""
    run(notebook, 5)
    expect(shown.locator(".trouble")).to_contain_text("This world is down.")
    shown.get_by_role("button", name="Bring it up again").click()
    expect(shown.locator(".lead")).to_have_text("No connection yet. Run the next cell, or open one yourself.")
    shown.get_by_role("button", name="Connect once").click()
    expect(row(shown, "client")).to_contain_text("TIME_WAIT")
    run(notebook, 5)
