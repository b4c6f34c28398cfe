"""What every live picture does, whatever befalls it: a theme, a second tab, a sleep, a world that ends, a restart."""

import os
import signal
from collections.abc import Iterator

import pytest
from browser.lab import Lab
from browser.live import findings, opened, run, themed
from browser.opened import PANEL, Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

NAME = "live-any.ipynb"
CELLS = (
    """from tcplab import Testbed
from tcplab.live.world import live_world
bed = Testbed.two_hosts().up()
view = live_world(bed)
view""",
    "live_world(bed)",
    "import os\nprint(os.getpid())",
    "bed.down()",
    "print(bed.is_up, bed.server.listen(80).getsockname()[1])",
    "%env TCPLAB_DISPLAY=text\nview",
    "%env TCPLAB_DISPLAY=",
)
GONE = "This world is down. Its last state is kept below. Bringing it up starts with fresh hosts."
RESTARTED = "The kernel was restarted, so this world is gone. Run the notebook's first cell again."
COLOUR = "each => getComputedStyle(each).getPropertyValue('--tl-paper')"


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """Two pictures of one bed."""
    with opened(lab, served, NAME, *CELLS) as notebook:
        run(notebook, 0)
        run(notebook, 1)
        yield notebook


def picture(page: Page, number: int = 0) -> Locator:
    """One of the pictures, scrolled to."""
    found = page.locator(".jp-NotebookPanel:visible .tl").nth(number)
    found.locator(".lead").scroll_into_view_if_needed()
    return found


def asked(shown: Locator) -> None:
    """A click on the client is answered; a second one puts the picture back."""
    client = shown.get_by_role("button", name="client", exact=True)
    client.click()
    expect(shown.locator(".of-host caption")).to_have_text("client: 0 sockets")
    client.click()
    expect(shown.locator(".of-host")).to_be_hidden()


def test_two_pictures_of_one_bed_both_answer(notebook: Opened, page: Page) -> None:
    """Neither keeps the other from the world."""
    for number in (0, 1, 0):
        asked(picture(page, number))


def test_the_theme_changes_while_it_is_shown(notebook: Opened, page: Page) -> None:
    """It follows JupyterLab's theme, there and back, with its own colours."""
    shown = picture(page)
    assert shown.evaluate(COLOUR) == "#ffffff"
    for theme, colour in (("dark", "#111111"), ("light", "#ffffff")):
        themed(page, theme)
        expect(shown).to_have_attribute("data-theme", theme)
        assert shown.evaluate(COLOUR) == colour


def test_axe_finds_nothing_of_ours(notebook: Opened, page: Page) -> None:
    """Names, roles and contrast, in both themes; what JupyterLab and ipywidgets leave open is named in live.py."""
    shown = picture(page)
    for theme in ("dark", "light"):
        themed(page, theme)
        expect(shown).to_have_attribute("data-theme", theme)
        assert not findings(page)


def test_who_wants_no_motion_gets_none(notebook: Opened, page: Page) -> None:
    """prefers-reduced-motion: nothing fades."""
    fades = "each => getComputedStyle(each).transitionDuration"
    body = picture(page).locator(".body")
    assert body.evaluate(fades) == "0.16s"
    page.emulate_media(reduced_motion="reduce")
    assert body.evaluate(fades) == "0s"
    page.emulate_media(reduced_motion="no-preference")


def test_a_second_tab_shows_the_same(notebook: Opened, page: Page, served: Served) -> None:
    """Both tabs answer, and what happens is seen in both."""
    notebook.command("docmanager:save")
    second = page.context.new_page()
    second.goto(f"http://{served.host}:{served.port}/lab/tree/{NAME}")
    second.locator(".tl .host").first.wait_for()
    for each in (second, page, second):
        asked(picture(each))
    second.close()


def test_a_laptop_that_slept(notebook: Opened, page: Page) -> None:
    """A kernel that does not answer: since when, and a button that catches up."""
    kernel = int(run(notebook, 2).text)
    shown = picture(page)
    os.kill(kernel, signal.SIGSTOP)
    try:
        expect(shown.locator(".trouble p")).to_contain_text("Out of touch since")
        shown.get_by_role("button", name="Catch up").click()
    finally:
        os.kill(kernel, signal.SIGCONT)
    expect(shown.locator(".trouble")).to_be_hidden()
    asked(shown)


def test_without_pictures_it_is_text(notebook: Opened) -> None:
    """TCPLAB_DISPLAY=text: the value of the cell is its text twin, and nothing else."""
    (shown,) = (output for output in run(notebook, 5).outputs if output["output_type"] == "execute_result")
    assert set(shown["data"]) == {"text/plain"}
    assert "".join(shown["data"]["text/plain"]).startswith("client and server: ")
    run(notebook, 6)


def test_a_world_that_went_down_comes_up_again(notebook: Opened, page: Page) -> None:
    """The picture keeps its last state, says so, and its button makes fresh hosts, which the cells then use."""
    run(notebook, 3)
    shown = picture(page)
    expect(shown.locator(".trouble p")).to_have_text(GONE)
    expect(shown.locator(".host").first).to_contain_text("client")
    shown.get_by_role("button", name="Bring it up again").click()
    expect(shown.locator(".trouble")).to_be_hidden()
    assert run(notebook, 4).text == "True 80\n"
    asked(picture(page))
    run(notebook, 3)


def test_a_restarted_kernel(lab: Lab, served: Served, page: Page) -> None:
    """The picture says that its world is gone, and its button leads to the first cell."""
    with opened(lab, served, "live-restarted.ipynb", *CELLS[:3]) as notebook:
        run(notebook, 0)
        run(notebook, 2)
        notebook.command("kernelmenu:restart", confirm=True)
        shown = page.locator(".tl:visible")
        expect(shown.locator(".trouble p")).to_have_text(RESTARTED)
        shown.get_by_role("button", name="Show that cell").click()
        page.wait_for_function(f"() => {{ {PANEL} return panel.content.activeCellIndex === 0; }}")
