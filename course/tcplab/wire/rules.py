"""Rules for the wire: checked here, before they can quietly never match, and held by a handle."""

import sys
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict

from tcplab.errors import BadRule, BadValue, WorldDown
from tcplab.model.frame import FLAG_LETTERS
from tcplab.model.segment import Segment
from tcplab.world.channel import if_up

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from tcplab.wire.wire import Wire
    from tcplab.world.host import Host

SETTLE_WITHIN_S = 1.0
_LARGEST = 1 << 20
_LARGEST_FUNCTION_BYTES = 150_000  # a question to the wire's process is one packet
_MOST_COPIES = 100
_HEADERS_BYTES = 40  # IPv4 and TCP, without options


class Condition(TypedDict, total=False):
    """What a rule matches; all that is given must hold. Nothing given matches every TCP segment."""

    flags: str
    having: str
    source: "Host | str | IPv4Address | IPv6Address"
    destination: "Host | str | IPv4Address | IPv6Address"
    port: int
    source_port: int
    destination_port: int
    payload_bytes: int | tuple[int, int]
    first: int
    when: Callable[[Segment], bool]


def checked(condition: Condition, hosts: "Sequence[Host]", mtu: int) -> dict[str, Any]:
    """Return a condition as the wire's process takes it.

    Raises:
        BadRule: It could never match: unknown flags, a host that is not on this wire, no such port.
    """
    asked: dict[str, Any] = {}
    if unknown := set(condition) - set(Condition.__annotations__):
        strange, given = next((name, given) for name, given in condition.items() if name in unknown)
        raise BadRule(strange, given, f"conditions are {', '.join(Condition.__annotations__)}")
    for name in ("flags", "having"):
        if name in condition:
            asked[name] = _bits(name, condition[name])
    if "flags" in asked and asked["flags"] & asked.get("having", 0) != asked.get("having", 0):
        raise BadRule("having", condition["having"], f"letters of flags={condition['flags']!r}, which is exact")
    for name in ("source", "destination"):
        if name in condition:
            asked[name] = _addresses(name, condition[name], hosts)  # type: ignore[literal-required]
    if "source" in asked and "destination" in asked and not _crosses(asked["source"], asked["destination"], hosts):
        raise BadRule("destination", condition["destination"], "an address of the other host, of the family of source")
    for name in ("port", "source_port", "destination_port"):
        if name in condition:
            asked[name] = _whole(name, condition[name], 1, 65535)  # type: ignore[literal-required]
    if {"port", "source_port", "destination_port"} <= set(asked) and asked["port"] not in (
        asked["source_port"],
        asked["destination_port"],
    ):
        raise BadRule("port", asked["port"], f"{asked['source_port']} or {asked['destination_port']}, given beside it")
    if "payload_bytes" in condition:
        asked["payload_bytes"] = _payload(condition["payload_bytes"], mtu - _HEADERS_BYTES)
    if "first" in condition:
        asked["first"] = _whole("first", condition["first"], 1, _LARGEST)
    if "when" in condition:
        asked["when"] = _function(condition["when"])
    return asked


def _bits(name: str, letters: object) -> int:
    if not isinstance(letters, str) or not letters or set(letters) - set(FLAG_LETTERS):
        raise BadRule(name, letters, f'letters of {FLAG_LETTERS}, such as "S", "SA", "A", "PA", "FA", "R"')
    return sum(1 << FLAG_LETTERS.index(letter) for letter in set(letters))


def _addresses(name: str, given: Any, hosts: "Sequence[Host]") -> list[bytes]:
    known = ", ".join(f"bed.{host.name} ({host.address})" for host in hosts)
    for host in hosts:
        if given is host or given == host.name:
            return [address.packed for address in host.addresses]
    try:
        address = ip_address(given)
    except ValueError:
        raise BadRule(name, given, f"one of {known}, or an address") from None
    if address not in {a for host in hosts for a in host.addresses}:
        raise BadRule(name, given, f"a host or address on this wire: {known}")
    return [address.packed]


def _whole(name: str, given: object, least: int, most: int) -> int:
    if type(given) is not int or not least <= given <= most:
        raise BadRule(name, given, f"a whole number from {least} to {most}")
    return given


def _crosses(sources: list[bytes], destinations: list[bytes], hosts: "Sequence[Host]") -> bool:
    """Tell whether a segment can go from one of the sources to one of the destinations."""
    sides = {address.packed: host.name for host in hosts for address in host.addresses}
    return any(len(a) == len(b) and sides[a] != sides[b] for a in sources for b in destinations)


def _payload(given: Any, largest: int) -> tuple[int, int]:
    bounds = tuple(given) if isinstance(given, tuple | list) else (given, given)
    if len(bounds) != 2 or any(type(each) is not int for each in bounds) or not 0 <= bounds[0] <= bounds[1]:
        raise BadRule("payload_bytes", given, "a length in bytes, or (least, most)")
    if bounds[0] > largest:
        raise BadRule("payload_bytes", given, f"0 to {largest}: more does not fit a segment on this wire")
    return bounds[0], bounds[1]


