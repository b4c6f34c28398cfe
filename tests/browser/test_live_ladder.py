"""The live ladder in JupyterLab: segments appear while a cell runs, are chosen by keys, and stay few in a flood."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import live
from browser.lab import Lab
from browser.live import opened, photographed, picture
from browser.opened import Cell, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

CELLS = (
    """from tcplab import Testbed
from tcplab.live.ladder import live_ladder
bed = Testbed.two_hosts().up()
listener = bed.server.listen(80)
view = live_ladder(bed.wire)
view""",
    """calm = bed.patient()
mine = bed.client.connect(bed.server, 80)
theirs, _ = listener.accept()
with bed.wire.duplicate(first=1):
    mine.sendall(b"hello")
print(theirs.recv(9))""",
    """with bed.wire.drop(having="F", first=1):
    mine.close()
held = bed.wire.hold(having="F")
theirs.close()
bed.settle()
print([(each.flags, str(each.fate)) for each in bed.wire.segments][-2:])""",
    "held.remove()",
    """mine = bed.client.connect(bed.server, 80)
theirs, _ = listener.accept()
for _ in range(700):
    mine.sendall(b"x")
    theirs.recv(1)
    theirs.sendall(b"y")
    mine.recv(1)
print(len(bed.wire.segments) > 1000)""",
    "bed.down()",
    "view",
    """from tcplab import wait_until
held = bed.wire.hold(flags="S")
asking = bed.client.socket()
asking.setblocking(False)
asking.connect_ex((str(bed.server.address), 80))
repeats = wait_until(lambda: [each for each in bed.wire.segments if str(each.fate) == "swallowed"][1:], within_s=15)""",
)


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Cells with a ladder, the first one run."""
    with opened(lab, served, "live-ladder.ipynb", *CELLS) as notebook:
        run(notebook, 0)
        yield notebook


@pytest.fixture
def shown(page: Page, notebook: Opened) -> Locator:
    """The ladder, scrolled to."""
    return picture(page, "Ladder")


def run(notebook: Opened, number: int) -> Cell:
    """Run a cell, and look at the ladder again."""
    cell = live.run(notebook, number)
    notebook.page.locator(".jp-NotebookPanel:visible .tl .body").first.scroll_into_view_if_needed()
    return cell


@pytest.fixture(scope="module")
def grown(notebook: Opened, page: Page) -> None:
    """A connection has been opened, and a byte has arrived twice."""
    expect(picture(page, "Ladder").locator(".nothing")).to_have_text(
        "Nothing has crossed the wire yet. Run the next cell, or open a connection yourself."
    )
    run(notebook, 1)


@pytest.fixture(scope="module")
def closing(notebook: Opened, grown: None) -> str:
    """It closes: one FIN is dropped, the other waits."""
    return run(notebook, 2).text


@pytest.fixture(scope="module")
def flooded(notebook: Opened, closing: str) -> str:
    """A second connection has carried more than 1,000 segments."""
    run(notebook, 3)
    return run(notebook, 4).text


def test_it_grows_while_segments_cross(grown: None, shown: Locator) -> None:
    """Opened, with a byte that arrives twice: lines, states on both rails, a row each in the table."""
    expect(shown.get_by_role("option", name="segment 1: SYN seq 0, client to server, delivered")).to_be_attached()
    expect(shown.locator("svg .st")).to_have_text(["SYN_SENT", "ESTABLISHED", "LISTEN", "SYN_RECV", "ESTABLISHED"])
    expect(shown.get_by_role("option", name="duplicated")).to_be_attached()
    expect(shown.locator("tr[data-number='1']")).to_contain_text("client →SYN0")


def test_fates_are_drawn_as_what_they_are(notebook: Opened, closing: str, shown: Locator) -> None:
    """One FIN is dropped, the other waits; let go, it arrives late."""
    assert closing == "[('FA', 'dropped'), ('FA', 'held')]\n"
    expect(shown.locator(".remark.dropped")).to_have_text("dropped by your rule")
    expect(shown.locator(".chip")).to_have_count(1)
    expect(shown.locator(".fate-dropped").first).to_contain_text("✕ dropped")
    run(notebook, 3)
    expect(shown.locator(".chip")).to_have_count(0)
    expect(shown.get_by_role("option", name="delivered late")).to_be_attached()


def test_keys_choose_a_segment_and_show_its_header(grown: None, shown: Locator, page: Page) -> None:
    """Home, ↓: the header as RFC 9293 draws it, the row marked; Esc leaves."""
    shown.locator(".stage").focus()
    page.keyboard.press("Home")
    expect(shown.locator(".hf.flags .set")).to_have_text(["S"])
    expect(shown.locator(".hdr")).to_contain_text("MSS 1460")
    expect(shown.locator("tr.on")).to_have_attribute("data-number", "1")
    page.keyboard.press("ArrowDown")
    expect(shown.locator(".hf.flags .set")).to_have_text(["A", "S"])
    chosen = shown.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_attribute("id", shown.locator(".stage").get_attribute("aria-activedescendant") or "")
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.closest('.tl') === null")


def test_another_connection_can_be_chosen(flooded: str, shown: Locator) -> None:
    """1,000 segments and more in a second connection: few are in the page; the first can be chosen again."""
    assert flooded == "True\n"
    expect(shown.locator(".beside p")).to_contain_text("are not drawn: these are the newest")
    assert 0 < shown.locator(".seg").count() < 60
    assert 0 < shown.locator("tr[data-number]").count() < 80
    shown.get_by_label("Which connection").select_option("0")
    expect(shown.locator(".lines code")).to_have_text("ladder(bed.wire.segments, which=0)")
    expect(shown.locator("tr[data-number='1']")).to_contain_text("SYN")
    shown.get_by_label("Which connection").select_option("-1")
    expect(shown.locator(".beside p")).to_contain_text("are not drawn")


def test_repeats_of_a_held_syn_share_one_rung(notebook: Opened, grown: None, shown: Locator) -> None:
    """However often it is said, on the patient bed: one line, which counts them."""
    run(notebook, 7)
    expect(shown.locator(".remark.swallowed")).to_have_text(re.compile(r"^repeated \d times, swallowed$"))
    expect(shown.locator(".seg")).to_have_count(2)
    expect(shown.get_by_role("option", name=re.compile(r"swallowed, \d times$"))).to_be_attached()
    expect(shown.locator("tr[data-number]")).to_have_count(2)


def test_it_is_accessible_and_drawn_in_both_themes(flooded: str, shown: Locator, shots: Path) -> None:
    """Nothing serious by axe; screenshots of both themes and both widths are kept."""
    shown.get_by_label("Which connection").select_option("0")
    expect(shown.locator("tr[data-number='1']")).to_contain_text("SYN")
    assert not photographed(shown, shots, "ladder")


def test_a_second_view_shows_the_same(notebook: Opened, grown: None, page: Page) -> None:
    """Shown once more by another cell: all that was told is there, too."""
    run(notebook, 6)
    stages = page.locator(".jp-NotebookPanel:visible .tl .stage")
    expect(stages).to_have_count(2)
    expect(stages.last.locator(".seg").first).to_be_attached()


def test_a_world_that_went_down(notebook: Opened, grown: None, shown: Locator) -> None:
    """A sentence and a button; what was seen last stays; then it is up again, with nothing on the wire."""
    run(notebook, 5)
    expect(shown.locator(".trouble")).to_contain_text("This world is down.")
    expect(shown.locator(".seg").first).to_be_attached()
    shown.get_by_role("button", name="Bring it up again").click()
    expect(shown.locator(".nothing")).to_be_visible()
    run(notebook, 5)
