"""Probes, found in a conversation by their number; and the picture of the three namesakes."""

from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
from exercises import OPEN
from tcplab.model.conversation import conversations
from tcplab.model.probing import probes
from tcplab.notebook.look import RC
from tcplab.notebook.namesakes import NAMESAKES, figure, namesakes
from unit.packets import script

ASKED = OPEN + "client > PA 20\nserver > A\nserver > PA 10\nclient > A\n"


def with_probe(text: str, *places: int) -> list:
    """A script's connection in which the segments at these places count from one before."""
    segments = script(text)
    for at in places:
        segments[at] = replace(segments[at], seq=(segments[at].seq - 1) % 2**32)
    return probes(conversations(segments)[0]), probes(conversations(segments)[0], from_client=False)


def test_a_probe_repeats_the_last_number():
    """One below the next, with no byte; its answer is an ACK like any other."""
    mine, theirs = with_probe(ASKED + "client > A\nserver > A", 7)
    assert [turn.seq for turn in mine] == [20]
    assert not theirs


def test_either_side_may_probe():
    """The side is the asker's to say."""
    mine, theirs = with_probe(ASKED + "server > A dropped\nserver > A dropped", 7, 8)
    assert not mine
    assert [turn.seq for turn in theirs] == [10, 10]


def test_what_is_sent_again_is_no_probe():
    """A retransmission has its bytes with it, and a plain ACK has the next number."""
    mine, theirs = with_probe(OPEN + "client > PA 1 dropped\nclient > PA 1 again\nserver > A\nclient > A")
    assert not mine
    assert not theirs


def test_namesakes_are_told_apart(capsys):
    """The table has a line for each; in the picture no two words touch, and none leaves it."""
    namesakes()
    assert len(capsys.readouterr().out.splitlines()) == len(NAMESAKES)
    with mpl.rc_context(dict(RC)):
        drawn = figure()
        renderer = drawn.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in drawn.axes[0].texts]
    assert all(not one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(one.x0 >= 0 and one.x1 <= drawn.bbox.x1 and one.y0 >= 0 and one.y1 <= drawn.bbox.y1 for one in boxes)
