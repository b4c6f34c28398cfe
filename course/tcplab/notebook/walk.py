"""A connect() walked through the kernel's questions, with a socket of one's own: picture and text."""

from typing import TYPE_CHECKING

from tcplab.model.reuse import LEAVES, Question, Walk
from tcplab.notebook.beds import newest
from tcplab.notebook.display import present
from tcplab.notebook.say import table
from tcplab.traffic import walk as traffic

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from matplotlib.figure import Figure

    from tcplab.testbed import Testbed
    from tcplab.world.host import Host

EXITS = {
    Question.RESERVED: "next port",
    Question.IN_USE: "taken: it is free",
    Question.BOUND: "next port: bound to its program",
    Question.SAME: "taken: no such connection",
    Question.REMNANT: "next port: that one lives",
    Question.OVER: "next port: the peer has not closed",
    Question.MODE: "next port",
    Question.TIMESTAMPS: "next port: old and new look alike",
    Question.AGE: "next port: too fresh",
}
"""What becomes of a port that leaves the questions there."""


def walk(
    host: "Host",
    destination: "Host | str | IPv4Address",
    port: int,
    *,
    bind: int | None = None,
    bed: "Testbed | None" = None,
) -> Walk:
    """Call connect(), and draw the way that it took through the kernel's questions.

    Before, the host's tables and settings are looked at, and the wire's record: the answers are worked out from
    these. The kernel's own end of the way is printed below; if the two differ, that is said.

    Args:
        host: from where
        destination, port: to where; IPv4
        bind: a local port to bind first
        bed: whose wires remember what the host's connections were; the newest by default

    Returns: what was found; `.socket` is the connected one, None if there is none.

    Raises: as tcplab.traffic.walk.walk does.

    >>> first = walk(bed.client, bed.server, 80)     # doctest: +SKIP
    """
    bed = newest(bed)
    segments = [segment for wire in bed.wires.values() for segment in wire.segments] if bed is not None else []
    walked = traffic.walk(host, destination, port, bind=bind, segments=segments)

    def draw() -> "Figure":
        from tcplab.notebook.walk_figure import figure

        return figure(walked)

    present(draw, twin(walked), says=f"{heading(walked)}: {ending(walked)}")
    return walked


def heading(walked: Walk) -> str:
    """Say what is asked of the kernel."""
    seen = walked.search
    first, last = seen.ports[0].number, seen.ports[-1].number
    ports = f"from port {first}" if first == last else f"from a port of {first} to {last}"
    chosen = ", bound" if seen.bound else ""
    return f"connect() to {seen.destination}:{seen.destination_port} {ports}{chosen}"


def ending(walked: Walk) -> str:
    """Say where it ended, by the kernel's word."""
    if not walked.paths:
        done = f"took {walked.port}" if walked.port else f"said {walked.error}"
        return f"the kernel did otherwise than the questions say: it {done}"
    if walked.port is None:
        return f"no port is left. The kernel said: {walked.error}"
    if walked.paths[0].reuses:
        return "the kernel took it, in the old one's place"
    return "the kernel took it"


def passed_by(walked: Walk) -> dict[Question, tuple[int, int]]:
    """How many ports went on at each question, and how many left there; those not asked are left out."""
    counts: dict[Question, tuple[int, int]] = {}
    for path in walked.paths or walked.search.paths(walked.after_s):
        for question, answer in path.answers:
            on, off = counts.get(question, (0, 0))
            left = answer is LEAVES[question][0]
            counts[question] = (on + (not left), off + left)
    return counts


def answered(question: Question, counts: dict[Question, tuple[int, int]], ports: int) -> str:
    """Say the answer: "yes", or of several ports how many each."""
    if question not in counts:
        return "not asked"
    on, off = counts[question]
    leaving = LEAVES[question][0]
    yes, no = (off, on) if leaving else (on, off)
    if ports == 1:
        return "yes" if yes else "no"
    return ", ".join(f"{count} {word}" for count, word in ((yes, "yes"), (no, "no")) if count)


def twin(walked: Walk) -> str:
    """Return the way as text: each question, its answer, and where ports left."""
    counts = passed_by(walked)
    ports = len(walked.paths or walked.search.ports)
    rows: list[tuple[str, ...]] = []
    for question in Question:
        left = counts.get(question, (0, 0))[1]
        rows.append((str(question), answered(question, counts, ports), f"→ {EXITS[question]}" if left else ""))
    asked = [row for question, row in zip(Question, rows, strict=True) if question in counts or walked.search.bound]
    return f"{heading(walked)}\n{table(asked)}\n{ending(walked)}."
