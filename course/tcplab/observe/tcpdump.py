"""Capture in a host with tcpdump, and lose nothing at either end."""

import os
import re
import selectors
import shlex
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.errors import CommandFailed, NotReady, UnexpectedOutput
from tcplab.world.process import PIPE, Process

if TYPE_CHECKING:
    from tcplab.world.host import Host

# Room for a burst. In immediate mode every packet takes a slot as long as the longest possible: for "any", whose MTU
# libpcap does not know, that is 256 KiB, and the usual 2 MiB hold 8 packets (tcpdump 4.99.3, libpcap 1.10.3).
_ROOM = ("-B", "8192", "-s", "9216")
_READY = "listening on"
_COUNTS = re.compile(
    r"(\d+) packets? captured[,\n] ?(\d+) packets? received by filter[,\n] ?(\d+) packets? dropped by kernel"
)
_STARTED_WITHIN_S = 10.0
_STOPPED_WITHIN_S = 10.0
_PATIENCE_S = 2.0  # with traffic that does not stop there is no last packet
_QUIET_LOOKS = 3
_LOOK_S = 0.05  # three looks: longer than a delayed ACK (40 ms) and tcpdump's own delay


@dataclass(slots=True)
class Capture:
    """What tcpdump captures, or captured: the counts are its own, filled in when the block ends."""

    host: str
    argv: Sequence[str]
    path: Path
    packets: int = field(default=0, init=False)
    dropped: int = field(default=0, init=False)

    def __repr__(self) -> str:
        lost = f", {self.dropped} dropped by the kernel" if self.dropped else ""
        return f"{self.host}$ {shlex.join(self.argv)}\n{self.packets} packets captured{lost}"


@contextmanager
def capture(host: "Host", expression: str, path: str | os.PathLike[str], *, device: str = "eth0") -> Iterator[Capture]:
    """Capture into a file while the block runs.

    tcpdump is listening before the block begins, and has written down all that was sent when it ends.

    Args:
        host: where tcpdump runs.
        expression: what to capture, as in pcap-filter(7): "port 80"; empty for everything.
        path: the file to write, as the learner's machine names it.
        device: "eth0", "lo"; "any" gives Linux cooked frames.

    Raises:
        CommandFailed: tcpdump refused the expression or the file.

    Example:
        >>> with capture(bed.client, "port 80", "close.pcap") as captured:  # doctest: +SKIP
        ...     bed.client.run(["curl", "-s", "http://server/"])
        >>> captured.packets  # doctest: +SKIP
        10

    Source: tcpdump(8). Limit: what the kernel dropped is in `dropped`; for exact numbers look at counters().
    """
    target = Path(path).absolute()
    argv = ["tcpdump", "--immediate-mode", "-U", "-nn", "-i", device, *_ROOM, "-w", str(target)]
    argv += [expression] if expression else []
    captured = Capture(host.name, argv, target)
    with host.start(argv, stderr=PIPE) as tcpdump:
        said = _Said(tcpdump)
        said.until(_READY, _STARTED_WITHIN_S)
        yield captured
        host.settle()
        _drain(tcpdump, said)
        tcpdump.send_signal(signal.SIGINT)
        captured.packets, _, captured.dropped = said.counts()


def _drain(tcpdump: Process, said: "_Said") -> None:
    """Wait until tcpdump has taken all that its socket received, and nothing more comes, or it never stops coming."""
    start = time.monotonic()
    before, quiet = -1, 0
    while True:
        tcpdump.send_signal(signal.SIGUSR1)  # it says its counts
        taken, received, dropped = said.counts()
        waited_s, drained = time.monotonic() - start, taken + dropped >= received
        quiet = quiet + 1 if drained and received == before else 0
        before = received
        if quiet == _QUIET_LOOKS or (drained and waited_s > _PATIENCE_S):
            return
        if waited_s > _STOPPED_WITHIN_S:
            raise NotReady(
                f"tcpdump taking the {received - taken - dropped} packets that wait for it", _STOPPED_WITHIN_S
            )
        said.more(_LOOK_S)


class _Said:
    """What tcpdump has said so far on its standard error."""

    def __init__(self, tcpdump: Process) -> None:
        self._tcpdump = tcpdump
        self._text = ""

    def more(self, within_s: float) -> bool:
        """Wait for it to say more; returns False when it said nothing in that time."""
        stderr = self._tcpdump.stderr
        assert stderr is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stderr, selectors.EVENT_READ)
            if not selector.select(within_s):
                return False
        heard = os.read(stderr.fileno(), 1 << 16).decode(errors="replace")
        if not heard:
            raise CommandFailed(self._tcpdump.argv, self._tcpdump.wait(_STOPPED_WITHIN_S), self._text)
        self._text += heard
        return True

    def until(self, words: str, within_s: float) -> None:
        """Wait until it has said these words, and the rest of that line."""
        while words not in self._text or not self._text.endswith("\n"):
            if not self.more(within_s):
                raise NotReady(f"tcpdump saying {words!r}", within_s)
        self._text = ""

    def counts(self) -> tuple[int, int, int]:
        """What it says next of its counts: captured, received by filter, dropped by the kernel."""
        while (found := _COUNTS.search(self._text)) is None:
            if self._text.count("\n") > 3:
                raise UnexpectedOutput("tcpdump", self._text.splitlines()[0])
            if not self.more(_STOPPED_WITHIN_S):
                raise NotReady("tcpdump saying how much it captured", _STOPPED_WITHIN_S)
        self._text = self._text[found.end() :].lstrip("\n")
        captured, received, dropped = map(int, found.groups())
        return captured, received, dropped
