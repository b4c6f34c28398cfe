"""A connection told while it goes on: at each moment what is told of it all at once, and bounded when it is flooded."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tcplab.live.follower import KEPT, Follower
from tcplab.live.talks import Talks
from tcplab.live.telling import Event, Telling
from tcplab.model.conversation import conversations
from tcplab.model.segment import Fate, Segment
from tcplab.notebook.ladder_twin import twin
from tcplab.notebook.steps import steps
from unit.packets import script
from unit.recorded import Recorded

OPEN = """
    client > S
    server > SA
    client > A
"""
CLOSES = {
    "in four": "server > FA\nclient > A\nclient > FA\nserver > A",
    "in three": "client > FA\nserver > FA\nclient > A",
    "at once": "client > FA until 9\nserver > FA until 10\nserver > A\nclient > A",
    "last ACK lost": "server > FA\nclient > A\nclient > FA\nserver > A dropped\nclient > FA again\nserver > A",
    "reset": "client > PA 5\nserver > RA",
    "a repeat swallowed": "client > FA until 12\nclient > FA again swallowed\nserver > A at 13",
    "nothing": "",
}


def whole(segments: Sequence[Segment]) -> str:
    """The twin of all of them, told at once."""
    (talk,) = conversations(segments)
    return twin(talk, steps(talk))


def looked_at(segments: Sequence[Segment], each: int) -> tuple[Follower, list[Event]]:
    """Follow, with a look after each few segments; return the follower, and what a browser has put together."""
    follower, shown, seen = Follower(), [], Recorded([])
    for count in range(each, len(segments) + each, each):
        seen.segments, seen.version = segments[:count], count
        news = follower.look(seen)  # type: ignore[arg-type]  # like Segments in all that is asked of it
        if news:
            assert news["from"] <= news["first"] + len(shown)
            shown = shown[: news["from"] - news["first"]] + news["events"]
    return follower, shown


@pytest.mark.parametrize("close", CLOSES.values(), ids=CLOSES)
@pytest.mark.parametrize("each", [1, 2, 100])
def test_bit_by_bit_is_told_what_is_told_at_once(close: str, each: int) -> None:
    """However often one looks, the twin is that of the ladder, and what a browser was sent adds up to it."""
    segments = script(OPEN + close)
    follower, shown = looked_at(segments, each)
    assert follower.words() == whole(segments)
    assert shown == follower.everything()["events"]


def test_a_long_one_settles_and_is_told_the_same() -> None:
    """Of a thousand segments most are settled for good; states and numbers are those told at once."""
    lines = "client > PA 7\nserver > A\n" * 450 + "client > PA 7 again\n" + CLOSES["last ACK lost"]
    segments = script(OPEN + lines)
    follower, shown = looked_at(segments, 90)
    assert len(follower.telling.settled) > 1000
    assert follower.words() == whole(segments)
    assert shown == follower.everything()["events"]


def test_what_is_on_its_way_is_kept_however_many_pass_it() -> None:
    """A segment waits while 3,000 others cross: it is followed on, and its arrival is told."""
    segments = script(OPEN + "client > PA 7 held\n" + "client > PA 7\nserver > A\n" * 1500)
    follower, _ = looked_at(segments, 300)
    assert follower.turns[4].segment.fate is Fate.HELD
    assert len(follower.turns) == KEPT
    came = replace(segments[3], fate=Fate.DELIVERED, delivered_s=segments[-1].time_s + 1)
    seen = Recorded([*segments[:3], came, *segments[4:]])
    seen.version = len(segments) + 1
    news = follower.look(seen)  # type: ignore[arg-type]  # as above
    assert news
    assert news["events"][-1][:2] == ("came", 4)


def test_only_the_newest_are_kept() -> None:
    """Of 3,000 segments that came a few at a time a thousand are kept, and the rest is counted."""
    segments = script(OPEN + "client > PA 7\nserver > A\n" * 1500 + CLOSES["in four"])
    follower, shown = looked_at(segments, 300)
    everything = follower.everything()
    assert len(follower.turns) == KEPT
    assert (everything["total"], everything["hidden"]) == (3007, 2007)
    assert [event[4] for event in everything["before"]] == ["ESTABLISHED", "ESTABLISHED"]
    assert [event[4] for event in shown if event[0] == "state"][-1] == "CLOSED"


def test_of_a_flood_the_middle_is_passed_over() -> None:
    """Of 5,000 segments between two looks 250 are looked at, and all with SYN, FIN or RST: states are right."""
    segments = script(OPEN + "client > PA 7\nserver > A\n" * 2500 + CLOSES["in four"])
    _, shown = looked_at(segments, len(segments))
    assert [event for event in shown if event[0] == "gap"] == [("gap", len(segments) - 250 - 2)]
    states = [(event[3], event[4]) for event in shown if event[0] == "state"]
    assert states[-3:] == [("client", "LAST_ACK"), ("server", "TIME_WAIT"), ("client", "CLOSED")]


def test_what_would_happen_is_told_before_it_does() -> None:
    """Two FINs wait: delivered, each would lead its receiver to CLOSING."""
    telling = Telling(0.0)
    telling.take(script(OPEN + "client > FA held\nserver > FA held"))
    telling.recent()
    assert telling.outlook() == {4: "CLOSING", 5: "CLOSING"}


def test_one_that_waited_stops_when_it_is_seen_to() -> None:
    """Held first and dropped then: it stops after what happened meanwhile."""
    held = script(OPEN + "client > FA held\nserver > PA 5")
    telling = Telling(0.0)
    telling.take(held)
    telling.recent()
    telling.take(segment for segment in script(OPEN + "client > FA dropped") if segment.fate is Fate.DROPPED)
    assert telling.recent()[-1][:2] == ("stopped", 4)


def test_connections_are_told_apart_as_in_conversations() -> None:
    """A new SYN between the same ends is another connection; one sent again is not."""
    again = script(OPEN + "client > FA\nserver > A\nserver > FA\nclient > A")
    other = script(OPEN.replace("client > S", "client > S\nclient > S again"))
    talks = Talks()
    talks.read_on(Recorded([*again, *other]).headers(0))
    assert [len(talk.places) for talk in talks.every] == [11]
