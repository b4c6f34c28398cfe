"""Who is left with TIME_WAIT in many runs: the tally, how far it can be trusted, and a picture that can be read."""

from itertools import combinations

import matplotlib as mpl
import pytest
from exercises import OPEN
from tcplab.errors import BadValue
from tcplab.model.conversation import conversations
from tcplab.model.holding import Holding, holder, holding
from tcplab.notebook.holders import holders, twin
from tcplab.notebook.holders_figure import figure
from tcplab.notebook.look import RC
from unit.packets import script

HELD = {
    "curl": Holding(("client",) * 40),
    "server: timeout 0": Holding(("server",) * 31 + ("both",) * 5 + ("client",) * 4),
    "reset": Holding(("neither",)),
}


@pytest.mark.parametrize(
    ("close", "left"),
    [
        ("client > FA\nserver > A\nserver > FA\nclient > A", "client"),
        ("server > FA\nclient > FA\nserver > A", "server"),
        ("client > FA at 9\nserver > FA at 9.0001 unaware\nclient > A\nserver > A", "both"),
        ("client > RA", "neither"),
        ("client > FA", "neither"),
    ],
)
def test_holder(close, left):
    """Who said FIN before it heard of the other's; nobody after a reset, or while the close is half done."""
    assert holder(conversations(script(OPEN + close))[0]) == left


def test_each_side_is_counted_alone_or_with_the_other():
    """A run that leaves both counts for both."""
    one = HELD["server: timeout 0"]
    assert (one.at("client"), one.at("server")) == (9, 36)
    assert repr(one) == "client 4, server 31, both 5"


def test_forty_of_forty_is_not_always():
    """The interval of none and of all stays inside 0 and 1, and does not shrink to a point."""
    assert HELD["curl"].interval("client") == pytest.approx((0.912, 1.0), abs=0.001)
    assert HELD["curl"].interval("server") == pytest.approx((0.0, 0.088), abs=0.001)
    low, high = HELD["server: timeout 0"].interval("client")
    assert low < 9 / 40 < high


def test_nothing_to_tally_is_refused():
    """No connection, no row: said so."""
    with pytest.raises(BadValue, match="one connection or more"):
        holding([])
    with pytest.raises(BadValue, match="one or more, by name"):
        holders()


def test_twin():
    """Two lines a row; the name stands once."""
    assert twin(HELD).splitlines()[:3] == [
        "curl               client  40 of 40  [91–100 %]",
        "                   server   0 of 40  [0–9 %]",
        "server: timeout 0  client   9 of 40  [12–38 %]",
    ]


@pytest.mark.parametrize("held", [HELD, {"one": HELD["reset"]}, {"many": Holding(("server", "both") * 500)}])
def test_words_stand_apart(held):
    """No two texts of the picture touch, and none leaves it."""
    with mpl.rc_context(dict(RC)):
        drawn = figure(held)
        renderer = drawn.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in drawn.axes[0].texts]
    assert all(not one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(one.x0 >= 0 and one.x1 <= drawn.bbox.x1 and one.y0 >= 0 and one.y1 <= drawn.bbox.y1 for one in boxes)
