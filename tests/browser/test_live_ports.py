"""The port map in JupyterLab: it fills by itself, a port tells what is on it, and its kernel says the same."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.live import cell_of_port, opened, photographed, picture, run, themed
from browser.opened import PANEL, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect
from tcplab.model.state import TcpState
from tcplab.notebook.look import STATES

CELLS = (
    """from tcplab import TcpState, Testbed, sockets, sysctls
from tcplab.live.ports import portmap
from tcplab.traffic.connects import open_and_close
bed = Testbed.two_hosts(link="veth").up()
listener = bed.server.listen(81)
with sysctls(bed.client, ip_local_port_range=(60001, 60999)):  # odd ones, which no other connect() needs
    kept = [bed.client.connect(bed.server, 81) for _ in range(5)]
print(*sorted(one.getsockname()[1] for one in kept))
portmap(bed.client)""",
    "row = open_and_close(bed.client, bed.server, 80, count=2000)\nprint(row.ports[-1])",
    "print(len(sockets(bed.client, state=TcpState.TIME_WAIT)), 'in TIME_WAIT')",
    "_ = bed.client.run(['sysctl', '-w', 'net.ipv4.ip_local_port_range=40001 40016'])",
    "portmap(bed.client)",
    "bed.down()",
)
_PIXEL = """(canvas, [x, y]) => { const ratio = canvas.width / canvas.clientWidth;
    const [r, g, b, a] = canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data;
    return a && "#" + [r, g, b].map(one => one.toString(16).padStart(2, "0")).join(""); }"""


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """A notebook whose first cell shows the map of a client with no connections."""
    with opened(lab, served, "live-ports.ipynb", *CELLS) as notebook:
        run(notebook, 0)
        yield notebook


@pytest.fixture(scope="module")
def taken(notebook: Opened) -> int:
    """A port that an open connection has: it stays what it is, however slow the machine."""
    return int(notebook.cells[0].text.split()[0])


def shown(page: Page, number: int = 0) -> Locator:
    """The first or another map, where one can see it."""
    return picture(page, "Port map", number)


def chosen(page: Page, port: int) -> Locator:
    """The call-out, once it tells of this port."""
    tip = shown(page).locator(".tip")
    expect(tip).to_contain_text(f"port={port}")
    return tip


def click(page: Page, port: int) -> None:
    """Click on a port's cell, with no other port's words over it."""
    cells = shown(page).locator(".cells")
    cells.press("Escape")
    cells.click(position=cell_of_port(port))


def test_it_fills_as_connections_are_made(page: Page, notebook: Opened) -> None:
    """Lead, legend, captions and strip follow by themselves; the kernel's table has as many; a port tells its own."""
    one = shown(page)
    expect(one.locator(".lead")).to_have_text("0 of 28,232 ports are in TIME_WAIT. ")
    last = int(run(notebook, 1).text)
    expect(one.locator(".lead")).to_contain_text("2,000 of 28,232 ports are in TIME_WAIT. The next one is free in ")
    for each in ("ESTABLISHED 5", "free 26,227"):
        expect(one.locator(".legend").get_by_text(each, exact=True)).to_be_visible()
    expect(one.locator(".captions")).to_contain_text("connect() takes these first: 12,116 of 14,116 are free")
    expect(one.locator(".strip .cap")).to_contain_text(re.compile(r"median \d+ µs of the last 128"))
    expect(one.get_by_role("img", name="2,000 of 28,232 ports")).to_be_visible()
    click(page, last)
    expect(chosen(page, last)).to_contain_text(f"192.0.2.1:{last} → 192.0.2.2:80")
    expect(chosen(page, last)).to_contain_text(re.compile(r"TIME_WAIT, [1-6]?\d s left"))
    assert run(notebook, 2).text == "2000 in TIME_WAIT\n"


def test_a_click_tells_what_is_on_a_port(page: Page, taken: int) -> None:
    """The four-tuple and the state; a free port says so."""
    click(page, taken)
    expect(chosen(page, taken)).to_contain_text(f"192.0.2.1:{taken} → 192.0.2.2:81")
    expect(chosen(page, taken)).to_contain_text("ESTABLISHED")
    click(page, 40001)
    expect(chosen(page, 40001)).to_contain_text("40001 is free: no socket has it.")


