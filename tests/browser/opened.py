"""A notebook open in JupyterLab: what a learner types and reads, and what the page did meanwhile."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from browser.served import Served
from playwright.sync_api import ConsoleMessage, Page, TimeoutError  # noqa: A004 (playwright's own)

# In the page: `panel` is the notebook that is open.
PANEL = "const panel = window.jupyterapp?.shell.currentWidget;"
_OPEN = "path => { void window.jupyterapp.commands.execute('docmanager:open', { path }); }"
_READY = f"""path => {{ {PANEL}
    return panel?.context?.isReady && (!path || panel.context.path === path)
        && panel.context.sessionContext.session?.kernel?.status === "idle"; }}"""
_STATE = f"""() => {{ {PANEL}
    const kernel = panel?.context?.sessionContext?.session?.kernel;
    return {{ at: location.href, document: document.readyState, application: Boolean(window.jupyterapp),
        inFront: panel?.id, notebook: panel?.context?.isReady, kernel: kernel?.status,
        connection: kernel?.connectionStatus, says: document.body.innerText.slice(0, 500) }}; }}"""
_CELLS = f"() => {{ {PANEL} return panel.content.widgets.map(each => each.model.sharedModel.toJSON()); }}"
_ACTIVE = f"() => {{ {PANEL} return panel.content.activeCell.model.id; }}"
# Whatever stands in front by now.
_END = """async path => {
    const panel = [...window.jupyterapp.shell.widgets("main")].find(each => each.context?.path === path);
    await panel.context.sessionContext.shutdown();
    panel.dispose(); }"""
_PRINTED = f"""([id, words]) => {{ {PANEL}
    const outputs = panel.content.widgets.find(each => each.model.id === id).model.outputs.toJSON();
    return outputs.some(each => [].concat(each.text ?? "").join("").includes(words)); }}"""
# Counts only grow: the one of a run before is not that of this one.
_COUNTED = f"""([id, before]) => {{ {PANEL}
    const count = panel.content.widgets.find(each => each.model.id === id).model.executionCount;
    return count !== null && count !== before; }}"""
_BEGIN = "name => { window.tcplabDone = window.jupyterapp.commands.execute(name).then(() => true); }"
_PICTURES = f"""() => {{ {PANEL} return panel.content.widgets.flatMap(cell =>
    [...cell.node.querySelectorAll(
        ".jp-OutputArea-output img, .jp-OutputArea-output svg:not([aria-hidden])"
    )].map(picture => ({{
        alt: picture.getAttribute("alt") ?? picture.getAttribute("aria-label") ?? "",
        broken: picture.tagName === "IMG" && picture.complete && picture.naturalWidth === 0,
        beside: [...cell.node.querySelectorAll('.jp-OutputArea-output[data-mime-type$="stdout"]')]
            .map(each => each.textContent.trim()).join("\\n"),
    }}))); }}"""
_ASK = f"""async code => {{ {PANEL}
    let [said, failed] = ["", ""];
    const asked = panel.context.sessionContext.session.kernel.requestExecute({{ code, store_history: false }});
    asked.onIOPub = ({{ header, content }}) => {{
        if (header.msg_type === "stream") said += content.text;
        if (header.msg_type === "error") failed = content.traceback.join("\\n"); }};
    await asked.done;
    return [said, failed]; }}"""
_FOLDED = f"""() => {{ {PANEL}
    return [...panel.node.querySelectorAll("details:not(.twin-words)")].map(each => !each.open); }}"""

# Complaints of JupyterLab's own that cannot be cured here, each with its reason.
UPSTREAM = (
    # JupyterLab 4.6 asks each new kernel for its debugger; a restart or shutdown soon after cancels the question.
    "Could not restore the debugger state: Canceled future for debug_request message",
    # JupyterLab 4.6: a second view of an output outlives its notebook's model by a moment, and asks it once more.
    "Cannot read properties of null (reading 'changed')",
    # Notebook 7.6 reads the schema of a plugin that it has not loaded, on every page, without us too.
    "Cannot read properties of undefined (reading 'schema')",
)


class Lab:
    """JupyterLab in a browser, at the address that `tcplab lab` printed; its complaints, and the hosts that it asked.

    Args:
        served: what the page is of; its address opens the first notebook
    """

    def __init__(self, page: Page, served: Served, *, within_s: float = 120.0) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        page.context.set_default_timeout(within_s * 1000)  # of pages that this one opens, too
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"not caught: {error}"))
        page.on("request", lambda request: self._requested(request.url))
        page.on("websocket", lambda websocket: self._requested(websocket.url))
        try:
            self._come(served.address)
        except TimeoutError:  # servers, kernels and browsers start at once, on a machine that others use as well
            warnings.warn(
                f"The page was not ready in {within_s:g} s: asked again.\n{self._state(served)}", stacklevel=2
            )
            try:
                self._come(served.address)
            except TimeoutError:
                raise AssertionError(self._state(served)) from None

    def _come(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_function(_READY)

    def _state(self, served: Served) -> str:
        """What the page and the server have to say for themselves."""
        parts = {"page": self.page.evaluate(_STATE), "console": self.complaints, "server": served.said[-2000:]}
        return "\n".join(f"{name}: {said}" for name, said in parts.items())

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url', '')})")

    def _complain(self, words: str) -> None:
        if not any(known in words for known in UPSTREAM):
            self.complaints.append(words)

    def _requested(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob"):
            self.asked.add(parts.hostname or address)

    @contextmanager
    def opened(self, name: str) -> Iterator["Opened"]:
        """Open a notebook and wait for its kernel; with the block both end."""
        self.page.evaluate(_OPEN, name)
        self.page.wait_for_function(_READY, arg=name)
        try:
            yield Opened(self.page)
        finally:
            self.page.evaluate(_END, name)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the notebook's file would have it."""

    id: str
    kind: str
    source: str
    tags: tuple[str, ...]
    outputs: tuple[dict[str, Any], ...]
    count: int | None

    @property
    def ran(self) -> bool:
        """Whether it has run, to its end."""
        return self.count is not None

    @property
    def text(self) -> str:
        """What it printed."""
        return "".join("".join(each.get("text", "")) for each in self.outputs)

    @property
    def error(self) -> str:
        """The exception that it ended with; empty when it ended well."""
        return next((f"{each['ename']}: {each['evalue']}" for each in self.outputs if "ename" in each), "")


