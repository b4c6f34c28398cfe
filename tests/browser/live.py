"""A small notebook with live pictures: written, opened, run cell by cell, photographed, and judged by axe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import nbformat
from axe_playwright_python.sync_playwright import Axe
from browser.lab import Lab
from browser.opened import PANEL, Cell, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
UPSTREAM = {
    "aria-input-field-name",  # ipywidgets: a slider and its readout have no name
    "aria-required-children",  # JupyterLab: the notebook's list of cells
    "image-alt",  # IPython: matplotlib's pictures
    "scrollable-region-focusable",  # JupyterLab: long outputs
}
"""axe's findings that are JupyterLab's or ipywidgets' own: anything else is ours."""
_BRIEF = {"resultTypes": ["violations"]}  # what is well would be told at length, too


_RECONNECT = f"""() => {{ {PANEL}
    const kernel = panel.context.sessionContext.session.kernel;
    return new Promise(resolve => {{
        const told = (_, status) => {{
            if (status !== "connected") return;
            kernel.connectionStatusChanged.disconnect(told);
            resolve();
        }};
        kernel.connectionStatusChanged.connect(told);
        void kernel.reconnect();
    }}); }}"""


def written(served: Served, name: str, *cells: str) -> str:
    """Write a notebook of code cells among the labs, and return its name."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, served.labs / name)
    return name


@contextmanager
def opened(lab: Lab, served: Served, name: str, *cells: str) -> Iterator[Opened]:
    """Write a notebook and open it; nothing has run yet."""
    with lab.opened(written(served, name, *cells)) as notebook:
        yield notebook


def begin(notebook: Opened, number: int) -> None:
    """Begin to run the cell of this number, and do not wait for its end.

    In one step, and with the focus nowhere: a picture may take it back, and the cell that has it is the one that runs.
    """
    started = f"number => {{ {PANEL} if (!panel.content.widgets) throw Error('no notebook stands in front');"
    started += " document.activeElement?.blur(); panel.content.activeCellIndex = number;"
    started += " window.tcplabDone = window.jupyterapp.commands.execute('notebook:run-cell').then(() => true); }"
    notebook.page.evaluate(started, number)


def run(notebook: Opened, number: int) -> Cell:
    """Run the cell of this number, and return it; it ends well."""
    begin(notebook, number)
    return ended(notebook, number)


def ended(notebook: Opened, number: int) -> Cell:
    """Wait for the end of the cell that was begun, and return it; it ends well."""
    notebook.page.wait_for_function("() => window.tcplabDone")
    cell = notebook.cells[number]
    assert not cell.error, cell.error
    return cell


def reconnected(page: Page) -> None:
    """Break the page's websocket to the kernel, and wait until there is another: so a laptop finds it that slept."""
    page.evaluate(_RECONNECT)


def themed(page: Page, theme: str) -> None:
    """Switch the theme as the menu does, and wait until the page has it."""
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", THEMES[theme])
    light = "true" if theme == "light" else "false"
    page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)


def picture(page: Page, label: str, number: int = 0) -> Locator:
    """A live picture of the notebook in front, by its name, scrolled to: out of view it is not looked after."""
    found = page.locator(".jp-NotebookPanel:visible").get_by_label(label, exact=True).nth(number)
    found.evaluate("each => each.scrollIntoView()")
    return found


def waits(shown: Locator, rows: Callable[[float], None]) -> None:
    """Wait for what a debugger lists; `rows` expects it, within ms.

    It is scrolled to again and again: JupyterLab scrolls to a cell that was run when it comes to that, and a picture
    that is not in view is not looked after.
    """
    deadline = monotonic() + 60
    while True:
        shown.locator(".scrub").scroll_into_view_if_needed()
        try:
            return rows(3000)
        except AssertionError:
            if monotonic() > deadline:
                raise


def photographed(shown: Locator, folder: Path, name: str) -> list[str]:
    """Photograph a picture in both themes, 1280 and 1920 wide; light it is in the end.

    Returns: what axe finds in either theme; empty when all is well
    """
    page, found = shown.page, []
    window = page.viewport_size
    for theme in ("dark", "light"):
        themed(page, theme)
        expect(shown).to_have_attribute("data-theme", theme)
        for width in (1920, 1280):
            page.set_viewport_size({"width": width, "height": 1100})
            shown.screenshot(path=folder / f"{name}-{theme}-{width}.png")
        found += findings(page)
    if window:
        page.set_viewport_size(window)
    return found


def findings(page: Page, context: str | dict[str, list[list[str]]] = ".tl") -> list[str]:
    """What axe finds there, and takes for serious or worse; findings of others are left out by name."""
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in Axe().run(page, context=context, options=_BRIEF).response["violations"]
        if each["impact"] in ("serious", "critical") and each["id"] not in UPSTREAM
        for node in each["nodes"]
    ]


def cell_of_port(port: int) -> dict[str, float]:
    """Where the middle of a port's cell is, in the port map of the full range."""
    rows_above, odd_px, cell_px = 128, 384 + 16, 3
    return {"x": port % 2 * odd_px + port % 256 // 2 * cell_px + 1, "y": (port // 256 - rows_above) * cell_px + 1}
