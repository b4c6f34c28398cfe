"""A FIN said again, to scale: when it counts, what the twin says, and that the picture's words stand apart."""

from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab.errors import BadValue
from tcplab.model.conversation import conversations
from tcplab.notebook.look import RC
from tcplab.notebook.repeats import aligned, repeats, sent_s, twin
from tcplab.notebook.repeats_figure import figure
from unit.packets import script

PROBED = """
    client > S
    server > SA
    client > A
    server > FA
    client > A
    client > FA at 10
    server > A dropped at 10.0001
    client > FA again at 10.21
    server > A dropped at 10.2101
    client > FA again at 10.43
    server > A dropped at 10.4301
    client > FA again at 10.86
    server > A at 10.8601
"""
CLOCK = [(100.0, 59.9), (100.2, 59.7), (100.25, 59.95), (100.9, 59.3)]


def test_times_are_those_of_the_last_fin():
    """The first closer's FIN does not count; the last closer's does, each time."""
    (talk,) = conversations(script(PROBED))
    assert sent_s(talk) == pytest.approx((0, 0.21, 0.43, 0.86))


def test_twin_compares_each_gap_with_the_one_before():
    """What is the same on every machine is in words."""
    assert twin("as it is", (0, 0.21, 0.43, 0.86, 4.0)).splitlines() == [
        "as it is: a FIN, and 4 times more in 4 s.",
        "again 1  after 0.21 s",
        "again 2  after 0.22 s  as long as the gap before",
        "again 3  after 0.43 s  2 × the gap before",
        "again 4  after 3.14 s  7 × the gap before",
    ]
    assert twin("calm", (0.0,)) == "calm: a FIN, and never again."
    assert twin("odd", (0, 0.9, 1.0)).endswith("shorter")


def test_clock_is_aligned_by_the_minute_it_counts():
    """A clock that shows 59.9 has run for 0.1 s."""
    assert aligned(CLOCK)[0] == pytest.approx((0.1, 59.9))
    assert aligned(CLOCK)[-1] == pytest.approx((1.0, 59.3))


def test_printed_with_the_lowest_that_the_clock_showed(capsys):
    """The text is whole without the picture."""
    (talk,) = conversations(script(PROBED))
    repeats(as_it_is=talk, clock=CLOCK)
    said = capsys.readouterr().out
    assert said.startswith("as it is: a FIN, and 3 times more.")
    assert said.endswith("\n\nTIME_WAIT's clock never showed less than 59 s.\n")


def test_a_connection_that_nobody_closed_is_refused():
    """There is nothing to draw, and the message says what is missing."""
    (talk,) = conversations(script("client > S\nserver > SA\nclient > A"))
    for talks in ({}, {"open": talk}):
        with pytest.raises(BadValue, match="in which a FIN was sent"):
            repeats(**talks)


@pytest.mark.parametrize("rows", [1, 2])
def test_no_word_of_the_picture_stands_on_another(rows):
    """With a clock and without, each text has its place."""
    (talk,) = conversations(script(PROBED))
    named = {f"row {number}": sent_s(talk) for number in range(rows)}
    with mpl.rc_context({**RC, "font.sans-serif": ["DejaVu Sans"]}):
        made = figure(named, aligned(CLOCK))
        boxes = {text.get_text() + str(at): text.get_window_extent() for at, text in enumerate(made.axes[0].texts)}
    for (one, here), (other, there) in combinations(boxes.items(), 2):
        assert not here.overlaps(there), f"{one!r} stands on {other!r}"
