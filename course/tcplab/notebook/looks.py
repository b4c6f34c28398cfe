"""Looks that are taken in the background, while the notebook goes on."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from tcplab.errors import BadValue

Seen = TypeVar("Seen")

_LONGEST_S = 3600


class Looks(Mapping[float, Seen], Generic[Seen]):
    """What was seen at set times from now on: a mapping from seconds to what the look returned.

    It grows while other cells run, and prints nothing. Wait for a look with `wait_until(lambda: 30 in seen, …)`.

    Args:
        look: called without arguments, in a thread of its own
        after_s: when, seconds from now, 0 to 3600, in any order

    Raises:
        BadValue: after_s holds no times

    When a look fails, the rest are not taken, and asking for any of them raises what it raised.

    >>> seen = Looks(lambda: "TIME_WAIT", after_s=(0,))
    >>> from tcplab import wait_until
    >>> wait_until(lambda: 0 in seen, within_s=5, what="the first look")
    True
    >>> dict(seen)
    {0: 'TIME_WAIT'}
    """

    def __init__(self, look: Callable[[], Seen], *, after_s: Sequence[float]) -> None:
        times = list(after_s)
        if not times or any(type(at_s) not in (int, float) or not 0 <= at_s <= _LONGEST_S for at_s in times):
            raise BadValue("after_s", after_s, f"times such as (6, 30, 55), 0 to {_LONGEST_S} seconds from now")
        self._seen: dict[float, Seen] = {}
        self._failure: Exception | None = None
        # A daemon: a notebook that is closed does not wait for a look.
        thread = threading.Thread(target=self._take, args=(look, sorted(times), time.monotonic()), daemon=True)
        thread.start()

    def _take(self, look: Callable[[], Seen], times: Sequence[float], began_s: float) -> None:
        waiting = threading.Event()
        for at_s in times:
            waiting.wait(max(0.0, began_s + at_s - time.monotonic()))
            try:
                self._seen[at_s] = look()
            except Exception as error:  # noqa: BLE001 (threads do not print: it is raised where it is asked for)
                self._failure = error
                return

    def __getitem__(self, at_s: float) -> Seen:
        if at_s not in self._seen and self._failure is not None:
            raise self._failure
        return self._seen[at_s]

    def __iter__(self) -> Iterator[float]:
        return iter(tuple(self._seen))

    def __len__(self) -> int:
        return len(self._seen)

    def __repr__(self) -> str:
        return f"{len(self)} looks so far{'' if not self else ', the last after ' + format(max(self), 'g') + ' s'}"
