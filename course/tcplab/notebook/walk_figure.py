"""The way of a connect() through the kernel's questions, drawn as a line with its stops."""

from typing import TYPE_CHECKING

from tcplab.model.reuse import Question, Walk
from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.sheet import Sheet
from tcplab.notebook.walk import EXITS, answered, ending, heading, passed_by

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcplab.model.state import TcpState

WIDTH, TOP, ROW = 880.0, 62.0, 33.0
LINE, WORDS, ANSWER, STATE, EXIT = 214.0, 232.0, 448.0, 516.0, 640.0
STOP, WALKED, LAID = 5.0, 2.5, 1.0
ASKERS = (
    ("__inet_hash_connect", Question.RESERVED, Question.BOUND),
    ("__inet_check_established", Question.SAME, Question.REMNANT),
    ("tcp_twsk_unique", Question.OVER, Question.AGE),
)
"""Which function of the kernel asks, from which question to which."""


def figure(walked: Walk) -> "Figure":
    """Draw a walk; call it with the look's settings."""
    questions, counts = list(Question), passed_by(walked)
    foot = TOP + ROW * len(questions)
    sheet = Sheet(WIDTH, foot + 40)
    sheet.text(20, 20, heading(walked), size=15, weight="bold")
    for name, first, last in ASKERS:
        _asker(sheet, name, _y(questions.index(first)), _y(questions.index(last)))

    sheet.line([(LINE, TOP - 22), (LINE, foot)], color="edge", width=LAID)
    asked = [question for question in questions if question in counts]
    through = any(path.taken and path.end in (Question.AGE, Question.TIMESTAMPS) for path in walked.paths)
    end = foot if through else _y(questions.index(asked[-1]))
    sheet.line([(LINE, TOP - 22), (LINE, end)], width=WALKED, zorder=3)

    ports = len(walked.paths or walked.search.ports)
    for number, question in enumerate(questions):
        _stop(sheet, question, answered(question, counts, ports), counts.get(question), _y(number))
    _met(sheet, walked, _y(questions.index(Question.SAME)))
    _foot(sheet, walked, foot, reached=through)
    return sheet.figure


def _y(number: int) -> float:
    return TOP + ROW * number


def _asker(sheet: Sheet, name: str, top: float, bottom: float) -> None:
    sheet.text(20, (top + bottom) / 2, name, size=11.5, color="second ink", mono=True)
    sheet.line([(198, top - 11), (194, top - 11), (194, bottom + 11), (198, bottom + 11)], color="edge", width=1)


def _stop(sheet: Sheet, question: Question, answer: str, counts: tuple[int, int] | None, y: float) -> None:
    """One question: its place on the line, its words, its answer, and the way out of the line."""
    asked, left = counts is not None, counts is not None and counts[1] > 0
    ink = "ink" if asked else "second ink"
    sheet.box(
        LINE - STOP, y - STOP, 2 * STOP, 2 * STOP, fill=ink if asked else "paper", edge=ink, radius=STOP, zorder=4
    )
    sheet.text(WORDS, y, str(question), color=ink)
    sheet.text(ANSWER, y, answer, color=ink, weight="bold" if asked else "normal", size=12 if asked else 11.5)
    if left:
        sheet.line([(EXIT - 34, y), (EXIT - 10, y)], width=WALKED)
        sheet.polygon([(EXIT - 6, y), (EXIT - 14, y - 4.5), (EXIT - 14, y + 4.5)])
        sheet.text(EXIT, y, EXITS[question], weight="bold")


def _met(sheet: Sheet, walked: Walk, y: float) -> None:
    """What the port's four-tuple is held by, if it is one port and something holds it."""
    states = {port.state for port in walked.search.ports} - {None}
    if len(walked.search.ports) == 1 and states and any(Question.SAME in dict(path.answers) for path in walked.paths):
        state: TcpState | None = states.pop()
        assert state is not None
        draw_glyph(sheet.axes, state, STATE, y)
        sheet.text(STATE + 12, y, str(state), size=11.5)


def _foot(sheet: Sheet, walked: Walk, y: float, *, reached: bool) -> None:
    if reached:
        sheet.polygon([(LINE, y + 5), (LINE - 5.5, y - 5), (LINE + 5.5, y - 5)])
        sheet.text(WORDS, y, "taken, in the old one's place", weight="bold")
    else:
        sheet.text(WORDS, y, "taken, in the old one's place", color="second ink")
    words = ending(walked)
    sheet.text(20, y + 24, f"{words[0].upper()}{words[1:]}.", size=12)