class Opened:
    """A notebook that is open, with its kernel idle."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def cells(self) -> list[Cell]:
        """All cells, as they stand now."""
        return [
            Cell(
                each["id"],
                each["cell_type"],
                "".join(each["source"]),
                tuple(each["metadata"].get("tags", ())),
                tuple(each.get("outputs", ())),
                each.get("execution_count"),
            )
            for each in self.page.evaluate(_CELLS)
        ]

    def cell(self, words: str) -> Cell:
        """The first code cell whose source contains these words."""
        return next(each for each in self.cells if each.kind == "code" and words in each.source)

    def now(self, cell: Cell) -> Cell:
        """A cell as it is by now."""
        return next(each for each in self.cells if each.id == cell.id)

    def command(self, name: str, *, confirm: bool = False) -> None:
        """Have JupyterLab do what is in its menus, and wait until it is done; ↵ answers what it asks."""
        self.page.evaluate(_BEGIN, name)
        if confirm:
            self.page.locator(".jp-Dialog button.jp-mod-accept").wait_for()
            self.page.keyboard.press("Enter")
        assert self.page.evaluate("() => window.tcplabDone")
        self.page.wait_for_function(_READY)

    def run_all(self) -> list[Cell]:
        """Run every cell, and return them when the last one has ended."""
        self.command("notebook:run-all-cells")
        return self.cells

    def ask(self, source: str) -> str:
        """Have the notebook's kernel run some code, no cell of it, and return what it printed."""
        said, failed = self.page.evaluate(_ASK, source)
        assert not failed, f"{source}\n{failed}"
        return str(said).strip()

    def walk_to(self, cell: Cell) -> None:
        """Move to a cell with the arrow keys, as somebody does who has no mouse."""
        order = [each.id for each in self.cells]
        self.page.keyboard.press("Escape")
        steps = order.index(cell.id) - order.index(self.page.evaluate(_ACTIVE))
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        assert self.page.evaluate(_ACTIVE) == cell.id, "the arrow keys do not lead to this cell"

    def fill(self, cell: Cell, typed: str, *, place: str = "...") -> None:
        """Replace the first place for an answer in a cell by what is typed, key by key."""
        keys = self.page.keyboard
        self.walk_to(cell)
        keys.press("Enter")
        keys.press("Control+Home")
        for _ in cell.source.partition(place)[0]:
            keys.press("ArrowRight")
        for _ in place:
            keys.press("Shift+ArrowRight")
        keys.type(typed)

    def below(self, last: Cell, source: str) -> Cell:
        """Type a new cell below another one."""
        self.walk_to(last)
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(source)
        order = [each.id for each in self.cells]
        return self.cells[order.index(last.id) + 1]

    def begin(self) -> None:
        """Run the cell that one is in, by its keys; returns at once."""
        self.page.keyboard.press("Control+Enter")

    def run(self, cell: Cell) -> Cell:
        """Run the cell that one is in, and return it when it has ended."""
        self.begin()
        return self.ended(cell)

    def ended(self, cell: Cell) -> Cell:
        """Wait until a cell has ended that was begun after we looked at it, and return it as it is then."""
        self.page.wait_for_function(_COUNTED, arg=[cell.id, cell.count])
        self.page.wait_for_function(_READY)
        return self.now(cell)

    def until_printed(self, cell: Cell, words: str) -> None:
        """Wait until a cell has printed something."""
        self.page.wait_for_function(_PRINTED, arg=[cell.id, words])

    def interrupt(self) -> None:
        """Interrupt the kernel by its keys."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def pictures(self) -> list[dict[str, Any]]:
        """Each picture of the outputs: what it says to those who cannot see it, and the text beside it."""
        found: list[dict[str, Any]] = self.page.evaluate(_PICTURES)
        return found

    def delete(self, cell: Cell) -> None:
        """Delete a cell by its keys."""
        self.walk_to(cell)
        self.page.keyboard.press("d")
        self.page.keyboard.press("d")

    def folded(self) -> list[bool]:
        """Whether each hint and explanation is folded."""
        found: list[bool] = self.page.evaluate(_FOLDED)
        return found
