"""What a learner does in a lab, by keys alone."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest
from browser.lab import Lab
from browser.opened import Opened
from browser.served import Served

LAB = "01-what-crosses-the-wire.ipynb"
_STYLE = "([which, what]) => getComputedStyle(document.querySelector(which))[what]"
EXERCISE = 'check("unlisted_two"'


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Opened]:
    """Lab 01, run down to its first exercise."""
    with lab.opened(LAB) as notebook:
        notebook.walk_to(notebook.cell(EXERCISE))
        notebook.command("notebook:run-all-above")
        yield notebook


def asleep(served: Served) -> bool:
    """Whether what the cell began in a host runs."""
    return any("sleep 61" in words for words in served.processes().values())


def until(is_so: Callable[[], bool], *, within_s: float = 30.0) -> None:
    """Wait until processes have begun or ended, which are others' children."""
    deadline = monotonic() + within_s
    while not is_so():
        assert monotonic() < deadline
        sleep(0.05)


def test_an_answer_typed_into_its_cell_is_judged(notebook: Opened) -> None:
    """A wrong answer is told to be not yet right, the right one passes; no mouse is needed."""
    exercise = notebook.cell(EXERCISE)

    notebook.fill(exercise, "{1, 2}")
    wrong = notebook.run(exercise)
    notebook.fill(wrong, "{4, 5}", place="{1, 2}")
    right = notebook.run(wrong)

    assert wrong.text.startswith("◧ not yet")
    assert right.text.startswith("■ passed")


def test_text_is_set_as_sentences(notebook: Opened) -> None:
    """What a check says breaks between words, and a hint stands apart from the text below it."""
    assert notebook.page.evaluate(_STYLE, [".jp-OutputArea-output.jp-RenderedText pre", "wordBreak"]) == "normal"
    assert float(notebook.page.evaluate(_STYLE, [".jp-RenderedMarkdown details", "marginBottom"])[:-2]) >= 10


def test_an_interrupted_command_leaves_the_world_working(notebook: Opened, served: Served) -> None:
    """Interrupting the kernel ends what runs in a host, and nothing else."""
    sleeping = notebook.below(notebook.cell(EXERCISE), "%%on client\necho begun; sleep 61")
    notebook.begin()
    notebook.until_printed(sleeping, "begun")
    until(lambda: asleep(served))

    notebook.interrupt()
    assert notebook.ended(sleeping).error.startswith("KeyboardInterrupt")
    until(lambda: not asleep(served))

    connecting = "with bed.server.listen(9100), bed.client.connect(bed.server, 9100): print('connected')"
    working = notebook.below(sleeping, connecting)
    assert notebook.run(working).text == "connected\n"

    notebook.delete(working)
    notebook.delete(sleeping)


def test_a_restarted_kernel_begins_anew(lab: Lab, served: Served) -> None:
    """Restart and run all: the old world is gone, and the lab runs as before."""
    before = served.worlds()
    with lab.opened("00-the-server-is-well.ipynb") as notebook:
        begin = notebook.cell("up()")
        notebook.walk_to(begin)
        notebook.run(begin)
        first = served.worlds() - before  # which may come to hold less: the world of a test before may still be ending

        notebook.command("notebook:restart-run-all", confirm=True)

        assert first
        assert not [cell.error for cell in notebook.cells if cell.error]
        assert notebook.cell("down()").ran
        # bed.down() is the last cell: neither the old world nor the new one is there.
        until(lambda: served.worlds() <= before)
