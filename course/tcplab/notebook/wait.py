"""Waiting for a condition, with a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

from tcplab.errors import BadValue, NotReady

T = TypeVar("T")

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.001, 0.05


def wait_until(condition: Callable[[], T], *, within_s: float, what: str = "what was awaited") -> T:
    """Wait until a condition holds, and return what it returned.

    Args:
        condition: looked at until it is true; it may be slow
        within_s: the longest wait (seconds, more than 0); the condition is looked at once more when it is over
        what: what is awaited, in field words, for the error message

    Raises:
        NotReady: it did not hold in that time

    >>> answers = iter([False, "TIME_WAIT"])
    >>> wait_until(lambda: next(answers), within_s=5, what="TIME_WAIT on the server")
    'TIME_WAIT'
    """
    if not within_s > 0:
        raise BadValue("within_s", within_s, "more than 0 seconds")
    deadline = time.monotonic() + within_s
    pause_s = _FIRST_PAUSE_S
    while not (held := condition()):
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise NotReady(what, within_s)
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
    return held
