"""The TCP debugger in JupyterLab: clicks and keys act while cells block, and the kernel does what the page says."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.opened import PANEL, Cell, Lab, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

CELLS = (
    """from tcplab import Testbed, TcpState, sockets
from tcplab.live.debugger import debugger
bed = Testbed.two_hosts().up()
listener = bed.server.listen(80)
stepped = debugger(bed)
stepped""",
    "mine = bed.client.connect(bed.server, 80)\ntheirs, _ = listener.accept()",
    "mine.close()",
    "theirs.close()",
    """for host in (bed.client, bed.server):
    print([str(each.state) for each in sockets(host) if each.state is not TcpState.LISTEN])""",
    "print([(each.flags, str(each.fate)) for each in bed.wire.segments][-1])",
    """mine = bed.client.connect(bed.server, 80)
theirs, _ = listener.accept()
mine.sendall(b"x")
print(theirs.recv(9))""",
    "print('100s' in bed.client.run(['ip', 'route']).stdout, bed.wire.rules)",
    "bed.down()",
)
PAUSE, RUN = "Pause the wire", "▸ Let it run"


@pytest.fixture(scope="module")
def page(lab: Lab) -> Page:
    """The page that shows it; it may write to the clipboard."""
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return lab.page


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Cells with a debugger, the first one run."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, served.labs / "live-debugger.ipynb")
    with lab.opened("live-debugger.ipynb") as opened:
        assert not run(opened, 0).error
        yield opened


@pytest.fixture
def shown(page: Page, notebook: Opened) -> Locator:
    """The debugger, scrolled to."""
    found = page.get_by_label("TCP debugger", exact=True)
    found.locator(".lead").first.scroll_into_view_if_needed()
    return found


def run(notebook: Opened, number: int) -> Cell:
    """Run the cell of this number, and return it."""
    notebook.page.evaluate(f"number => {{ {PANEL} panel.content.activeCellIndex = number; }}", number)
    notebook.command("notebook:run-cell")
    return notebook.cells[number]


def begin(notebook: Opened, number: int) -> None:
    """Run the cell of this number, and do not wait for its end."""
    notebook.page.evaluate(f"number => {{ {PANEL} panel.content.activeCellIndex = number; }}", number)
    notebook.page.evaluate(
        "() => { window.tcplabDone = window.jupyterapp.commands.execute('notebook:run-cell').then(() => true); }"
    )


def waits(shown: Locator, *flags: str) -> None:
    """Wait until these segments wait, and no others; a picture that is not in view is not looked after."""
    shown.locator(".scrub").scroll_into_view_if_needed()
    expect(shown.locator(".hrow b")).to_have_text(list(flags))


def deliver(shown: Locator) -> None:
    """Click Deliver of the one that waits longest."""
    shown.locator(".hrow").first.get_by_role("button", name="Deliver").click()


def test_clicks_end_a_cell_that_blocks_in_connect(notebook: Opened, shown: Locator, page: Page) -> None:
    """The wire is paused, a cell waits in connect(): three clicks, and it ends; both rails moved."""
    shown.get_by_role("button", name=PAUSE).click()
    expect(shown.get_by_role("button", name=RUN)).to_be_visible()
    begin(notebook, 1)
    waits(shown, "SYN")
    expect(shown.locator(".remark.why")).to_have_text("if delivered: server is SYN_RECV")
    assert not page.evaluate("() => Promise.race([window.tcplabDone, Promise.resolve(false)])")
    for flags in ("SYN", "SYN, ACK", "ACK"):
        waits(shown, flags)
        deliver(shown)
    page.wait_for_function("() => window.tcplabDone")
    assert not notebook.cells[1].error
    expect(shown.locator("svg .st")).to_have_text(["SYN_SENT", "ESTABLISHED", "LISTEN", "SYN_RECV", "ESTABLISHED"])
    lines = ["patience = bed.patient()", "held = bed.wire.hold()", *["held.release(0)"] * 3]
    expect(shown.locator(".lines code")).to_have_text(lines)


def test_keys_lose_the_last_ack(notebook: Opened, shown: Locator, page: Page) -> None:
    """N, N, N and X: the last ACK is dropped; TIME_WAIT on one side, LAST_ACK on the other, as the kernel says."""
    keys = page.keyboard
    run(notebook, 2)
    for flags in ("FIN, ACK", "ACK"):
        waits(shown, flags)
        shown.locator('.hrow button[tabindex="0"]').focus()
        keys.press("n")
    run(notebook, 3)
    waits(shown, "FIN, ACK")
    shown.locator('.hrow button[tabindex="0"]').focus()
    keys.press("d")
    waits(shown, "ACK")
    shown.locator('.hrow button[tabindex="0"]').focus()
    keys.press("x")
    waits(shown)
    expect(shown.get_by_text("Nothing waits.")).to_be_focused()
    expect(shown.locator(".remark.dropped")).to_have_text("dropped by you")
    expect(shown.locator(".lead").first).to_contain_text("The client is in TIME_WAIT, the server in LAST_ACK.")
    assert run(notebook, 4).text == "['TIME_WAIT']\n['LAST_ACK']\n"
    assert run(notebook, 5).text == "('A', 'dropped')\n"


def test_back_over_what_happened(shown: Locator, page: Page) -> None:
    """The slider goes back, event by event, by keys and by buttons: states and segments are as they were."""
    slider = shown.get_by_label("What happened, event by event")
    slider.focus()
    page.keyboard.press("Home")
    expect(shown.locator(".seg")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(shown.locator(".seg")).to_have_count(1)
    expect(shown.locator("svg .st")).to_have_text(["SYN_SENT", "LISTEN"])
    assert slider.get_attribute("aria-valuetext") == f"event 1 of {slider.get_attribute('max')}"
    page.keyboard.press("End")
    expect(shown.locator(".scrub .dim")).to_contain_text("now")
    shown.get_by_role("button", name="Back one event").click()
    expect(shown.locator(".scrub .dim")).not_to_contain_text("now")
    shown.get_by_role("button", name="Forward one event").click()
    expect(shown.locator(".scrub .dim")).to_contain_text("now")


def test_code_is_copied(shown: Locator, page: Page) -> None:
    """One line by its button, all by theirs."""
    shown.get_by_role("button", name="Copy all").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.splitlines() == shown.locator(".lines code").all_inner_texts()
    shown.get_by_role("button", name="Copy held.discard(0)").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == "held.discard(0)"


def test_duplicate_and_delay_by_keys(notebook: Opened, shown: Locator, page: Page) -> None:
    """A new connection: 2 sends a SYN twice, L asks how long, and refuses what is no number of milliseconds."""
    keys = page.keyboard
    begin(notebook, 6)
    waits(shown, "SYN")
    shown.locator('.hrow button[tabindex="0"]').focus()
    keys.press("2")
    expect(shown.locator(".lines code").last).to_have_text("held.release(0, copies=1)")
    expect(shown.locator(".hrow b").first).to_have_text("SYN, ACK")
    shown.locator('.hrow button[tabindex="0"]').focus()
    keys.press("l")
    keys.type("4o")
    keys.press("Enter")
    expect(shown.locator(".trouble")).to_contain_text("“4o” is not a delay.")
    shown.get_by_role("button", name="Delay it by 500 ms").click()
    expect(shown.locator(".lines code").last).to_have_text("held.release(0, after_ms=500)")
    shown.get_by_role("button", name=RUN).click()
    page.wait_for_function("() => window.tcplabDone")
    assert notebook.cells[6].text == "b'x'\n"
    assert run(notebook, 7).text == "False ()\n"


def test_the_header_of_a_segment_by_keys(shown: Locator, page: Page) -> None:
    """Arrows choose a segment; its header stands beside; Esc leaves."""
    shown.locator(".stage").focus()
    page.keyboard.press("Home")
    expect(shown.locator(".header .lead")).to_contain_text("SYN")
    expect(shown.locator(".hf.flags .set")).to_have_text(["S"])
    first = shown.locator(".header .lead").inner_text()
    page.keyboard.press("ArrowDown")
    expect(shown.locator(".header .lead")).not_to_have_text(first)
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.closest('.tl') === null")


def test_it_is_accessible_and_drawn_in_both_themes(lab: Lab, notebook: Opened, shown: Locator, shots: Path) -> None:
    """Nothing serious by axe; screenshots of both themes and both widths are kept."""
    shown.get_by_role("button", name=PAUSE).click()
    run(notebook, 2)
    expect(shown.locator(".hrow")).not_to_have_count(0)
    found = Axe().run(lab.page, context=".tl").response["violations"]
    assert not [
        (each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in ("serious", "critical")
    ]
    try:
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            lab.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
            expect(shown).to_have_attribute("data-theme", theme.split()[1].lower())
            for width in (1280, 1920):
                lab.page.set_viewport_size({"width": width, "height": 1000})
                shown.screenshot(path=shots / f"debugger-{theme.split()[1].lower()}-{width}.png")
    finally:
        lab.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_world_that_went_down_while_paused(notebook: Opened, shown: Locator) -> None:
    """A sentence and a button; what was seen last stays; then it is up again, and runs."""
    assert not run(notebook, 8).error
    expect(shown.locator(".trouble")).to_contain_text("This world is down.")
    expect(shown.locator(".seg").first).to_be_attached()
    shown.get_by_role("button", name="Bring it up again").click()
    expect(shown.locator(".trouble")).to_be_hidden()
    shown.get_by_role("button", name=PAUSE).click()
    expect(shown.get_by_role("button", name=RUN)).to_be_visible()
    run(notebook, 8)