def test_arrow_keys_go_from_port_to_port(page: Page, taken: int) -> None:
    """A column is two ports, a row 256; beyond the even half lies the odd one; Escape leaves."""
    cells = shown(page).locator(".cells")
    cells.focus()
    for key, port in (
        ("Home", 32768), ("ArrowUp", 32768), ("ArrowRight", 32770), ("ArrowDown", 33026), ("ArrowLeft", 33024),
        ("ArrowLeft", 33024), ("PageDown", 35072), ("End", 60999), ("ArrowRight", 60999),
    ):  # fmt: skip
        page.keyboard.press(key)
        chosen(page, port)
    cells.click(position=cell_of_port(33022))
    page.keyboard.press("ArrowRight")
    chosen(page, 32769)
    page.keyboard.press("Escape")
    expect(shown(page).locator(".tip")).to_be_hidden()
    page.keyboard.press("Escape")
    assert not cells.evaluate("each => each.contains(document.activeElement)")


def test_colours_follow_the_theme(page: Page, taken: int) -> None:
    """A cell is painted in the theme's own colour, again when the theme changes."""
    canvas = shown(page).locator(".cells canvas")
    at = list(cell_of_port(taken).values())
    look = STATES[TcpState.ESTABLISHED]
    for theme, colour in (("dark", look.dark), ("light", look.light)):
        themed(page, theme)
        expect(shown(page)).to_have_attribute("data-theme", theme)
        assert canvas.evaluate(_PIXEL, at) == colour


def test_looks_well_and_reads_well(page: Page, taken: int, shots: Path) -> None:
    """In both themes axe finds nothing serious; pictures of both are kept, with what a port tells."""
    click(page, taken)
    chosen(page, taken)
    assert not photographed(shown(page), shots, "ports")
    page.keyboard.press("Escape")


def test_as_text(page: Page, notebook: Opened) -> None:
    """The same facts, to be read or heard."""
    one = shown(page)
    one.get_by_text("As text").click()
    expect(one.locator(".words")).to_contain_text("range       32768 to 60999, even ports first")
    expect(one.locator(".words")).to_contain_text("ESTABLISHED 5")
    one.get_by_text("As text").click()


def test_who_comes_later_sees_it_too(page: Page, notebook: Opened, taken: int) -> None:
    """A second view of the same output: it has seen no frame yet, and gets one."""
    shown(page)
    notebook.page.evaluate(f"() => {{ {PANEL} panel.content.activeCellIndex = 0; }}")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:create-output-view')")
    view = page.locator(".jp-LinkedOutputView")
    try:
        other = view.get_by_label("Port map", exact=True)
        expect(other.locator(".lead")).to_contain_text("of 28,232 ports")
        other.locator(".cells").click(position=cell_of_port(taken))
        expect(other.locator(".tip")).to_contain_text(f"192.0.2.1:{taken} → 192.0.2.2:81")
    finally:  # else the tests below run cell 0 again, for the notebook is not in front
        view.wait_for()
        page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")
        expect(view).to_have_count(0)


def test_another_range_is_another_map(page: Page, notebook: Opened) -> None:
    """Sixteen ports, the odd ones first: larger cells, and captions that have changed sides; a second map shows it."""
    run(notebook, 3)
    run(notebook, 4)
    for number in (0, 1):
        one = shown(page, number)
        expect(one.locator(".lead")).to_contain_text("of 16 ports")
        expect(one.locator(".captions p").nth(1)).to_contain_text("connect() takes these first")
        expect(one.locator(".cells canvas")).to_have_css("height", "24px")


def test_a_world_that_went_down_has_a_button(page: Page, notebook: Opened, shots: Path) -> None:
    """A sentence, and fresh hosts, whose ports are free."""
    run(notebook, 5)
    one = shown(page)
    expect(one.locator(".trouble")).to_contain_text("This world is down.")
    page.screenshot(path=shots / "ports-down.png")
    one.get_by_role("button", name="Bring it up again").click()
    expect(one.locator(".trouble")).to_be_hidden()
    expect(one.locator(".lead")).to_have_text("0 of 28,232 ports are in TIME_WAIT. ")
    run(notebook, 5)
