"""Pools put to the test: a right one, and each with one bug that pools have had, on a real kernel."""

# ruff: noqa: D102 (the methods of a pool are the same two in each)

from contextlib import suppress
from select import select
from threading import Lock

import pytest
from tcplab.checks.lab_08 import OWN_POOL
from tcplab.model.conversation import conversations
from tcplab.model.evidence import Evidence
from tcplab.model.round_trips import handshakes
from tcplab.traffic.pool_trial import tried

pytestmark = pytest.mark.by_anyone


def readable(mine):
    """Whether there is something to read, or the end."""
    return bool(select([mine], [], [], 0)[0])


class Pool:
    """As the lab's solution."""

    def __init__(self, connect):
        self.connect, self.idle = connect, []

    def take(self):
        """Hand out a connection that works."""
        with suppress(IndexError):
            while readable(mine := self.idle.pop()):
                mine.close()
            return mine
        return self.connect()

    def give(self, mine, well):
        """Take one back."""
        self.idle.append(mine) if well else mine.close()


class OneEach(Pool):
    """Opens a connection for each request."""

    def give(self, mine, well):
        mine.close()


class Shared(Pool):
    """Gives all the same connection."""

    def take(self):
        self.idle = self.idle or [self.connect()]
        return self.idle[0]

    def give(self, mine, well):
        pass


class OneAtATime(Pool):
    """Locks from take() to give()."""

    def __init__(self, connect):
        super().__init__(connect)
        self.lock = Lock()

    def take(self):
        self.lock.acquire()
        return super().take()

    def give(self, mine, well):
        super().give(mine, well)
        self.lock.release()


class KeepsOne(Pool):
    """Has room for one idle connection."""

    def give(self, mine, well):
        super().give(mine, well and not self.idle)


class Trusting(Pool):
    """Does not look."""

    def take(self):
        return self.idle.pop() if self.idle else self.connect()


class LooksOnce(Pool):
    """Looks at one, and hands out the next."""

    def take(self):
        if self.idle and readable(self.idle[-1]):
            self.idle.pop().close()
        return self.idle.pop() if self.idle else self.connect()


class Leaky(Pool):
    """Turns dead ones down, and keeps them."""

    def __init__(self, connect):
        super().__init__(connect)
        self.dead = []

    def take(self):
        while self.idle:
            mine = self.idle.pop()
            if not readable(mine):
                return mine
            self.dead.append(mine)
        return self.connect()


class Forgiving(Pool):
    """Keeps broken ones."""

    def give(self, mine, well):
        self.idle.append(mine)


class NotClosing(Pool):
    """Forgets broken ones without a close()."""

    def give(self, mine, well):
        if well:
            self.idle.append(mine)


class Blocking(Pool):
    """Waits until there is something to read."""

    def take(self):
        while self.idle and select([self.idle[-1]], [], [])[0]:
            self.idle.pop().close()
        return self.connect()


class Broken(Pool):
    """Does not know of `well`."""

    def give(self, mine):
        self.idle.append(mine)


def judged(bed, pool):
    """The verdict on a pool, from the trial and the wire."""
    trial = tried(pool, bed.client, bed.server, port=9000)
    return OWN_POOL.check(Evidence(segments=tuple(bed.wire.segments), answers={"own_pool": trial}))


def test_the_solution_passes_twice(bed):
    """Also when it is tried again, on the same ports; and the handshakes are those of the four scenes."""
    assert judged(bed, Pool).passed
    talks = conversations(bed.wire.segments)
    assert [handshakes(t for t in talks if t.server.port == 9000 + at) for at in range(4)] == [1, 2, 3, 2]
    assert judged(bed, Pool).passed


@pytest.mark.parametrize(
    ("pool", "says"),
    [
        (OneEach, "a handshake for each"),
        (Shared, "got the same connection"),
        (OneAtATime, "Who holds what it waits for"),
        (KeepsOne, "Keep all that come back"),
        (Trusting, "Its FIN lay there"),
        (LooksOnce, "looked at one"),
        (Leaky, "CLOSE_WAIT"),
        (Forgiving, "for an answer of its own"),
        (NotClosing, "did not close it either"),
        (Blocking, "could not be used"),
        (Broken, "could not be used"),
    ],
)
def test_each_bug_is_found(bed, pool, says):
    """A bug has its own message, and nothing hangs or raises."""
    verdict = judged(bed, pool)
    assert not verdict.passed
    assert says in verdict.message, f"{verdict.message} · {verdict.got}"


def test_three_dots_are_no_attempt(bed):
    """A class with nothing in it is not tried: no connection is opened for it."""

    class Untouched:
        def __init__(self, connect):
            self.connect = connect

        def take(self): ...

        def give(self, mine, well): ...

    before = len(bed.wire.segments)
    assert tried(Untouched, bed.client, bed.server, port=9000) is ...
    assert len(bed.wire.segments) == before


def test_nothing_stays_behind(bed):
    """After a trial its ports are free, whatever the pool kept."""
    tried(Leaky, bed.client, bed.server, port=9000)
    for at in range(4):
        bed.server.listen(9000 + at).close()
