"""Every lab, untouched, opened in JupyterLab and run from top to bottom; then each of its controls is used."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
from browser import controls, forms
from browser.lab import Lab
from browser.live import findings, picture
from browser.opened import PANEL, Cell, Opened
from playwright.sync_api import expect

FOLDER = Path(__file__).resolve().parents[2] / "labs"
LABS = sorted(path.name for path in FOLDER.glob("[0-9][0-9]-*.ipynb"))
# The longest begin (02 waits for TIME_WAIT's 60 s): of several workers each takes lab after lab (see conftest.py).
LABS.sort(key=lambda name: not name.startswith(("02", "10")))
SAYS = {"check(": "not attempted", "predict(": "no prediction yet"}
WIDGETS = re.compile(r"from tcplab\.live\.(?!closing)\w+ import (\w+)|(ipywidgets)")
CONTROLS: Mapping[str, Mapping[str, controls.Use]] = MappingProxyType(
    {
        "00": {"The world of this notebook": controls.world, controls.MAP: controls.course},
        "01": {"Ladder": controls.ladder, "State machine": partial(controls.machine, by_keys=False)},
        "02": {"TCP debugger": partial(controls.debugger, by_keys=False)},
        "03": {"TCP debugger": partial(controls.debugger, by_keys=True)},
        "04": {"Port map": partial(controls.portmap, host="client", other="server")},
        "05": {
            "Sysctls of client": partial(
                forms.settings,
                host="client",
                name="tcp_tw_reuse",
                refused=("3", "The kernel said: Invalid argument."),
            )
        },
        "06": {
            "Port map": partial(controls.portmap, host="server", other="client"),
            "Sysctls of server": partial(
                forms.settings,
                host="server",
                name="tcp_max_tw_buckets",
                refused=("many", "is not a value of tcp_max_tw_buckets."),
            ),
        },
        "07": {"State machine": partial(controls.machine, by_keys=True)},
        "08": {"Round-trip time of wire": forms.dial},
        "10": {"Benchmark runner": forms.runner},
    }
)
"""By lab: the pictures that it shows, by their names."""
SHOWN = [name for name in LABS if name[:2] in CONTROLS]
READ = {
    "include": [[".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook"]],
    "exclude": [[".cm-editor"], [".jp-collapseHeadingButton"]],
}
"""What axe reads of a page: the notebook in front, but for CodeMirror's editors and JupyterLab's button at headings."""

_WHERE = f"""() => {{ {PANEL}
    return panel.content.widgets.flatMap((each, at) => (each.node.querySelector(".tl") ? [at] : [])); }}"""
# Which part of a picture has the focus, and can be seen to have it; null outside of pictures.
_PLACE = """() => { const one = document.activeElement;
    const picture = one.matches(":focus-visible") && one.closest(".tl");
    return picture ? [...picture.querySelectorAll("*")].indexOf(one) : null; }"""

_HAS_FOCUS = f"""at => {{ {PANEL} return panel.content.widgets[at].node === document.activeElement; }}"""
_MANY = 100  # stops: more than a picture has, unless Tab does not lead out of it
_TOOLS = 12  # JupyterLab's own buttons of a cell come before what it shows


@dataclass(frozen=True, slots=True)
class Ran:
    """A lab that was opened and run."""

    number: str
    notebook: Opened
    cells: list[Cell]

    @property
    def code(self) -> list[Cell]:
        """Its code cells."""
        return [cell for cell in self.cells if cell.kind == "code"]


@pytest.fixture(scope="module", params=LABS)
def ran(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Ran]:
    """Open one lab and run all of its cells."""
    with lab.opened(request.param) as notebook:
        yield Ran(request.param[:2], notebook, notebook.run_all())


def test_no_cell_fails_unless_failing_is_its_lesson(ran: Ran) -> None:
    """An untouched lab runs from top to bottom: only cells tagged raises-exception end with an error."""
    failed = [f"{cell.id}: {cell.error}" for cell in ran.code if cell.error and "raises-exception" not in cell.tags]

    assert not failed


@pytest.mark.parametrize("call", SAYS)
def test_nothing_counts_as_attempted(ran: Ran, call: str) -> None:
    """Checks say that nothing was attempted, and predictions that there is none yet."""
    asked = [cell for cell in ran.code if call in cell.source]

    assert asked
    assert all(SAYS[call] in cell.text for cell in asked)


def test_each_picture_is_told_in_words(ran: Ran) -> None:
    """A picture has alternative text, or its text twin beside it; and it is there."""
    pictures = ran.notebook.pictures()
    solution = next((FOLDER.parent / "solutions").glob(f"{ran.number}-*.ipynb"))

    assert pictures or "image/" not in solution.read_text(encoding="utf-8")
    for each in pictures:
        assert not each["broken"]
        assert each["alt"] or each["beside"]


def test_axe_finds_nothing_of_ours(ran: Ran) -> None:
    """Prose, tables, pictures and controls: nothing serious, but what is JupyterLab's, and named in live.py."""
    assert not findings(ran.notebook.page, READ)


