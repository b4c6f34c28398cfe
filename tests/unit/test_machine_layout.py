"""The diagram of the state machine: RFC 9293's Figure 5, whole, and legible where it is drawn."""

from itertools import combinations
from math import dist

import pytest
from tcplab.live.explained import MEANS, WAITS_FOR, arrow_to
from tcplab.model.state import TcpState as S
from tcplab.model.transitions import TRANSITIONS, onward, transition
from tcplab.notebook import machine_layout as layout

FIGURE_5 = {  # as the RFC draws it, each arrow once
    S.CLOSED: {S.LISTEN, S.SYN_SENT},
    S.LISTEN: {S.CLOSED, S.SYN_SENT, S.SYN_RECV},
    S.SYN_SENT: {S.CLOSED, S.SYN_RECV, S.ESTABLISHED},
    S.SYN_RECV: {S.LISTEN, S.ESTABLISHED, S.FIN_WAIT1},
    S.ESTABLISHED: {S.FIN_WAIT1, S.CLOSE_WAIT},
    S.FIN_WAIT1: {S.FIN_WAIT2, S.CLOSING, S.TIME_WAIT},  # the last by note 2
    S.FIN_WAIT2: {S.TIME_WAIT},
    S.CLOSING: {S.TIME_WAIT},
    S.CLOSE_WAIT: {S.LAST_ACK},
    S.LAST_ACK: {S.CLOSED},
    S.TIME_WAIT: {S.CLOSED},
}


TOKEN = (60, 20)
"""How large a token is: `server` in DejaVu Sans."""


def words_of(drawn: layout.Drawn) -> tuple[float, float, float, float]:
    """The box around what is said at an arrow: left, right, top, bottom."""
    (x, y), wide = drawn.words_at, 7.1 * max(len(drawn.arrow.event), len(drawn.arrow.sends) + 2)
    left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[drawn.align] * wide
    return left, left + wide, y - 6, y + (drawn.below if drawn.arrow.sends else 0) + 6


def test_every_arrow_of_the_figure_and_no_other() -> None:
    """Eleven states, twenty arrows and one of the notes."""
    assert {state: {arrow.end for arrow in onward(state)} for state in S} == FIGURE_5
    assert len(TRANSITIONS) == sum(map(len, FIGURE_5.values())) == 21


def test_every_state_is_explained_and_has_a_place() -> None:
    """None is forgotten, and an arrow leads to each."""
    assert set(layout.PLACES) == set(MEANS) == set(WAITS_FOR) == set(S)
    assert all(arrow_to(state).end is state for state in S)
    assert transition(S.LISTEN, S.TIME_WAIT) is None


def test_glyphs_stand_apart_and_inside() -> None:
    """A token and a name have room beside each."""
    places = [*layout.PLACES.values(), layout.THE_END]
    assert all(dist(one.at, other.at) > 70 for one, other in combinations(places, 2))
    for place in places:
        for x, y in (place.at, place.token_at, (place.token_at[0], place.token_at[1] + place.step)):
            assert 0 < x < layout.WIDTH
            assert 24 < y < layout.HEIGHT - 10


@pytest.mark.parametrize("drawn", layout.DRAWN, ids=lambda drawn: drawn.arrow.name)
def test_tokens_leave_the_words_of_arrows_legible(drawn: layout.Drawn) -> None:
    """Two in one state, with their names in the widest of the fonts, lie on no words."""
    left, right, top, bottom = words_of(drawn)
    for place in [*layout.PLACES.values(), layout.THE_END]:
        x, y = place.token_at
        for middle in (y, y + place.step):
            apart = right < x - TOKEN[0] / 2 or x + TOKEN[0] / 2 < left
            assert apart or bottom < middle - TOKEN[1] / 2 or middle + TOKEN[1] / 2 < top


@pytest.mark.parametrize("drawn", layout.DRAWN, ids=lambda drawn: drawn.arrow.name)
def test_an_arrow_ends_before_its_glyph(drawn: layout.Drawn) -> None:
    """It touches neither of them."""
    start, end = drawn.arrow.start, drawn.arrow.end
    last = layout.THE_END if end is S.CLOSED and layout.ends_right(start) else layout.PLACES[end]
    assert dist(drawn.points[0], layout.PLACES[start].at) == pytest.approx(layout.RADIUS + 6, abs=0.2)
    assert dist(drawn.points[-1], last.at) == pytest.approx(layout.RADIUS + 6, abs=0.2)


def test_an_rst_leads_to_the_end_by_a_bow() -> None:
    """It has no arrow in the figure (note 3), and is drawn where it happened."""
    line = layout.between(S.ESTABLISHED, S.CLOSED)
    assert len(line) == 3
    assert dist(line[-1], layout.THE_END.at) < dist(line[-1], layout.PLACES[S.CLOSED].at)
