"""Sockets watched: looks put together to stays, the twin's words, and a picture whose words stand apart."""

from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.state import TcpState
from tcplab.notebook.lifelines import lead_sentence, life, lifelines, twin
from tcplab.notebook.lifelines_figure import figure
from tcplab.notebook.look import RC
from unit.packets import ADDRESSES

ENDS = Endpoint(*ADDRESSES["client"]), Endpoint(*ADDRESSES["server"])


def seen(state: TcpState, clock_s: float | None = None) -> Connection:
    return Connection(state, *ENDS, timer=None if clock_s is None else "timewait", timer_s=clock_s)


GOES = life(5002, "client", [(0.0, seen(TcpState.FIN_WAIT2, 0.9)), (0.5, seen(TcpState.FIN_WAIT2, 0.4)), (1.0, None)])
STAYS = life(5002, "server", [(0.0, seen(TcpState.CLOSE_WAIT)), (3.0, seen(TcpState.CLOSE_WAIT))])
WAITS = life(5001, "client", [(0.0, seen(TcpState.FIN_WAIT2, 59.9)), (3.0, seen(TcpState.FIN_WAIT2, 56.9))])
CHANGES = life(
    5003, "client", [(0.0, None), (1.0, seen(TcpState.FIN_WAIT2)), (2.0, seen(TcpState.TIME_WAIT, 59)), (3.0, None)]
)
NOBODY = life(5004, "client", [(0.0, None), (3.0, None)])
LIVES = [WAITS, GOES, STAYS, CHANGES, NOBODY]


def test_a_state_lasts_to_the_look_that_shows_another():
    """Its end lies between two looks: the later one counts."""
    assert [(stay.state, stay.from_s, stay.to_s) for stay in CHANGES.stays] == [
        (TcpState.FIN_WAIT2, 1.0, 2.0),
        (TcpState.TIME_WAIT, 2.0, 3.0),
    ]
    assert [one.ended for one in LIVES] == [False, True, False, True, True]


def test_twin():
    """One line an end; the port stands once."""
    assert twin(LIVES).splitlines() == [
        "5001  client  FIN_WAIT2              FIN_WAIT2 56 s left",
        "5002  client  FIN_WAIT2              gone after 1.00 s",
        "      server  CLOSE_WAIT             no clock",
        "5003  client  FIN_WAIT2 → TIME_WAIT  gone after 3.00 s",
        "5004  client                         nothing",
    ]
    assert lead_sentence(LIVES) == "3 of 5 sockets gone at the last look."


def test_nothing_to_watch_is_refused():
    """Without a host or a port there is no picture."""
    with pytest.raises(BadValue, match="one port or more"):
        lifelines(ports=(80,), until=lambda: True, within_s=1)


@pytest.mark.parametrize("lives", [LIVES, [STAYS], [NOBODY]])
def test_words_stand_apart(lives):
    """No two texts of the picture touch, and none leaves it."""
    with mpl.rc_context(dict(RC)):
        drawn = figure(lives, 3.0)
        renderer = drawn.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in drawn.axes[0].texts]
    assert all(not one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(one.x0 >= 0 and one.x1 <= drawn.bbox.x1 and one.y0 >= 0 and one.y1 <= drawn.bbox.y1 for one in boxes)
