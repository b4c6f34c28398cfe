"""The hosts and wires of a bed, and how they are found: `bed.client`, `bed.wire`, or why this bed has none."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, NoReturn, Self, TypeVar, overload

from tcplab.errors import BadValue, WorldDown
from tcplab.wire.record import Record, packed
from tcplab.wire.wire import Wire
from tcplab.world.channel import Channel
from tcplab.world.host import Host
from tcplab.world.plan import Plan

if TYPE_CHECKING:
    from tcplab.testbed.bed import Testbed

Found = TypeVar("Found")


def made(
    plan: Plan, records: dict[str, int], way: Callable[[str], Callable[[], Channel]], settle: Callable[[], None]
) -> tuple[dict[str, Host], dict[str, Wire]]:
    """Return the hosts and wires of a world that has come up.

    Args:
        plan: What it was made from.
        records: The descriptors of its wires' records, which become the wires'.
        way: What leads to a part by its name, at each time that it is asked.
        settle: What a host calls before it looks.
    """
    names = plan.names()
    hosts = {host: Host(host, interfaces, way(host), settle, names) for host, interfaces in plan.interfaces.items()}
    wires = {}
    for name, part in plan.parts.items():
        if part["kind"] == "wire":
            record = Record(records.pop(name), packed(names))
            wires[name] = Wire(name, way(name), record, [hosts[host] for host in part["hosts"]], part["mtu"])
    return hosts, wires


def host_named(bed: "Testbed", name: str) -> Host:
    """Return a host of a bed that is up.

    Raises:
        BadValue: Beds of this shape have no such host.
        WorldDown: It is not up.
    """
    if name in bed.hosts:
        return bed.hosts[name]
    known = {end[0] for span in bed.spans for end in span.ends}
    if name in known:
        raise WorldDown(f"bed.{name}", "its bed is not up")
    raise BadValue("host", name, f"the hosts of this bed: {', '.join(sorted(known))}")


def wire_named(bed: "Testbed", name: str) -> Wire:
    """Return a wire of a bed that is up.

    Raises:
        BadValue: Beds of this shape have no such link, or this one's links record nothing.
        WorldDown: It is not up.
    """
    if name in bed.wires:
        return bed.wires[name]
    if name not in {span.name for span in bed.spans}:
        raise BadValue("wire", name, f"the links of this bed: {', '.join(span.name for span in bed.spans)}")
    if bed.link == "veth":
        raise BadValue("link", "veth", 'link="wire" for a bed whose segments are recorded and ruled')
    raise WorldDown(f"bed.{name}", "its bed is not up")


class Part(Generic[Found]):
    """A part of a bed as its attribute: the name of the attribute is that of the part."""

    def __init__(self, find: "Callable[[Testbed, str], Found]", what: str) -> None:
        self._find = find
        self.__doc__ = what

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, bed: None, owner: type) -> Self: ...

    @overload
    def __get__(self, bed: "Testbed", owner: type) -> Found: ...

    def __get__(self, bed: "Testbed | None", owner: type) -> Self | Found:
        return self if bed is None else self._find(bed, self._name)

    def __set__(self, bed: "Testbed", value: object) -> NoReturn:
        raise AttributeError(f"bed.{self._name} is a part of the world, and cannot be set")
