"""A notebook open in JupyterLab: what a learner types and reads."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# In the page: `panel` is the notebook that is open.
PANEL = "const panel = window.jupyterapp?.shell.currentWidget;"
READY = f"""path => {{ {PANEL}
    return panel?.context?.isReady && (!path || panel.context.path === path)
        && panel.context.sessionContext.session?.kernel?.status === "idle"; }}"""
_CELLS = f"() => {{ {PANEL} return panel.content.widgets.map(each => each.model.sharedModel.toJSON()); }}"
_ACTIVE = f"() => {{ {PANEL} return panel.content.activeCell.model.id; }}"
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
        self.page.wait_for_function(READY)

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
        self.page.wait_for_function(READY)
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
