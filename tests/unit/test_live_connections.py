"""Connections told apart as segments come, look by look."""

from dataclasses import replace
from struct import pack_into
from types import SimpleNamespace
from typing import Any

from tcplab.live.connections import Found, WireTalks
from tcplab.live.follower import KEPT
from tcplab.model.segment import Fate, Segment
from unit.packets import script
from unit.recorded import Recorded

VISIT = script("client > S\nserver > SA\nclient > A\nclient > FA\nserver > FA\nclient > A")
PORT = VISIT[0].source.port


def visit(nth: int, *, port: int = PORT) -> list[Segment]:
    """The same visit again: from another port, or with other numbers and later."""
    made = []
    for each in VISIT:
        frame = bytearray(each.frame)
        ports = [port if one.port == PORT else one.port for one in (each.source, each.destination)]
        numbers = [(number + nth * 100_000) % 2**32 for number in (each.seq, each.ack)]
        pack_into("!HHII", frame, 34, *ports, *numbers)
        later_s = each.time_s + nth * len(VISIT)
        number, hosts = each.number + nth * len(VISIT), {"from_host": each.from_host, "to_host": each.to_host}
        made.append(
            Segment.from_frame(
                bytes(frame), number=number, time_s=later_s, fate=each.fate, delivered_s=later_s, **hosts
            )
        )
    return made


class Looked:
    """Who looks at a wire with this record, which may grow."""

    def __init__(self, segments: list[Segment]) -> None:
        self.recorded = Recorded(segments)
        host = SimpleNamespace(name="client")
        bed: Any = SimpleNamespace(wires={"wire": SimpleNamespace(peek=lambda: self.recorded, hosts=(host,))})
        self.talks = WireTalks(bed)

    def look(self, chosen: str = "") -> list[Found]:
        """Look once; something may have come to the wire."""
        self.recorded.version += 1
        return self.talks.look(chosen)

    def way(self, found: Found, side: str) -> str:
        """The states of one end."""
        return " ".join(str(step.state) for step in self.talks.steps(found) if step.side == side)


def test_a_record_that_grows() -> None:
    """A connection keeps its key and its name while segments come; a second one stands behind it."""
    recorded = VISIT[:2]
    looked = Looked(recorded)
    (first,) = looked.look()
    assert looked.way(first, "client") == "SYN_SENT ESTABLISHED"
    recorded += [*VISIT[2:], *visit(1, port=PORT + 1)]
    again, second = looked.look()
    assert (first.key, first.label) == (again.key, again.label)
    assert looked.way(again, "client") == "SYN_SENT ESTABLISHED FIN_WAIT1 TIME_WAIT"
    assert str(second.four_tuple.local).endswith(f":{PORT + 1}")
    assert looked.way(second, "server") == looked.way(again, "server")


def test_a_four_tuple_that_is_used_again() -> None:
    """Two connections, of which the newer one can be asked for in the kernel's table."""
    looked = Looked([*VISIT, *visit(1)])
    old, new = looked.look()
    assert old.four_tuple == new.four_tuple
    assert [looked.talks.is_newest(each) for each in (old, new)] == [False, True]


def test_a_segment_that_was_held_moves_on() -> None:
    """What became of it is taken in by the next look."""
    held = replace(VISIT[3], fate=Fate.HELD, delivered_s=None)
    recorded = [*VISIT[:3], held]
    looked = Looked(recorded)
    (found,) = looked.look()
    assert looked.way(found, "server").endswith("ESTABLISHED")
    recorded[3] = replace(held, fate=Fate.DELIVERED, delivered_s=9.0)
    looked.look()
    assert looked.way(found, "server").endswith("CLOSE_WAIT")


def test_the_newest_and_the_one_that_was_chosen() -> None:
    """Of very many the last twenty are listed, and with them whichever is followed."""
    looked = Looked([each for nth in range(600) for each in visit(nth, port=1025 + nth)])
    assert [each.place for each in looked.look()] == list(range(580, 600))
    (chosen, *others) = looked.look("wire 3")
    assert (chosen.key, len(others)) == ("wire 3", 20)
    assert looked.way(chosen, "client") == "SYN_SENT ESTABLISHED FIN_WAIT1 TIME_WAIT"


def test_the_way_of_a_long_connection_is_whole() -> None:
    """Also when its first segments are not kept any more."""
    talk = "\n".join(["client > PA 1", "server > A"] * (KEPT + 100))
    looked = Looked(list(script(f"client > S\nserver > SA\nclient > A\n{talk}")))
    for some in range(3, len(looked.recorded.segments), 500):
        everything, looked.recorded.segments = looked.recorded.segments, looked.recorded.segments[:some]
        (found,) = looked.look()
        looked.way(found, "client")
        looked.recorded.segments = everything
    (found,) = looked.look()
    assert looked.way(found, "client") == "SYN_SENT ESTABLISHED"


def test_a_record_that_begins_in_the_middle() -> None:
    """The server is who has the lower port."""
    (talk,) = Looked(VISIT[4:]).look()
    assert talk.four_tuple.local.port == PORT
    (answered,) = Looked(VISIT[1:]).look()
    assert answered.four_tuple == talk.four_tuple
