"""The world, drawn: what exists, what is in it, and what is outside."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.model.segment import Fate
from tcplab.model.state import TcpState
from tcplab.notebook.beds import hosts, newest
from tcplab.notebook.display import present
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcplab.testbed import Testbed
    from tcplab.world.shape import Span

NO_WORLD = "No world is up. Bring one up: bed = Testbed.two_hosts().up()"
OUTSIDE = "your machine: this notebook runs here, an ordinary process; nothing here was changed"
INSIDE = "the world of this notebook: network namespaces that end with it; no route leads out"
_FATES_COUNTED = 5_000


@dataclass(frozen=True, slots=True)
class HostSeen:
    """A host as it is drawn: its devices with their addresses, its sockets counted by state, its programs by name."""

    name: str
    devices: tuple[tuple[str, tuple[str, ...]], ...]
    sockets: tuple[tuple[TcpState, int], ...]
    programs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """What lies between two hosts: a wire's process with what crossed it and its rules, or a pair of veth devices."""

    name: str
    programmable: bool
    segments: int = 0
    fates: tuple[tuple[Fate, int], ...] = ()
    rules: tuple[str, ...] = ()
    sent_by: tuple[int, int] = (0, 0)
    behind: bool = False


@dataclass(frozen=True, slots=True)
class WorldSeen:
    """One look at a world: hosts from left to right, and the link after each but the last."""

    hosts: tuple[HostSeen, ...]
    links: tuple[LinkSeen, ...]


def draw(bed: "Testbed | None" = None) -> None:
    """Draw a bed's world: its hosts, devices, addresses and sockets, its wire, and what is outside.

    Args:
        bed: the newest that is up by default

    >>> draw(bed)          # doctest: +SKIP
    """
    bed = newest(bed)
    if bed is None or not bed.is_up:
        print(NO_WORLD)
        return
    seen = look_at(bed)

    def picture() -> "Figure":
        from tcplab.notebook.world_figure import figure

        return figure(seen)

    names, links = (", ".join(each.name for each in parts) for parts in (seen.hosts, seen.links))
    present(picture, tree(seen), says=f"A world with {names}, linked by {links}; your machine is outside it.")


def look_at(bed: "Testbed") -> WorldSeen:
    """Take one look at all that a bed has."""
    from tcplab.observe.sockets import sockets

    seen = []
    for name, host in hosts(bed).items():
        counted = Counter(connection.state for connection in sockets(host))
        seen.append(HostSeen(name, devices(name, bed.spans), tuple(sorted(counted.items()))))
    return WorldSeen(tuple(seen), tuple(_link(span.name, bed) for span in bed.spans))


def tree(seen: WorldSeen) -> str:
    """Return the world as an indented tree: the hosts from left to right, between them their links."""
    rows: list[tuple[str, ...]] = []
    for at, host in enumerate(seen.hosts):
        last = at == len(seen.hosts) - 1
        for row, (device, addresses) in enumerate(host.devices):
            head = f"{'└──' if last else '├──'} {host.name}" if row == 0 else ("   " if last else "│  ")
            rows.append((head, device, ", ".join(addresses)))
        if host.sockets:
            counted = ", ".join(f"{count:,} {state}" for state, count in host.sockets)
            rows.append(("   " if last else "│  ", "TCP", counted))
        if host.programs:
            rows.append(("   " if last else "│  ", "runs", program_words(host)))
        if not last:
            rows.append(_link_row(seen.links[at]))
            rows += [("│  ", "rule", rule) for rule in seen.links[at].rules]
    return f"{OUTSIDE}\n{INSIDE}\n{table(rows)}"


def program_words(host: HostSeen) -> str:
    """Name the programs of a host: `agent, nginx ×2`."""
    return ", ".join(f"{name} ×{count:,}" if count > 1 else name for name, count in host.programs)


def link_words(link: LinkSeen) -> list[str]:
    """Say what a link is, and what became of the segments that came to it."""
    if not link.programmable:
        return ["two veth devices, at kernel speed"]
    said = ["a program", f"{link.segments:,} segment{'' if link.segments == 1 else 's'} so far"]
    marks = {Fate.DROPPED: "✕ ", Fate.HELD: "‖ "}
    return said + [f"{marks.get(fate, '')}{count:,} {fate}" for fate, count in link.fates if fate is not Fate.DELIVERED]


def _link_row(link: LinkSeen) -> tuple[str, ...]:
    return ("├── " + link.name, "", ", ".join(link_words(link)))


def devices(host: str, spans: "tuple[Span, ...]") -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return a host's devices, each with its addresses, from the plan of its bed."""
    ends = (end for span in spans for end in span.ends)
    return tuple(
        (device, tuple(address.partition("/")[0] for address in addresses))
        for name, device, addresses in ends
        if name == host
    )


def _link(name: str, bed: "Testbed") -> LinkSeen:
    wire = bed.wires.get(name)
    if wire is None:
        return LinkSeen(name, programmable=False)
    segments = wire.segments
    counted = Counter(segment.fate for segment in segments) if len(segments) <= _FATES_COUNTED else Counter[Fate]()
    return LinkSeen(name, programmable=True, segments=len(segments), fates=tuple(sorted(counted.items())))
