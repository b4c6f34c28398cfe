"""What is seen of `tcplab run` while it lasts: bars on a terminal, else lines."""

import io
import re
import sys

import pytest
from tcplab.command.execution import Progress, Result
from tcplab.command.needs import Need
from tcplab.command.schedule import Schedule
from tcplab.command.shown import Shown

NEEDS = {"00-a": Need(10), "01-b": Need(20), "02-c": Need(5)}


class Terminal(io.StringIO):
    """Keeps what is written to it, and says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def the_course(stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run three labs, two at once, of which the second to begin ends first; what was written."""
    monkeypatch.setattr(sys, "stderr", stderr)
    plan = Schedule(NEEDS, at_once=2)
    shown = Shown(NEEDS, plan)
    for _ in range(2):
        shown.begin(str(plan.begun()))
    shown.progress("00-a", Progress(3, 17))
    plan.ended("00-a")
    shown.end(Result("00-a", 10.0))
    shown.begin(str(plan.begun()))
    shown.tick()
    for name in ("01-b", "02-c"):
        plan.ended(name)
        shown.end(Result(name, 20.0, error="It failed"))
    shown.close()
    return stderr.getvalue()


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each lab that ends: its time, its verdict, how many are done, and how long the others take."""
    assert the_course(io.StringIO(), monkeypatch).splitlines() == [
        "00-a  10.0 s  passed  (1 of 3 labs, about 20 s left)",
        "01-b  20.0 s  failed  (2 of 3 labs, about 5 s left)",
        "02-c  20.0 s  failed  (3 of 3 labs)",
    ]


def test_bars_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for all with the time left, one for each that runs; who begins takes the line of who has ended."""
    said = the_course(Terminal(), monkeypatch)
    assert re.search(r"0 of 3 labs \S* +00:00, about 20 s left", said), said
    assert "00-a" in said
    assert re.search(r"3/17 cells", said), said
    assert "1 of 3 labs" in said
    down = [len(found) for found in re.findall(r"(\n*)\r? +(?:00-a|01-b|02-c)", said) if found]
    assert max(down) == 2, "two labs at once take two lines below the first"
