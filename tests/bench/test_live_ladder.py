"""A wire that is looked at, beside one that is not: what a live ladder costs those who talk."""

import threading

from bench.report import best, median, report
from bench.wires import packets_per_s
from tcplab import Testbed
from tcplab.live.ladder import Ladder, live_ladder

ROUNDS = 9


class Shown:
    """A ladder that is looked at as a browser has it looked at: again and again, from another thread."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._over = threading.Event()
        self._pulses = threading.Thread(target=self._pulse)

    def _pulse(self) -> None:
        while not self._over.is_set():
            self._ladder.answer({"do": "pulse"})
            self._over.wait(1)

    def __enter__(self) -> None:
        self._pulses.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pulses.join()


def test_at_least_four_fifths_of_a_wire_that_nobody_looks_at(capsys):
    """Packets a second of a bulk transfer, in turn with and without a ladder: the median ratio of nine rounds."""
    with Testbed.two_hosts() as watched, Testbed.two_hosts() as alone:
        packets_per_s(watched), packets_per_s(alone)
        ladder = live_ladder(watched.wire)

        def ratio():
            pairs = []
            for _ in range(ROUNDS):
                with Shown(ladder):
                    ladder.look()  # what crossed in earlier rounds has been read
                    seen = packets_per_s(watched)
                pairs.append((seen, packets_per_s(alone)))
            ours, theirs = (median(each) for each in zip(*pairs, strict=True))
            row = {"ladder": ours, "nobody": theirs, "ratio": median([a / b for a, b in pairs])}
            with capsys.disabled():
                report("a wire with a ladder, beside one without", {"packets/s": row})
            return row["ratio"]

        assert best(ratio, lambda found: found >= 0.8) >= 0.8
        assert watched.wire.lost == 0
        ladder.close()
