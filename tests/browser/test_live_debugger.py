"""The TCP debugger in JupyterLab: clicks and keys act while cells block, and the kernel does what the page says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import live
from browser.lab import Lab
from browser.live import begin, ended, opened, photographed, picture, run
from browser.opened import Opened
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
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Cells with a debugger, the first one run."""
    with opened(lab, served, "live-debugger.ipynb", *CELLS) as notebook:
        run(notebook, 0)
        yield notebook


@pytest.fixture
def shown(page: Page, notebook: Opened) -> Locator:
    """The debugger, scrolled to."""
    return picture(page, "TCP debugger")


def waits(shown: Locator, *flags: str) -> None:
    """Wait until these segments wait, and no others."""
    live.waits(shown, lambda ms: expect(shown.locator(".hrow b")).to_have_text(list(flags), timeout=ms))


def deliver(shown: Locator) -> None:
    """Click Deliver of the one that waits longest."""
    shown.locator(".hrow").first.get_by_role("button", name="Deliver").click()


@pytest.fixture(scope="module")
def connected(notebook: Opened, page: Page) -> None:
    """The wire is paused, a cell waits in connect(): three clicks end it."""
    one = picture(page, "TCP debugger")
    one.get_by_role("button", name=PAUSE).click()
    expect(one.get_by_role("button", name=RUN)).to_be_visible()
    begin(notebook, 1)
    waits(one, "SYN")
    expect(one.locator(".remark.why")).to_have_text("if delivered: server is SYN_RECV")
    assert not page.evaluate("() => Promise.race([window.tcplabDone, Promise.resolve(false)])")
    for flags in ("SYN", "SYN, ACK", "ACK"):
        waits(one, flags)
        deliver(one)
    ended(notebook, 1)


@pytest.fixture(scope="module")
def closed(notebook: Opened, connected: None, page: Page) -> None:
    """N, N, D and X: the last ACK is dropped."""
    one, keys = picture(page, "TCP debugger"), page.keyboard
    run(notebook, 2)
    for flags in ("FIN, ACK", "ACK"):
        waits(one, flags)
        chosen(one)
        keys.press("n")
    run(notebook, 3)
    for flags, key in (("FIN, ACK", "d"), ("ACK", "x")):
        waits(one, flags)
        chosen(one)
        keys.press(key)
    waits(one)
    expect(one.get_by_text("Nothing waits.")).to_be_focused()


def chosen(shown: Locator) -> None:
    """Put the focus on the segment that is chosen."""
    shown.locator('.hrow button[tabindex="0"]').focus()


def test_clicks_end_a_cell_that_blocks_in_connect(connected: None, shown: Locator) -> None:
    """Both rails moved, and each click is a line."""
    expect(shown.locator("svg .st")).to_have_text(["SYN_SENT", "ESTABLISHED", "LISTEN", "SYN_RECV", "ESTABLISHED"])
    lines = ["patience = bed.patient()", "held = bed.wire.hold()", *["held.release(0)"] * 3]
    expect(shown.locator(".lines code")).to_have_text(lines)


def test_keys_lose_the_last_ack(notebook: Opened, closed: None, shown: Locator) -> None:
    """TIME_WAIT on one side, LAST_ACK on the other, as the kernel says."""
    expect(shown.locator(".remark.dropped")).to_have_text("dropped by you")
    expect(shown.locator(".lead").first).to_contain_text("The client is in TIME_WAIT, the server in LAST_ACK.")
    assert run(notebook, 4).text == "['TIME_WAIT']\n['LAST_ACK']\n"
    assert run(notebook, 5).text == "('A', 'dropped')\n"
    shown.locator(".stage").scroll_into_view_if_needed()
    clock = shown.locator("svg .glyph[style*='TIME_WAIT'] .fill")
    expect(clock).not_to_have_attribute("d", clock.get_attribute("d") or "")  # it goes on


def test_back_over_what_happened(connected: None, shown: Locator, page: Page) -> None:
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


def test_code_is_copied(closed: None, shown: Locator, page: Page) -> None:
    """One line by its button, all by theirs."""
    shown.get_by_role("button", name="Copy all").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.splitlines() == shown.locator(".lines code").all_inner_texts()
    shown.get_by_role("button", name="Copy held.discard(0)").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == "held.discard(0)"


def test_duplicate_and_delay_by_keys(notebook: Opened, connected: None, shown: Locator, page: Page) -> None:
    """A new connection: 2 sends a SYN twice, L asks how long, and refuses what is no number of milliseconds."""
    keys = page.keyboard
    begin(notebook, 6)
    waits(shown, "SYN")
    chosen(shown)
    keys.press("2")
    expect(shown.locator(".lines code").last).to_have_text("held.release(0, copies=1)")
    live.waits(shown, lambda ms: expect(shown.locator(".hrow b").first).to_have_text("SYN, ACK", timeout=ms))
    chosen(shown)
    keys.press("l")
    keys.type("4o")
    keys.press("Enter")
    expect(shown.locator(".trouble")).to_contain_text("“4o” is not a delay.")
    shown.get_by_role("button", name="Delay it by 500 ms").click()
    expect(shown.locator(".lines code").last).to_have_text("held.release(0, after_ms=500)")
    choice, address = shown.get_by_label("Which connection"), shown.locator("svg .addr").first
    newest = address.text_content() or ""
    choice.focus()
    keys.press("End")  # the oldest
    expect(address).not_to_have_text(newest)
    expect(choice).to_be_focused()
    keys.press("Home")
    expect(address).to_have_text(newest)
    shown.get_by_role("button", name=RUN).click()
    expect(shown.get_by_role("button", name=PAUSE)).to_be_visible()  # else the cell may end before all is as it was
    assert ended(notebook, 6).text == "b'x'\n"
    assert run(notebook, 7).text == "False ()\n"


def test_the_header_of_a_segment_by_keys(connected: None, shown: Locator, page: Page) -> None:
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


def test_it_is_accessible_and_drawn_in_both_themes(
    notebook: Opened, connected: None, shown: Locator, shots: Path
) -> None:
    """Nothing serious by axe; screenshots of both themes and both widths are kept."""
    if (pause := shown.get_by_role("button", name=PAUSE)).is_visible():
        pause.click()
    expect(shown.get_by_role("button", name=RUN)).to_be_visible()
    run(notebook, 2)
    live.waits(shown, lambda ms: expect(shown.locator(".hrow")).not_to_have_count(0, timeout=ms))
    assert not photographed(shown, shots, "debugger")


def test_a_world_that_went_down_while_paused(notebook: Opened, connected: None, shown: Locator) -> None:
    """A sentence and a button; what was seen last stays; then it is up again, and runs."""
    run(notebook, 8)
    expect(shown.locator(".trouble")).to_contain_text("This world is down.")
    expect(shown.locator(".seg").first).to_be_attached()
    shown.get_by_role("button", name="Bring it up again").click()
    expect(shown.locator(".trouble")).to_be_hidden()
    shown.get_by_role("button", name=PAUSE).click()
    expect(shown.get_by_role("button", name=RUN)).to_be_visible()
    run(notebook, 8)
