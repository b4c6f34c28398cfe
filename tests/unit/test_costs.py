"""What a request costs: the words of the twin, and that the picture's words stand apart."""

from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab.errors import BadValue
from tcplab.notebook.costs import Cost, costs, lead_sentence, twin
from tcplab.notebook.costs_figure import figure
from tcplab.notebook.look import RC

FRESH = Cost("no pool", {0: (0.9, 1.1, 8.0), 50: (101.0, 102.0, 140.0)}, 6, 12)
KEPT = Cost("kept", {0: (0.4, 0.5, 0.6), 50: (51.0, 51.5, 60.0)}, 0, 6)


def test_twin_counts_and_has_no_times():
    """What is the same on every machine is in words; the times are the picture's."""
    assert twin([FRESH, KEPT]).splitlines() == [
        "no pool:  6 requests  6 handshakes  2 round trips a request",
        "kept:     6 requests  0 handshakes  1 round trip a request",
    ]
    assert lead_sentence([FRESH, KEPT]) == "no pool: 2 round trips a request; kept: 1 round trip a request."


def test_nothing_to_measure_is_refused():
    """No way of asking, no round-trip time, no request: nothing is measured."""
    for asked in ({"rtt_ms": (0,)}, {"rtt_ms": (), "one": print}, {"rtt_ms": (0,), "each": 0, "one": print}):
        with pytest.raises(BadValue, match="one or more"):
            costs(None, **asked)


@pytest.mark.parametrize(
    "found",
    [[FRESH, KEPT], [KEPT, Cost("nearly the same", KEPT.took_ms, 1, 7)], [Cost("only here", {0: (0.4, 30.0)}, 2, 4)]],
    ids=["two", "alike", "one"],
)
def test_no_word_of_the_picture_stands_on_another(found):
    """Lines that end together have names above one another; one round-trip time is a picture, too."""
    with mpl.rc_context({**RC, "font.sans-serif": ["DejaVu Sans"]}):
        made = figure(found)
        boxes = {text.get_text() + str(at): text.get_window_extent() for at, text in enumerate(made.axes[0].texts)}
    for (one, here), (other, there) in combinations(boxes.items(), 2):
        assert not here.overlaps(there), f"{one!r} stands on {other!r}"
