"""The benchmark runner in JupyterLab: a form, Run, rounds that arrive, and Stop, seen in the page and in the world."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.opened import PANEL, Cell, Lab, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

CELLS = (
    """from tcplab import Testbed
from tcplab.live.runner import runner
bed = Testbed.proxied().up()
runner(bed, requests=20, variants=("off", "pool", "direct"))""",
    """print(bed.client.run(["pgrep", "-lf", "nginx|ab -n|application"], expect=None).stdout or "nothing runs")""",
)


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """A form on a bed, and a cell that tells what runs there."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, served.labs / "live-runner.ipynb")
    with lab.opened("live-runner.ipynb") as opened:
        assert not run(opened, 0).error
        yield opened


@pytest.fixture
def form(notebook: Opened) -> Locator:
    """The runner in the page, in view."""
    found = notebook.page.get_by_label("Benchmark runner", exact=True)
    found.locator(".lead").scroll_into_view_if_needed()
    return found


def run(notebook: Opened, number: int) -> Cell:
    """Run the cell of this number, and return it."""
    notebook.page.evaluate(f"number => {{ {PANEL} panel.content.activeCellIndex = number; }}", number)
    notebook.command("notebook:run-cell")
    return notebook.cells[number]


def test_a_form_that_cannot_be_is_told_beside_it(form: Locator) -> None:
    """A sentence with the range, and a button that puts the value back."""
    rounds = form.get_by_label("rounds", exact=True)
    rounds.fill("3")
    rounds.press("Enter")
    expect(form.get_by_role("alert").filter(has_text="Allowed: 5 to 50")).to_be_visible()
    expect(rounds).to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Put 5 back").click()
    expect(rounds).to_have_value("5")
    form.get_by_label("-k").check()
    expect(form.locator(".code pre")).to_contain_text("persistent=True")
    form.get_by_label("-k").uncheck()


def test_rounds_arrive_and_are_compared(form: Locator, notebook: Opened) -> None:
    """By the keyboard: Run, progress, a dot a run, and in the end the sentence and the connections of each host."""
    begin = form.get_by_role("button", name="Run", exact=True)
    begin.focus()
    begin.press("Enter")
    expect(form.get_by_role("progressbar")).to_be_visible()
    expect(form.get_by_role("button", name="Stop")).to_be_focused()
    expect(form.locator("svg.pic .dot").first).to_be_visible()
    expect(form.locator(".lead")).to_contain_text("pool takes", timeout=60_000)
    expect(form.get_by_role("row", name="pool")).to_contain_text("1")
    expect(form.get_by_role("img")).to_have_attribute("aria-label", re.compile("direct takes"))
    assert run(notebook, 1).text == "nothing runs\n"


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_looks_well_and_reads_well(form: Locator, shots: Path, theme: str, width: int) -> None:
    """In both themes axe finds nothing serious; the screenshots are kept."""
    page: Page = form.page
    page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })", theme)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true" if "Light" in theme else "false")
    page.set_viewport_size({"width": width, "height": 1200})
    found = Axe().run(page, context=".tl").response["violations"]
    assert not [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    form.screenshot(path=shots / f"runner-{theme.split()[1].lower()}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_stop_leaves_nothing_running(form: Locator, notebook: Opened) -> None:
    """In the middle of a long load: the page says so, and the world has no ab and no nginx any more."""
    requests = form.get_by_label("requests", exact=True)
    requests.fill("10000")
    requests.press("Enter")
    expect(form.locator(".code pre")).to_contain_text("requests=10000")
    form.get_by_role("button", name="Run again").click()
    expect(form.get_by_role("progressbar")).to_be_visible()
    form.get_by_role("button", name="Stop").click()
    expect(form.locator(".lead")).to_contain_text("Nothing of it runs any more.")
    expect(form.get_by_role("button", name="Run", exact=True)).to_be_focused()
    assert run(notebook, 1).text == "nothing runs\n"