def _function(when: object) -> tuple[bytes, list[str]]:
    import cloudpickle

    if not callable(when):
        raise BadRule("when", when, "a function of one Segment that returns True or False")
    try:
        function = cloudpickle.dumps(when)
    except Exception as error:
        allowed = f"a function that holds no socket, bed or file, for it runs in the wire's process ({error})"
        raise BadRule("when", when, allowed) from error
    if len(function) > _LARGEST_FUNCTION_BYTES:
        raise BadRule("when", when, f"a function with less around it: it takes {len(function):,} bytes with it")
    return function, sys.path[:]


def delay_ns(rtt_ms: Any, one_way_ms: Any) -> int:
    """Return nanoseconds for each direction, from a round trip or a one-way time in ms."""
    if (rtt_ms is None) == (one_way_ms is None):
        raise BadValue("rtt_ms", rtt_ms, "either rtt_ms=… (half of it each way) or one_way_ms=…")
    name, given, share = ("rtt_ms", rtt_ms, 2) if one_way_ms is None else ("one_way_ms", one_way_ms, 1)
    return _nanoseconds(name, given) // share


def _nanoseconds(name: str, given: Any) -> int:
    if type(given) not in (int, float) or not 0 <= given <= 60_000:
        raise BadValue(name, given, "milliseconds, 0 to 60,000")
    return int(given * 1e6)


class Rule:
    """A rule in force, from the call that made it until `remove()` or the end of its `with` block.

    Both wait until what was sent before has arrived, so that the rule holds for what you do inside.
    """

    def __init__(self, wire: "Wire", number: int, text: str, adds_ms: float = 0) -> None:
        self.number = number
        self.adds_ms = adds_ms
        """What it adds to every round trip, in ms; 0 if only some segments are later for it."""
        self._wire = wire
        self._text = text
        self._last: tuple[int, list[int], str] | None = None

    def __repr__(self) -> str:
        try:
            return f"{self._text}: matched {self.matched}{'' if self._last is None else ', removed'}"
        except WorldDown:
            return f"{self._text}: its wire is down"

    @property
    def call(self) -> str:
        """Return the call that made it: `drop(flags='A', source=bed.server)`."""
        return self._text

    @property
    def matched(self) -> int:
        """Return how many segments it has matched so far."""
        return self._look()[0]

    def remove(self, *, settle_s: float = SETTLE_WITHIN_S) -> None:
        """End the rule, once what is on its way has arrived. Does nothing the second time.

        Args:
            settle_s: wait for that so many seconds at most
        """
        if self._last is None:
            self._last = self._wire.ask("remove", self.number, settle_s=settle_s)
            self._wire.forget(self.number)
            self._complain(self._last[2])

    def _look(self) -> tuple[int, list[int], str]:
        seen: tuple[int, list[int], str] = self._last or self._wire.ask("look", self.number)
        return seen

    def _complain(self, error: str) -> None:
        if error:
            raise BadRule("when", "your function", f"a function that does not raise; it raised {error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if_up(self.remove)


class Held(Rule):
    """A rule that holds segments back. The end of its block lets go what still waits."""

    @property
    def waiting(self) -> list[Segment]:
        """Return the segments that wait, oldest first."""
        return [] if self._last is not None else self._wire.segments_of(self._look()[1])

    def release(self, place: int | None = None, *, copies: int = 0, after_ms: float = 0) -> None:
        """Let all that wait go on, in order, or only the one at a place (0 = oldest).

        Args:
            place: which of those that wait
            copies: how many more of it arrive beside it
            after_ms: how much later it goes on; it waits no longer here, and is recorded as delayed until it arrives
        """
        self._act("release", place, _whole("copies", copies, 0, _MOST_COPIES), _nanoseconds("after_ms", after_ms))

    def discard(self, place: int | None = None) -> None:
        """Drop all that wait, or only the one at a place (0 = oldest)."""
        self._act("discard", place)

    def peek(self) -> list[Segment]:
        """Return the segments that wait by now, without waiting for what is on its way: see Wire.peek()."""
        if self._last is not None:
            return []
        _, numbers, _ = self._wire.ask("look", self.number, settle_s=0)
        return self._wire.segments_of(numbers)

    def _act(self, operation: str, place: int | None, copies: int = 0, delayed_ns: int = 0) -> None:
        count = 0 if self._last is not None else len(self._look()[1])
        if place is not None and not -count <= place < count:
            raise BadValue("place", place, f"0 to {count - 1}" if count else "nothing: no segment waits here")
        if self._last is None:
            details = (copies, delayed_ns) if operation == "release" else ()
            self._wire.ask(operation, self.number, place, *details)
            if not delayed_ns:
                self._wire.ask("settle")


class Kept(Held):
    """A rule that keeps copies of segments that have gone on. The end of its block throws away what still waits."""
