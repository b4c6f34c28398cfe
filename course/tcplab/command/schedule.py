"""Which lab begins when. Pure: it is told what has happened, and says what may begin.

A lab that measures runs while nothing else does; beside it may only be one that is asleep, and that one does not wake
before it has ended. So what sleeps begins first, then what measures, then the others, the longest first: a minute of
TIME_WAIT passes behind all that. Nothing overtakes, so nobody waits for ever.
"""

from collections.abc import Mapping

from tcplab.command.needs import Need


class Schedule:
    """The labs that wait, and those that run.

    Args:
        needs: of each lab, by its name
        at_once: how many may run, the sleeping ones counted; one at a time they run in the order given

    >>> plan = Schedule({"a": Need(5), "b": Need(9, alone=True), "c": Need(7)}, at_once=2)
    >>> plan.begun(), plan.begun()  # b measures: nothing begins beside it
    ('b', None)
    >>> plan.ended("b")
    >>> plan.begun(), plan.begun()
    ('c', 'a')
    """

    def __init__(self, needs: Mapping[str, Need], *, at_once: int) -> None:
        self._needs, self._at_once = dict(needs), at_once
        self._waiting = list(needs) if at_once == 1 else sorted(needs, key=self._rank)
        self._asleep: dict[str, bool] = {}  # of each that runs
        self._called: list[str] = []  # have slept, and wait for leave to go on

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return those that have not begun, in the order in which they will."""
        return tuple(self._waiting)

    @property
    def running(self) -> tuple[str, ...]:
        """Return those that have begun and not ended."""
        return tuple(self._asleep)

    def begun(self) -> str | None:
        """Begin the next lab, if it may run beside what does, and return its name."""
        if not self._waiting or len(self._asleep) >= self._at_once or self._measuring():
            return None
        if self._needs[self._waiting[0]].alone and not all(self._asleep.values()):
            return None
        name = self._waiting.pop(0)
        self._asleep[name] = False
        return name

    def fell_asleep(self, name: str) -> None:
        """Take note that nothing of a lab runs until its clock has come round."""
        self._asleep[name] = True

    def called(self, name: str) -> None:
        """Take note that a lab's clock has come round: it waits for leave to go on."""
        self._called.append(name)

    def woken(self) -> str | None:
        """Wake one that was called, if nothing else measures, and return its name."""
        if not self._called or self._measuring(besides=self._called[0]):
            return None
        name = self._called.pop(0)
        self._asleep[name] = False
        return name

    def ended(self, name: str) -> None:
        """Take note that a lab has ended, well or not."""
        del self._asleep[name]
        if name in self._called:
            self._called.remove(name)

    def copy(self) -> "Schedule":
        """Return another in the same state, to try out what will come."""
        other = Schedule(self._needs, at_once=self._at_once)
        other._waiting, other._asleep, other._called = self._waiting[:], dict(self._asleep), self._called[:]
        return other

    def _measuring(self, *, besides: str = "") -> bool:
        return any(self._needs[name].alone for name in self._asleep if name != besides)

    def _rank(self, name: str) -> tuple[bool, bool, float, str]:
        need = self._needs[name]
        return (not need.asleep_s, not need.alone, -need.seconds, name)
