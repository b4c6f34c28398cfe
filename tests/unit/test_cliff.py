"""connect() against ports in use: where it becomes slow, what the twin says, and the picture's words."""

import errno
from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab.errors import BadValue
from tcplab.model.connects import Connects
from tcplab.notebook.cliff import cliff, lead_sentence, medians_us, slow_from, twin
from tcplab.notebook.cliff_figure import figure
from tcplab.notebook.look import RC


def row(*tenths_us, refused_us=700.0):
    """Ten connects a tenth, each with an odd one out that no median must notice."""
    took = [us for us in tenths_us for us in (*([float(us)] * 9), 9000.0)]
    return Connects(tuple(range(40000, 40000 + len(took))), tuple(took), errno.EADDRNOTAVAIL, refused_us)


STEP = row(30, 30, 28, 31, 33, 400, 390, 380, 350, 340)


def test_the_step_is_found_by_medians():
    """One connect in ten that took 9 ms changes nothing."""
    assert medians_us(STEP) == [30, 30, 28, 31, 33, 400, 390, 380, 350, 340]
    assert slow_from(STEP) == 0.5
    assert lead_sentence(STEP) == "100 connects, one port each: connect() is slow from 50 % on; then EADDRNOTAVAIL."


@pytest.mark.parametrize(
    ("tenths_us", "share"),
    [
        ([30] * 10, None),
        ([30, 30, 90, 30, 30, 30, 30, 30, 30, 30], None),  # slow for a while, and quick again
        ([30, 30, 90, 30, 30, 90, 90, 90, 90, 90], 0.5),
        ([30, 30, 30, 30, 30, 30, 30, 30, 30, 90], 0.9),
        ([30, 90, 90, 90, 90, 90, 90, 90, 90, 90], 0.1),
    ],
)
def test_slow_is_what_stays_slow(tenths_us, share):
    """Twice the first tenth, to the end."""
    assert slow_from(row(*tenths_us)) == share


def test_twin_has_a_line_a_tenth():
    """The words are the same on every machine where the step is."""
    lines = twin(STEP).splitlines()
    assert len(lines) == 12
    assert lines[2].split() == ["0", "to", "10", "%", "30", "µs"]
    assert lines[7].split() == ["50", "to", "60", "%", "400", "µs", "slow:", "13", "×", "the", "first"]


def test_it_prints_and_refuses(capsys):
    """The text is whole without the picture; a handful of connects is no row."""
    cliff(STEP)
    assert capsys.readouterr().out.startswith("100 connects, one port each")
    with pytest.raises(BadValue, match="20 connects"):
        cliff(STEP[:19])


@pytest.mark.parametrize(
    "given", [STEP, row(*[30] * 10, refused_us=None), row(*[3] * 5, *[40_000] * 5, refused_us=1e6)]
)
def test_words_stand_apart_and_inside(given):
    """No two texts overlap, and none is cut off at the edge, whatever the machine's speed."""
    with mpl.rc_context(dict(RC)):
        drawn = figure(given, medians_us(given))
        boxes = [text.get_window_extent() for text in drawn.axes[0].texts]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    width, height = drawn.get_size_inches() * drawn.dpi
    assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height for box in boxes)
