"""What a host in the middle did with each segment: three rails, and on each half the name that the client has there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tcplab.model.passage import Passing, Treatment, newest, passings, probes
from tcplab.notebook.display import present
from tcplab.notebook.ladder_twin import flag_words
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcplab.wire.wire import Wire

MOST_ROWS = 30
_WORDS = {
    Treatment.PASSED: "passed on",
    Treatment.STOPPED: "✕ stopped here",
    Treatment.OWN: "the gateway's own",
    Treatment.NEVER_CAME: "never came here",
}


def passage(inside: "Wire", outside: "Wire", *, port: int) -> None:
    """Draw what crossed both wires of the newest connection to a port, and what the host between them did with it.

    Args:
        inside: the wire on the client's side
        outside: the wire on the server's side
        port: the server's

    >>> passage(bed.inside, bed.outside, port=80)     # doctest: +SKIP
    """
    seen = newest(passings(inside.segments, outside.segments, port=port))
    middle = next((host.name for host in inside.hosts if host in outside.hosts), "the middle")
    if not seen:
        print(f"No segment to or from port {port} has come to either wire yet.")
        return

    def draw() -> "Figure":
        from tcplab.notebook.passage_figure import figure

        return figure(seen[:MOST_ROWS], flags(seen), middle)

    present(draw, twin(seen, middle), says=lead_sentence(seen, middle))


def lead_sentence(seen: Sequence[Passing], middle: str) -> str:
    """Say in one sentence how many segments came to each wire, and what the middle kept or added."""
    inside, outside = sum(one.inside is not None for one in seen), sum(one.outside is not None for one in seen)
    kept = sum(one.treatment is Treatment.STOPPED for one in seen)
    own = sum(one.treatment is Treatment.OWN for one in seen)
    said = [f"{inside} segments inside, {outside} outside"]
    said += [f"{kept} stopped at the {middle}"] if kept else []
    said += [f"{own} of its own"] if own else []
    return ", ".join(said) + "."


def flags(seen: Sequence[Passing]) -> list[str]:
    """Say each segment's flags, and which of them are probes."""
    marked = {id(one) for one in probes(seen)}
    return [flag_words(one.segment.flags) + (" (a probe)" if id(one) in marked else "") for one in seen]


def treatment_words(one: Passing, middle: str) -> str:
    """Say what the middle did with a segment."""
    return f"the {middle}'s own" if one.treatment is Treatment.OWN else _WORDS[one.treatment]


def twin(seen: Sequence[Passing], middle: str) -> str:
    """Return the text twin: one line a segment, with the client's end as it is called inside and outside."""
    rows: list[tuple[str, ...]] = [("#", "client's end, inside", middle, "client's end, outside", "flags", "bytes")]
    for at, (one, said) in enumerate(zip(seen[:MOST_ROWS], flags(seen), strict=False), 1):
        arrow = "→" if one.to_server else "←"
        inside, outside = (f"{arrow} {end}" if end else "·" for end in one.names)
        length = str(one.segment.payload_bytes or "·")
        rows.append((str(at), inside, treatment_words(one, middle), outside, said, length))
    lines = [lead_sentence(seen, middle), "", table(rows, right=frozenset({0, 5}))]
    if more := len(seen) - MOST_ROWS:
        lines += [f"… and {more} more"] if more > 0 else []
    return "\n".join(lines)
