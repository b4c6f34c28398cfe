"""The parts of a ladder and their measures: pixels of a picture 880 wide, y running down."""

from dataclasses import dataclass, field

from tcplab.model.conversation import Turn
from tcplab.notebook.steps import Side, Step

WIDTH, CLIENT_X, SERVER_X = 880.0, 252.0, 692.0
WIRE_X = (CLIENT_X + SERVER_X) / 2
TOP, FIRST_ROW, ROW, SLOPE, BOTTOM = 58.0, 26.0, 38.0, 16.0, 18.0
KNEE, ARRIVAL_ROW, FORK, LANE = 18.0, 32.0, 10.0, 12.0
PAUSE, SPOKEN_PAUSE, CUT_ROW = 14.0, 32.0, 40.0
LABEL_LINE, LABEL_GAP = 14.0, 6.0


@dataclass(slots=True)
class Rung:
    """One segment's line; `arrives_y` is None while it has not, `lane` keeps late ones apart at the wire.

    `crossed` is true where it met another on its way, by itself: its line is steeper, without a knee. `times` counts
    the repeats that the wire has swallowed: they share one line.
    """

    turn: Turn
    sent_y: float
    leaves_wire_y: float
    arrives_y: float | None
    crossed: bool = False
    lane: int = 0
    times: int = 1

    @property
    def meets_wire_y(self) -> float:
        """Where it comes to the wire: half a slope down."""
        return self.sent_y + SLOPE / 2

    @property
    def knee(self) -> bool:
        """Whether it waits at the wire before it goes on."""
        return self.leaves_wire_y > self.meets_wire_y and not self.crossed


@dataclass(frozen=True, slots=True)
class Label:
    """A state beside a rail: the step into it, where it begins, and its cause in lines that fit.

    `anew` is true where the state is the one before: TIME_WAIT whose 60 s begin again.
    """

    step: Step
    y: float
    cause_lines: tuple[str, ...]
    anew: bool = False

    @property
    def bottom(self) -> float:
        """The first y that the next label may take."""
        return self.y + LABEL_LINE * (len(self.cause_lines) + (not self.anew)) + LABEL_GAP


@dataclass(slots=True)
class Layout:
    """A whole ladder. `pauses` are (y, words): the rails break there, and words say why where they are not empty."""

    rungs: list[Rung] = field(default_factory=list)
    labels: dict[Side, list[Label]] = field(default_factory=lambda: {"client": [], "server": []})
    pauses: list[tuple[float, str]] = field(default_factory=list)
    cut_y: float | None = None
    end_y: float = TOP
