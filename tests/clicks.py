"""Clicks on a TCP debugger that nobody watches, and what waits in it."""

from tcplab import wait_until
from tcplab.live.debugger import Debugger


def do(shown: Debugger, what: str, **details: object) -> None:
    """Click: what it answers; it must not refuse."""
    answer = shown.answer({"do": what, **details})
    assert "refused" not in answer, answer["refused"]


def waiting(shown: Debugger, *, count: int = 1) -> list[tuple[str, str, str]]:
    """What waits, from when so many do."""

    def enough() -> bool:
        shown.look()
        return len(shown.waiting) >= count

    wait_until(enough, within_s=5)
    return [(each["letter"], each["from"], each["flags"]) for each in shown.waiting]


def next_waits(shown: Debugger, flags: str) -> None:
    """Wait until one segment waits, of these flags."""
    wait_until(lambda: (shown.look(), [each["flags"] for each in shown.waiting])[1] == [flags], within_s=5)


def first(shown: Debugger) -> int:
    """The number of the one that waits longest."""
    number: int = shown.waiting[0]["number"]
    return number