def test_hints_are_folded(ran: Ran) -> None:
    """Hints and explanations are closed until the learner opens them."""
    folded = ran.notebook.folded()

    assert len(folded) == sum(cell.source.count("<details>") for cell in ran.cells)
    assert folded
    assert all(folded)


def test_the_console_is_quiet(ran: Ran, lab: Lab) -> None:
    """The browser's console has no error, but those of JupyterLab's own that are named."""
    assert not lab.complaints


def test_only_this_machine_is_asked(ran: Ran, lab: Lab) -> None:
    """The page asks 127.0.0.1 and no other host."""
    assert lab.asked == {"127.0.0.1"}


def tab_into(notebook: Opened, at: int) -> None:
    """Walk to a cell by arrows, and into what it shows by Tab."""
    notebook.walk_to(notebook.cells[at])
    for _ in range(_TOOLS):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate(_PLACE) is not None:
            return
    pytest.fail(f"Tab does not lead into what cell {at} shows.")


@pytest.mark.parametrize("ran", SHOWN, indirect=True)
def test_keys_lead_into_each_picture_and_out_of_it(ran: Ran) -> None:
    """Arrows to its cell, Tab into it and from stop to stop in their order; Esc leads back, the arrows go on."""
    notebook, page, keys = ran.notebook, ran.notebook.page, ran.notebook.page.keyboard
    for label in CONTROLS[ran.number].keys() - {controls.MAP}:  # the lab has taken its world down, and they say so
        expect(picture(page, label).locator(".trouble")).to_contain_text(controls.GONE)
    for at in page.evaluate(_WHERE):
        tab_into(notebook, at)
        places = []
        while (place := page.evaluate(_PLACE)) is not None and len(places) < _MANY:
            places.append(place)
            keys.press("Tab")
        assert places == sorted(set(places)), "Tab goes from stop to stop as they stand on the page, to each once"
        tab_into(notebook, at)
        for _ in range(2):  # what is open inside closes first
            keys.press("Escape")
        assert page.evaluate(_HAS_FOCUS, at), "Esc leads from a picture to its cell"
        notebook.walk_to(notebook.cells[at + 1])


@pytest.mark.parametrize("ran", SHOWN, indirect=True)
def test_each_control_is_answered(ran: Ran) -> None:
    """By mouse and by keys, each of them: in the page and in the kernel."""
    for label, use in CONTROLS[ran.number].items():
        controls.use(ran.notebook, label, use)


def test_its_quiz_is_answered(ran: Ran) -> None:
    """A click and a key choose an answer: it is judged in the page, and kept."""
    forms.quiz(ran.notebook, ran.number)


def test_no_control_was_forgotten() -> None:
    """Each lab's pictures are all named in CONTROLS; their quizzes are in a test of their own."""
    found = {name[:2]: WIDGETS.findall((FOLDER / name).read_text(encoding="utf-8")) for name in LABS}
    assert {number: len(names) for number, names in found.items() if names} == {
        number: len(pictures) for number, pictures in CONTROLS.items()
    }
