"""The ladder as a picture: nothing stands on anything else, whatever font the machine has."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.transforms import Bbox
from tcplab.model.conversation import conversations
from tcplab.notebook.ladder_figure import figure
from tcplab.notebook.look import PRINT, RC
from tcplab.notebook.steps import steps
from unit.packets import script

FONTS = ("DejaVu Sans", "Liberation Sans")
OPEN = "client > S\nserver > SA\nclient > A\n"
SCENES = {
    "lost last ACK": OPEN
    + """client > PA 78
    server > A
    server > FA
    client > A
    client > FA
    server > A dropped
    client > FA again
    server > A""",
    "three segments": OPEN + "client > FA at 3\nserver > FA at 3.0001\nclient > A at 3.0002",
    "simultaneous": OPEN + "client > FA at 3\nserver > FA unaware at 3.0005\nclient > A\nserver > A",
    "held and swallowed": "client > S held\nclient > S again swallowed\nclient > S again swallowed",
    "every fate, wide": OPEN
    + """client > PA 1448 dropped
    client > PA 1448 again held
    client > PA 1448 again swallowed
    server > PA 1200 duplicated
    client > R""",
    "delayed": "client > S until 0.02 at 0\nserver > SA until 0.04 at 0.021\nclient > A until 0.06 at 0.041",
}
_SHRINK = 1.5


@contextmanager
def drawn(scene: str, font: str) -> Iterator[Figure]:
    """A scene's figure, in one font: matplotlib looks for it as late as when it measures."""
    if font not in {each.name for each in fontManager.ttflist}:
        pytest.skip(f"{font} is not installed here")
    (talk,) = conversations(script(SCENES[scene]))
    with mpl.rc_context({**RC, "font.sans-serif": [font]}):
        yield figure(talk, steps(talk))


def boxes(made: Figure) -> dict[str, Bbox]:
    """Where each label stands, a little less than it takes with its air; the letters on chips are no labels."""
    found = {}
    for at, text in enumerate(made.axes[0].texts):
        box = text.get_window_extent()
        if text.get_color() != PRINT["paper"]:
            found[f"{at} {text.get_text()}"] = Bbox.from_extents(
                box.x0 + _SHRINK, box.y0 + 2 * _SHRINK, box.x1 - _SHRINK, box.y1 - _SHRINK
            )
    return found


def points_on_lines(made: Figure) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Points close to each other on every line but the white ones, which break the rails."""
    axes, parts = made.axes[0], np.linspace(0, 1, 200)[:, None]
    ways = [axes.transData.transform(line.get_xydata()) for line in axes.lines if line.get_color() != PRINT["paper"]]
    return np.concatenate([start + (end - start) * parts for way in ways for start, end in pairwise(way)])


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("scene", SCENES)
def test_labels_touch_nothing(scene: str, font: str) -> None:
    """No label meets another label, a segment's line, or the edge of the picture."""
    with drawn(scene, font) as made:
        found = boxes(made)
        x, y = points_on_lines(made).T
    touching = [f"{one} / {other}" for one, other in combinations(found, 2) if found[one].overlaps(found[other])]
    touching += [
        f"{name} / a line"
        for name, box in found.items()
        if np.any((box.x0 < x) & (x < box.x1) & (box.y0 < y) & (y < box.y1))
    ]
    edge = made.bbox
    touching += [f"{name} / the edge" for name, box in found.items() if box.x0 < 0 or box.x1 > edge.x1 or box.y0 < 0]
    assert not touching


def test_states_fill_the_rails_without_a_hole() -> None:
    """Each bar begins where the one above it ends, in the order of the states."""
    with drawn("lost last ACK", "DejaVu Sans") as made:
        bars = [patch for patch in made.axes[0].patches if patch.get_zorder() == 1]
    right = sorted((bar.get_bbox() for bar in bars if bar.get_bbox().x0 > 440), key=lambda box: box.y0)
    assert len(right) == 7
    assert all(0 < below.y0 - above.y1 <= 2 for above, below in pairwise(right))


def test_repeats_that_were_swallowed_share_one_line() -> None:
    """However often a held SYN is said again: two lines, and how often."""
    with drawn("held and swallowed", "DejaVu Sans") as made:
        said = [text.get_text() for text in made.axes[0].texts]
    assert "repeated 2 times, swallowed" in said
    assert sum("SYN" in words for words in said if "_" not in words) == 2


def test_nothing_is_set_globally() -> None:
    """Drawing leaves matplotlib's own settings, and its list of open figures, as they were."""
    before = dict(mpl.rcParams)
    with drawn("three segments", "DejaVu Sans"):
        pass
    assert dict(mpl.rcParams) == before
