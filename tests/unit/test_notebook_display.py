"""How pictures reach a learner: where they can be shown, and everywhere as text."""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from tcplab.notebook import display
from tcplab.notebook.display import graphics, png, present
from tcplab.notebook.look import PRINT


class Shell:
    """What IPython.get_ipython() returns in a notebook."""

    kernel = object()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, object], dict[str, object]]]:
    """What is shown, in a notebook's kernel."""
    shown: list[tuple[dict[str, object], dict[str, object]]] = []
    monkeypatch.setattr("IPython.core.getipython.get_ipython", Shell)
    monkeypatch.setattr("IPython.display.publish_display_data", lambda data, metadata: shown.append((data, metadata)))
    return shown


def test_picture_and_twin(
    published: list[tuple[dict[str, object], dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a notebook the picture is shown, with words for who cannot see it, and the twin is printed too."""
    monkeypatch.delenv("TCPLAB_DISPLAY", raising=False)
    present(Figure, "the twin", says="A picture.")
    assert capsys.readouterr().out == "the twin\n"
    ((data, metadata),) = published
    assert data["text/plain"] == "A picture."
    assert str(data["image/png"])[2:].startswith("\\x89PNG")
    assert metadata == {"image/png": {"width": 880, "alt": "A picture."}}


@pytest.mark.usefixtures("published")
def test_text_only_when_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With TCPLAB_DISPLAY=text nothing is drawn at all."""
    monkeypatch.setenv("TCPLAB_DISPLAY", "text")
    present(lambda: pytest.fail("drawn"), "the twin", says="A picture.")
    assert capsys.readouterr().out == "the twin\n"


def test_no_picture_outside_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script or a terminal gets the text."""
    monkeypatch.delenv("TCPLAB_DISPLAY", raising=False)
    assert not graphics()


def test_our_look_holds_while_we_draw() -> None:
    """Drawing happens under the course's settings, and the same figure gives the same bytes."""
    seen = []

    def draw() -> Figure:
        seen.append(mpl.rcParams["text.color"])
        return Figure()

    before = dict(mpl.rcParams)
    assert png(draw) == png(draw)
    assert seen == [PRINT["ink"]] * 2
    assert dict(mpl.rcParams) == before
    assert not hasattr(display, "plt")
