"""The wire between two hosts, as its owner holds it: what crossed, and rules for what crosses."""

import contextlib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from tcplab.errors import BadRule, NotReady, SegmentsLost, WorldDown
from tcplab.model.segment import Segment
from tcplab.wire.record import Record, Segments, Tally
from tcplab.wire.rules import SETTLE_WITHIN_S, Condition, Held, Kept, Rule, checked, delay_ns
from tcplab.world.interrupt import interrupt_waits

if TYPE_CHECKING:
    from tcplab.world.channel import Channel
    from tcplab.world.host import Host

_TALLY_BYTES = 1 << 17  # some hundred segments
R = TypeVar("R", bound=Rule)


def _in_code(value: object) -> str:
    if callable(value):
        return getattr(value, "__name__", "…")
    name = getattr(value, "name", None)
    return repr(value) if name is None else f"bed.{name}"


class Wire:
    """A wire that is a program: it records every segment, and does with it what your rules say.

    Rules apply in the order in which they were made; `drop` and `hold` end the way of a segment,
    `delay`, `duplicate` and `keep` add up. Conditions are keyword arguments (see Condition): flags="FA" is
    exact, having="F" is at least.

    >>> with bed.wire.drop(flags="A", source=bed.server):   # doctest: +SKIP
    ...     mine.close()
    """

    def __init__(
        self, name: str, channel: "Callable[[], Channel]", record: Record, hosts: "Sequence[Host]", mtu: int
    ) -> None:
        self.name = name
        self.mtu = mtu
        self.hosts = tuple(hosts)
        self._channel = channel
        self._record = record
        self._lost = 0
        self._rules: dict[int, Rule] = {}

    def __repr__(self) -> str:
        return f"{self.name}: {' — '.join(host.name for host in self.hosts)}"

    # ---- looking

    @property
    def segments(self) -> Segments:
        """Return all TCP segments that came to the wire so far, oldest first, with their fates."""
        self._catch_up()
        return self._record.segments()

    def peek(self) -> Segments:
        """Return what is recorded by now, without waiting for what is on its way: for those who look again soon.

        Any thread may ask, and nothing is warned of: `segments` does that.
        """
        with contextlib.suppress(WorldDown):
            self.ask("settle", settle_s=0)
        return self._record.segments()

    def tally(self) -> Tally:
        """Count what has come to the wire by now, and wait for nothing: for pictures that move.

        A burst is taken note of bit by bit, so that who watches does not slow the wire; `behind` says that there is
        more.
        """
        (_, written, _, _), _ = self._channel().ask("settle", 0.0)
        self._record.extend(min(written, self._record.size_bytes + _TALLY_BYTES))
        return self._record.tally(behind=written > self._record.size_bytes)

    @property
    def clock(self) -> tuple[float, bool]:
        """Return the time by the clock of its segments (s), and whether it still goes: it ends with the world."""
        return self._record.now_s, not self._record.is_over

    @property
    def lost(self) -> int:
        """Return how many frames the wire's own sockets lost: must be 0, else the record has holes."""
        self._catch_up()
        return self._lost

    def segments_of(self, numbers: Sequence[int]) -> list[Segment]:
        """Return segments by the wire's own numbers, as rules know them."""
        return self._record.segments_of(numbers)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the record as a pcap file that Wireshark opens; see Record.save.

        Raises:
            SaveFailed: It could not be written whole.
        """
        self._catch_up()
        return self._record.save(path)

    def settle(self, within_s: float = SETTLE_WITHIN_S) -> None:
        """Wait until all that was sent so far has arrived; what is held does not count.

        Raises:
            NotReady: Traffic still flows after within_s (seconds).
        """
        settled, _ = self._ask("settle", (), within_s)
        if not settled:
            raise NotReady(f"The traffic on {self.name} has not come to rest", within_s)

    def settled_at(self) -> int:
        """Settle, for a second at most, and return the size of the record: a bed of two wires compares it."""
        self.ask("settle")
        return self._record.size_bytes

    # ---- rules

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force, in the order in which they are asked."""
        return tuple(self._rules.values())

    def drop(self, **condition: Unpack[Condition]) -> Rule:
        """Drop the segments that match.

        Raises:
            BadRule: The condition could never match.
        """
        return self._add(Rule, "drop", condition)

    def hold(self, **condition: Unpack[Condition]) -> Held:
        """Hold the segments that match until `release()`, `discard()` or the end of the block."""
        return self._add(Held, "hold", condition)

    def keep(self, **condition: Unpack[Condition]) -> Kept:
        """Keep a copy of each segment that matches; the segment itself goes on.

        So a network makes an old duplicate: of two copies one is quick, and the other waits in a queue somewhere.
        `release()` lets copies arrive, each a segment of its own in the record; at its end the rest is gone.
        """
        return self._add(Kept, "keep", condition)

    def delay(
        self, *, rtt_ms: float | None = None, one_way_ms: float | None = None, **condition: Unpack[Condition]
    ) -> Rule:
        """Delay the segments that match: half of rtt_ms each way, or one_way_ms."""
        given = {"rtt_ms": rtt_ms} if one_way_ms is None else {"one_way_ms": one_way_ms}
        return self._add(Rule, "delay", condition, given, delay_ns=delay_ns(rtt_ms, one_way_ms))

    def redelay(self, before: Rule | None, *, rtt_ms: float) -> Rule | None:
        """Delay all segments from now on, in place of a delay before, and wait for nothing: what a dial does.

        Of segments that are on their way, later ones may come first, as where a network finds a shorter way.

        Returns: the rule; None for 0 ms, which takes none.
        """
        rule = None
        if rtt_ms:
            rule = self._add(Rule, "delay", {}, {"rtt_ms": rtt_ms}, settle_s=0, delay_ns=delay_ns(rtt_ms, None))
        if before is not None:
            before.remove(settle_s=0)
        return rule

    def duplicate(self, **condition: Unpack[Condition]) -> Rule:
        """Deliver the segments that match twice."""
        return self._add(Rule, "duplicate", condition, copies=1)

    def swallow_repeats(self, *, wanted: bool) -> None:
        """Take repeats of held segments out, recorded as swallowed: for `Testbed.patient()`."""
        self.ask("patient", wanted)

    def _add(
        self,
        handle: "type[R]",
        action: str,
        condition: Condition,
        given: "Mapping[str, object] | None" = None,
        *,
        settle_s: float = SETTLE_WITHIN_S,
        **more: int,
    ) -> "R":
        asked = {"action": action, **checked(condition, self.hosts, self.mtu), **more}
        written = {**(given or {}), **condition}
        said = ", ".join(f"{name}={_in_code(value)}" for name, value in written.items())
        adds_ms = 0 if condition else round(2 * more.get("delay_ns", 0) / 1e6, 3)
        rule: R | None = None
        try:
            with interrupt_waits(lambda: rule and rule.remove()):
                number = self.ask("add", asked, settle_s=settle_s)
                rule = self._rules[number] = handle(self, number, f"{action}({said})", adds_ms)
        except OSError as error:
            allowed = f"a function that can be loaded in the wire's process ({error.filename})"
            raise BadRule("when", condition.get("when"), allowed) from None
        return rule

    def forget(self, number: int) -> None:
        """Take note that a rule is no longer in force."""
        self._rules.pop(number, None)

    # ---- the wire's process

    def ask(self, operation: str, *arguments: object, settle_s: float = SETTLE_WITHIN_S) -> Any:
        """Ask the wire's process; it settles first, for settle_s at most, then does it."""
        return self._ask(operation, arguments, settle_s)[1]

    def _ask(self, operation: str, arguments: Sequence[object], settle_s: float) -> tuple[bool, Any]:
        said, _ = self._channel().ask(operation, settle_s, *arguments, within_s=settle_s + 30)
        settled, written, lost, answer = said
        self._record.extend(written)
        if lost > self._lost and settle_s:
            warnings.warn(SegmentsLost(lost - self._lost), stacklevel=4)
            self._lost = lost
        return settled, answer

    def close(self) -> None:
        """Keep the record, whole, when the wire's process has ended."""
        self._record.close()

    def _catch_up(self) -> None:
        with contextlib.suppress(WorldDown):  # what was recorded before the end stays readable
            self._ask("settle", (), SETTLE_WITHIN_S)
