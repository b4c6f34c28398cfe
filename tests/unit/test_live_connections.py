"""Connections told apart as segments come, look by look."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from tcplab.live.connections import AT_ONCE, WireTalks
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Fate, Segment
from unit.packets import script

VISIT = script("client > S\nserver > SA\nclient > A\nclient > FA\nserver > FA\nclient > A")
PORT = VISIT[0].source.port


def visit(nth: int, *, port: int = PORT) -> list[Segment]:
    """The same visit again: from another port, or with other numbers and later."""

    def end(one: Endpoint) -> Endpoint:
        return replace(one, port=port) if one.port == PORT else one

    return [
        replace(
            each,
            number=each.number + nth * len(VISIT),
            time_s=each.time_s + nth * len(VISIT),
            source=end(each.source),
            destination=end(each.destination),
            seq=(each.seq + nth * 100_000) % 2**32,
            ack=(each.ack + nth * 100_000) % 2**32,
        )
        for each in VISIT
    ]


def looked(recorded: list[Segment]) -> WireTalks:
    """What looks at a wire with this record, which may grow."""
    host = SimpleNamespace(name="client")
    bed: Any = SimpleNamespace(wires={"wire": SimpleNamespace(peek=lambda: recorded, hosts=(host,))})
    return WireTalks(bed)


def test_a_record_that_grows() -> None:
    """A connection keeps its key and its name while segments come; a second one stands behind it."""
    recorded = VISIT[:2]
    talks = looked(recorded)
    (first,) = talks.look()
    recorded += [*VISIT[2:], *visit(1, port=PORT + 1)]
    again, second = talks.look()
    assert (first.key, first.label) == (again.key, again.label)
    assert len(again.segments) == len(VISIT)
    assert str(second.four_tuple.local).endswith(f":{PORT + 1}")
    assert [talk.conversation() is not None for talk in (again, second)] == [True, True]


def test_a_four_tuple_that_is_used_again() -> None:
    """Two connections, of which the newer one can be asked for in the kernel's table."""
    old, new = looked([*VISIT, *visit(1)]).look()
    assert old.four_tuple == new.four_tuple
    assert (old.newest_of_its_ends, new.newest_of_its_ends) == (False, True)
    assert len(old.segments) == len(new.segments) == len(VISIT)


def test_a_segment_that_was_held_moves_on() -> None:
    """What became of it is taken in by the next look."""
    held = replace(VISIT[3], fate=Fate.HELD, delivered_s=None)
    recorded = [*VISIT[:3], held]
    talks = looked(recorded)
    assert talks.look()[0].segments[3].fate is Fate.HELD
    recorded[3] = replace(held, fate=Fate.DELIVERED, delivered_s=9.0)
    assert talks.look()[0].segments[3].delivered_s == 9.0


def test_a_burst_is_passed_over() -> None:
    """The newest are whole; somebody who has chosen one gets all of them."""
    visits = [each for nth in range(3 * AT_ONCE) for each in visit(nth, port=1025 + nth)]
    quick, whole = looked(visits).look(), looked(visits).look(all_of_them=True)
    assert quick[-1].label == whole[-1].label
    assert len(quick) == len(whole) == 20
    assert all(len(talk.segments) == len(VISIT) for talk in whole)


def test_a_record_that_begins_in_the_middle() -> None:
    """The server is who has the lower port."""
    (talk,) = looked(VISIT[4:]).look()
    assert talk.four_tuple.local.port == PORT
    (answered,) = looked(VISIT[1:]).look()
    assert answered.four_tuple == talk.four_tuple
