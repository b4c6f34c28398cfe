"""The palette can be read: contrast, and distance under three kinds of colour blindness."""

from itertools import combinations

import numpy as np
import pytest
from tcplab.model.state import TcpState
from tcplab.notebook.look import INTERFACE, RC, STATES, Theme
from unit.colour_sight import SIGHTS, contrast, difference

THEMES: tuple[Theme, ...] = ("light", "dark")
BACKGROUNDS = ("paper", "sunk")
TEXT = ("ink", "second ink", "held", "dropped", "swallowed")
RAMP = ("60 s left", "45 s left", "30 s left", "15 s left")


def states_in(theme: Theme) -> dict[TcpState, str]:
    """Each state's colour in a theme."""
    return {state: getattr(look, theme) for state, look in STATES.items()}


def test_reference_values() -> None:
    """Contrast is WCAG's, distance CIEDE2000 as in its published test data."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    lab = np.array([[50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485]])
    assert difference(lab[0], lab[1]) == pytest.approx(2.0425, abs=1e-4)


def test_every_state_has_a_look() -> None:
    """No state is left out."""
    assert set(STATES) == set(TcpState)


@pytest.mark.parametrize("theme", THEMES)
def test_marks_stand_out(theme: Theme) -> None:
    """States, edges and what passed reach 3:1 on paper and on the sunk grey; ports do on what is free."""
    interface = INTERFACE[theme]
    marks = {**states_in(theme), "edge": interface["edge"], "passed": interface["passed"]}
    weak = [name for name, mark in marks.items() for at in BACKGROUNDS if contrast(mark, interface[at]) < 3]
    weak += [name for name in RAMP if contrast(interface[name], interface["free port"]) < 3]
    assert not weak


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: Theme) -> None:
    """All that may colour words reaches 4.5:1 on paper and on the sunk grey."""
    interface = INTERFACE[theme]
    weak = [name for name in TEXT for at in BACKGROUNDS if contrast(interface[name], interface[at]) < 4.5]
    assert not weak


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_states_differ_for_every_eye(theme: Theme, sight: str) -> None:
    """Families are 9 apart, states of one family 7, where the glyph decides."""
    seen = {state: SIGHTS[sight](colour) for state, colour in states_in(theme).items()}
    near = []
    for one, other in combinations(seen, 2):
        least = 7 if STATES[one].family is STATES[other].family else 9
        if difference(seen[one], seen[other]) < least:
            near.append(f"{one} and {other}")
    assert not near


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_fates_and_what_is_passed_differ_for_every_eye(theme: Theme, sight: str) -> None:
    """Words may be dropped or held, beside ink; a box is passed, or has its edge alone. Their shapes tell them, too."""
    seen = {name: SIGHTS[sight](colour) for name, colour in INTERFACE[theme].items()}
    pairs = [*combinations(("ink", "held", "dropped"), 2), ("passed", "edge"), ("passed", "paper"), ("ink", "edge")]
    assert not [pair for pair in pairs if difference(seen[pair[0]], seen[pair[1]]) < 9]


def test_glyphs_differ() -> None:
    """Each state has a shape of its own, so that no colour is needed."""
    assert len({(look.shape, look.mine, look.theirs) for look in STATES.values()}) == len(STATES)


def test_orange_is_time_wait_alone() -> None:
    """The cycle of plots has no orange: it comes by state only."""
    assert STATES[TcpState.TIME_WAIT].light not in str(RC["axes.prop_cycle"])
