"""The sysctl panel and the dial in JupyterLab: typed into, seen in the page, in the kernel and on the wire."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.live import opened, photographed, picture, run
from browser.opened import Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

CELLS = (
    """from tcplab import Testbed
from tcplab.live.settings import settings
bed = Testbed.two_hosts().up()
settings(bed.client, "ip_local_port_range", "tcp_tw_reuse", "tcp_fin_timeout")""",
    "settings(bed.client)",
    "from tcplab.live.dial import dial\ndial(bed.wire)",
    "dial(bed.wire)",
    "print('now', bed.client.sysctl('tcp_tw_reuse'), bed.client.sysctl('ip_local_port_range'))",
    "bed.client.run(['sysctl', '-w', 'net.ipv4.tcp_fin_timeout=7']).exit_code",
    """from time import monotonic
begun = monotonic()
with bed.server.listen(80), bed.client.connect(bed.server, 80):
    print("slow", monotonic() - begun >= 0.04)""",
    "bed.down()",
)


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Cells with two panels on one host and two dials on one wire, the first four run."""
    with opened(lab, served, "live-settings.ipynb", *CELLS) as notebook:
        for number in range(4):
            run(notebook, number)
        yield notebook


def panel(page: Page, number: int) -> Locator:
    """The first or the second panel."""
    return picture(page, "Sysctls of client", number)


def test_a_value_that_is_typed_is_the_kernels(notebook: Opened, page: Page) -> None:
    """A value and Enter: the panel, the other panel, and the kernel have it; the line that does it is there."""
    box = panel(page, 0).get_by_label("tcp_tw_reuse", exact=True)
    box.fill("1")
    box.press("Enter")
    expect(panel(page, 0).locator(".code pre")).to_have_text("sudo sysctl -w net.ipv4.tcp_tw_reuse=1")
    expect(panel(page, 0).locator("tr.changed").first).to_contain_text("changed")
    expect(panel(page, 1).get_by_label("tcp_tw_reuse", exact=True)).to_have_value("1")
    assert run(notebook, 4).text == "now 1 32768 60999\n"


def test_what_cannot_be_is_told_beside_it_with_a_button(page: Page, notebook: Opened, shots: Path) -> None:
    """The kernel's own words for what it refuses, ours for what is no number; a button sets it right."""
    first = panel(page, 0)
    box = first.get_by_label("tcp_tw_reuse", exact=True)
    before = box.input_value()
    box.fill("3")
    box.press("Enter")
    expect(first.get_by_role("alert").filter(has_text="kernel said")).to_contain_text(
        f"The kernel said: Invalid argument. The value is still {before}."
    )
    expect(box).to_have_attribute("aria-invalid", "true")
    first.screenshot(path=shots / "settings-refused.png")
    first.get_by_role("button", name=f"Put {before} back", exact=True).click()
    expect(box).to_have_value(before)
    box = first.get_by_label("ip_local_port_range", exact=True)
    box.fill("4o000")
    box.press("Enter")
    expect(first.locator(".error").filter(has_text="4o000")).to_contain_text("Allowed: two ports")
    box.press("Escape")
    expect(box).to_have_value("32768 60999")


def test_a_change_made_elsewhere_is_seen(page: Page, notebook: Opened) -> None:
    """As `%on client sysctl -w` makes one; and all go back to the defaults at once."""
    run(notebook, 5)
    for number in (0, 1):
        expect(panel(page, number).get_by_label("tcp_fin_timeout", exact=True)).to_have_value("7")
    panel(page, 0).get_by_role("button", name="Put all back").click()
    expect(panel(page, 1).get_by_label("tcp_fin_timeout", exact=True)).to_have_value("60")
    assert run(notebook, 4).text == "now 2 32768 60999\n"
    panel(page, 0).get_by_role("button", name="Show the labs' other settings").click()
    expect(panel(page, 0).get_by_label("somaxconn", exact=True)).to_have_value("4096")


def test_a_key_on_the_dial_slows_the_wire(page: Page, notebook: Opened) -> None:
    """Keys on the slider, seen on the other dial, in the line of code, and in the time of a handshake."""
    one, other = (page.get_by_label("Round-trip time of wire", exact=True).nth(number) for number in (0, 1))
    slider = one.get_by_role("slider")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    slider.press("PageUp")
    expect(other.get_by_role("slider")).to_have_value("40")
    expect(one.locator(".code pre")).to_have_text("slow = bed.wire.delay(rtt_ms=40)")
    assert run(notebook, 6).text == "slow True\n"
    typed = other.get_by_role("textbox")
    typed.fill("400")
    typed.press("Enter")
    other.get_by_role("button", name="Put 40 back").click()
    expect(typed).to_have_value("40")
    slider.press("Home")
    expect(other.locator(".code pre")).to_contain_text("slow.remove()")


def test_looks_well_and_reads_well(page: Page, notebook: Opened, shots: Path) -> None:
    """In both themes axe finds nothing serious; the screenshots are kept."""
    assert not photographed(panel(page, 1), shots, "settings")
    assert not photographed(picture(page, "Round-trip time of wire"), shots, "dial")


def test_a_world_that_is_down_comes_up_by_a_button(page: Page, notebook: Opened) -> None:
    """It says so, and one button brings fresh hosts."""
    run(notebook, 7)
    first = panel(page, 0)
    expect(first.get_by_text("This world is down.")).to_be_visible()
    first.get_by_role("button", name="Bring it up again").click()
    expect(first.get_by_text("This world is down.")).to_have_count(0)
    expect(first.get_by_label("tcp_tw_reuse", exact=True)).to_have_value("2")
    run(notebook, 7)
