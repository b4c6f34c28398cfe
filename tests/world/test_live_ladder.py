"""The live ladder on a real bed: what it shows while connections open and close, and what it refuses."""

import threading
from collections.abc import Iterator

import pytest
from connections import connected
from tcplab import Testbed, ladder
from tcplab.errors import BadValue
from tcplab.live.ladder import Ladder, live_ladder

pytestmark = pytest.mark.by_anyone


@pytest.fixture
def shown(bed: Testbed) -> Iterator[Ladder]:
    """A ladder of a bed; nobody watches it, so it looks when it is asked."""
    view = live_ladder(bed.wire)
    yield view
    view.close()


def told(shown):
    """Everything that a browser would be told."""
    return shown.answer({"do": "all"})


def test_it_says_what_the_ladder_says(bed, shown, capsys):
    """Opened and closed: its text is that of `ladder`, from the first line on."""
    assert repr(shown).startswith("Nothing has crossed the wire yet.")
    with connected(bed) as pair:
        pair.mine.close()
        bed.settle()
    ladder(bed.wire.segments)
    assert repr(shown) == capsys.readouterr().out.rstrip("\n")


def test_it_follows_the_newest_or_the_chosen_one(bed, shown):
    """Of two connections the newest is shown, and the first once it is chosen; another number is refused."""
    for port in (81, 82):
        with connected(bed, port):
            pass
    bed.settle()
    assert told(shown)["talk"] == 1
    assert shown.ends["server"] == "192.0.2.2:82"
    assert "refused" not in shown.answer({"do": "choose", "which": 0})
    assert told(shown)["talk"] == 0
    assert shown.ends["server"] == "192.0.2.2:81"
    assert [place for place, _ in shown.talks] == [1, 0]
    for given in (2, -2, "1", None, True):
        assert "Allowed" in shown.answer({"do": "choose", "which": given})["refused"]
    with pytest.raises(BadValue):
        live_ladder(bed.wire, which=-2)


def test_a_header_is_that_of_the_rfc(bed, shown):
    """The SYN's header: ports, numbers relative and as on the wire, flags, window, options."""
    with connected(bed):
        pass
    bed.settle()
    told(shown)
    asked = shown.answer({"do": "header", "number": 1})
    syn = bed.wire.segments[0]
    values = {name.partition(" · ")[0]: value for _, value, name in asked["fields"]}
    assert values["destination port"] == 80
    assert values["sequence number"] == 0
    assert f"{syn.seq:,} on the wire" in str(asked["fields"]) or f"on the wire {syn.seq:,}" in str(asked["fields"])
    assert values["flags"] == "ceuaprSf"
    assert values["offset"] == 10
    assert "MSS 1460" in values["options"]
    assert sum(bits for bits, _, _ in asked["fields"]) % 32 == 0
    assert "Allowed" in shown.answer({"do": "header", "number": 99})["refused"]


def test_a_flood_is_bounded(bed, shown):
    """8 MB in one connection: at most a thousand segments are told, and the rest is counted."""
    with connected(bed) as pair:
        told(shown)
        left = 8 << 20
        sender = threading.Thread(target=pair.mine.sendall, args=(bytes(left),))
        sender.start()
        while left:
            left -= len(pair.theirs.recv(1 << 20))
        sender.join()
        bed.settle()
        told(shown)
    bed.settle()
    everything = told(shown)
    assert everything["total"] == len(bed.wire.segments) > 3000
    assert len(everything["rows"]) <= 1000
    assert everything["hidden"] >= 2000
    assert "TIME_WAIT" in [event[4] for event in everything["events"] if event[0] == "state"]


def test_a_world_that_went_down_comes_up_again(bed, shown):
    """Down: what was seen stays, with a sentence and a button; up again it shows the new wire."""
    with connected(bed):
        pass
    bed.down()
    shown.look()
    assert shown.trouble["button"] == "Bring it up again"
    assert told(shown)["total"] > 0
    shown.answer({"do": "again"})
    assert shown.trouble == {}
    with connected(bed, 83):
        pass
    bed.settle()
    told(shown)
    assert shown.ends["server"] == "192.0.2.2:83"


def test_a_world_that_went_down_is_told_whole(shown, bed):
    """Also what nobody had looked at: its wire's record is readable."""
    with connected(bed) as pair:
        pair.mine.close()
    bed.down()
    shown.look()
    assert shown.trouble["button"] == "Bring it up again"
    everything = told(shown)
    assert everything["over"]
    assert [row[3] for row in everything["rows"]][:4] == ["S", "SA", "A", "FA"]
    assert [event[4] for event in everything["events"] if event[0] == "state"][-1] in ("CLOSED", "TIME_WAIT")


def test_a_bed_that_a_cell_brought_up_again(shown, bed):
    """Not by the button: the picture shows the fresh wire, and nothing of the old one."""
    with connected(bed):
        shown.look()
    bed.down()
    shown.look()
    bed.up(bed.name)
    shown.look()
    assert (shown.trouble, shown.talks, told(shown)) == ({}, [], {})
    with connected(bed):
        assert told(shown)["rows"]


def test_a_segment_of_another_connection_has_relative_numbers(shown, bed):
    """Its header counts from its own SYN, while another connection is shown."""
    with connected(bed, 81), connected(bed, 82):
        shown.answer({"do": "choose", "which": 1})
        fields = shown.answer({"do": "header", "number": 2})["fields"]
        assert [value for _, value, name in fields if name.split()[0] in ("sequence", "acknowledgment")] == [0, 1]


def test_the_same_sentence_is_said_again(shown, bed):
    """Two connections, one after the other: what is said is counted, so that it is spoken each time."""
    said = []
    shown.observe(lambda change: said.append(change["new"]), "said")
    for port in (81, 82):
        with connected(bed, port):
            shown.look()
    assert [count for count, _ in said] == list(range(1, len(said) + 1))
    assert sum("Server entered ESTABLISHED: ACK came." in sentences for _, sentences in said) == 2
