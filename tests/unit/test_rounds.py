"""Comparisons, drawn: the text is whole without the picture, and no word of the picture stands on another."""

from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab.errors import BadValue
from tcplab.model.comparison import Comparison
from tcplab.notebook.look import RC
from tcplab.notebook.rounds import ratios, rounds
from tcplab.notebook.rounds_figure import figure

EQUAL = Comparison({"quiet": [30, 31, 29, 35, 30, 33], "busy": [30, 30, 30, 34, 31, 33]}, unit="µs")
THREE = Comparison({"off": [8] * 5, "on": [4, 5, 4, 4, 4.5], "direct": [0.5, 0.6, 0.5, 0.4, 0.5]}, unit="ms")


def test_printed_under_their_names(capsys):
    """A line a variant, with its ratio, interval and verdict."""
    rounds(both_empty=EQUAL, three=THREE)
    assert capsys.readouterr().out.splitlines() == [
        "both empty:",
        "  quiet: 30.5 µs",
        "  busy: 30.5 µs, 1.00 × quiet [0.97, 1.03], 6 rounds: no difference seen",
        "",
        "three:",
        "  off: 8 ms",
        "  on: 4 ms, 0.50 × off [0.50, 0.62], 5 rounds: less",
        "  direct: 0.5 ms, 0.06 × off [0.05, 0.07], 5 rounds: less",
    ]


def test_nothing_to_draw_is_refused():
    """The message says what is wanted."""
    with pytest.raises(BadValue, match="one or more"):
        rounds()


@pytest.mark.parametrize("rows", [{"both empty": EQUAL}, {"both empty": EQUAL, "variants of nginx": THREE}])
def test_no_word_of_the_picture_stands_on_another(rows):
    """Near 1 and far from it, each text has its place, and lies within the picture."""
    with mpl.rc_context({**RC, "font.sans-serif": ["DejaVu Sans"]}):
        made = figure({name: ratios(comparison) for name, comparison in rows.items()})
        boxes = {text.get_text() + str(at): text.get_window_extent() for at, text in enumerate(made.axes[0].texts)}
        width, height = made.get_size_inches() * made.dpi
    for (one, here), (other, there) in combinations(boxes.items(), 2):
        assert not here.overlaps(there), f"{one!r} stands on {other!r}"
    for words, box in boxes.items():
        assert 0 <= box.x0 < box.x1 <= width, f"{words!r} is cut off"
        assert 0 <= box.y0 < box.y1 <= height, f"{words!r} is cut off"
