"""The state machine for print: whole, legible, and with the way that was taken; its twin says the same."""

from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.transforms import Bbox
from tcplab.errors import BadValue
from tcplab.model.conversation import conversations
from tcplab.model.standing import Standing, with_beginning
from tcplab.model.transitions import TRANSITIONS
from tcplab.notebook.look import PRINT, RC
from tcplab.notebook.state_machine import SIDES, state_machine, way
from tcplab.notebook.state_machine_figure import figure
from tcplab.notebook.steps import steps
from unit.packets import script

FONTS = ("DejaVu Sans", "Liberation Sans")
OPEN = "client > S\nserver > SA\nclient > A\n"
ENDS = {
    "both open": OPEN,
    "the server closes first": OPEN + "server > FA\nclient > A\nclient > FA\nserver > A",
    "at once": OPEN + "client > FA until 9\nserver > FA until 10\nserver > A\nclient > A",
    "asking": "client > S",
    "reset": OPEN + "client > PA 5\nserver > RA",
}
_SHRINK = 1.5


def drawn(scene: str, font: str = "DejaVu Sans") -> Figure:
    """A scene's figure, in one font."""
    if font not in {each.name for each in fontManager.ttflist}:
        pytest.skip(f"{font} is not installed here")
    (talk,) = conversations(script(ENDS[scene]))
    walked = steps(talk)
    with mpl.rc_context({**RC, "font.sans-serif": [font]}):
        made = figure({side: Standing(with_beginning(way(walked, side))) for side in SIDES})
        made.canvas.draw()
    return made


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("scene", ENDS)
def test_labels_touch_nothing(scene: str, font: str) -> None:
    """No words meet other words or the edge, also where both ends stand in one state."""
    made = drawn(scene, font)
    boxes = {}
    for at, text in enumerate(made.axes[0].texts):
        box = text.get_window_extent()
        boxes[f"{at} {text.get_text()}"] = Bbox.from_extents(
            box.x0 + _SHRINK, box.y0 + 2 * _SHRINK, box.x1 - _SHRINK, box.y1 - 2 * _SHRINK
        )
    assert not [(one, other) for one, other in combinations(boxes, 2) if boxes[one].overlaps(boxes[other])]
    assert not [name for name, box in boxes.items() if box.x0 < 0 or box.x1 > made.bbox.x1 or box.y0 < 0]


def test_every_arrow_is_there_and_the_way_is_ink() -> None:
    """Thin grey ones for what is possible, and a thick one for each step of each end."""
    lines = drawn("the server closes first").axes[0].lines
    thin = [line for line in lines if to_hex(line.get_color()) == PRINT["edge"]]
    assert len(thin) == len(TRANSITIONS) + 1  # and the legend's
    client = [line for line in lines if round(line.get_linewidth() / 0.72, 1) == 2.5]
    server = [line for line in lines if round(line.get_linewidth() / 0.72, 1) == 5.0]
    assert (len(client), len(server)) == (5 + 1, 6 + 1)


def test_the_twin_says_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """In text: where both are, and how they came there; the same rules for which= as the ladder's."""
    segments = script(ENDS["the server closes first"])
    state_machine(segments, title="Who closes first")
    assert capsys.readouterr().out == (
        "Who closes first\n\nClient in CLOSED, server in TIME_WAIT.\n\n"
        "client: CLOSED → SYN_SENT → ESTABLISHED → CLOSE_WAIT → LAST_ACK → CLOSED\n"
        "server: CLOSED → LISTEN → SYN_RECV → ESTABLISHED → FIN_WAIT1 → FIN_WAIT2 → TIME_WAIT\n"
    )
    with pytest.raises(BadValue):
        state_machine(segments, which=1)
