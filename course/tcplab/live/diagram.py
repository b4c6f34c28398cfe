"""What the state machine's picture knows before anything happens: states, arrows, and what is said of them."""

import json
from dataclasses import asdict
from functools import cache
from typing import Any

from tcplab.live.explained import MEANS, WAITS_FOR, arrow_to, code
from tcplab.model.state import TcpState
from tcplab.model.transitions import onward
from tcplab.notebook import machine_layout as layout


@cache
def diagram() -> str:
    """Return it as JSON, for the browser."""
    arrows = {drawn.arrow.name: _arrow(drawn) for drawn in layout.DRAWN}
    others = [(start, end) for start in TcpState for end in TcpState if start is not end]
    return json.dumps(
        {
            "width": layout.WIDTH,
            "height": layout.HEIGHT,
            "radius": layout.RADIUS,
            "chapters": layout.CHAPTERS,
            "places": {str(state): asdict(place) for state, place in layout.PLACES.items()}
            | {"END": asdict(layout.THE_END)},
            "endsRight": [str(state) for state in TcpState if layout.ends_right(state)],
            "states": {str(state): _state(state) for state in TcpState},
            "arrows": arrows,
            "lines": {f"{one}-{other}": layout.between(one, other) for one, other in others},
        }
    )


def _state(state: TcpState) -> dict[str, Any]:
    return {
        "means": MEANS[state],
        "waits": WAITS_FOR[state],
        "by": arrow_to(state).name,
        "on": [arrow.name for arrow in onward(state)],
    }


def _arrow(drawn: layout.Drawn) -> dict[str, Any]:
    arrow = drawn.arrow
    return {
        "start": str(arrow.start),
        "end": str(arrow.end),
        "event": arrow.event,
        "sends": arrow.sends,
        "section": arrow.section,
        "rare": arrow.rare,
        "points": drawn.points,
        "at": drawn.words_at,
        "align": drawn.align,
        "below": drawn.below,
        "code": code(arrow),
    }
