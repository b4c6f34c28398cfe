"""What a middle did with each segment: found on both wires, told in words, and drawn without words on words."""

from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
import pytest
from exercises import OPEN, crossed
from tcplab.model.passage import Treatment, newest, passings
from tcplab.notebook.look import RC
from tcplab.notebook.passage import flags, lead_sentence, twin
from tcplab.notebook.passage_figure import figure

STORY = (
    OPEN
    + """client > PA 1200
    server > A
    server > PA 5 stopped
    client > R own
    client > PA 3 stopped
    client > PA 3 again dropped stopped"""
)


def seen(text=STORY, port=80, **names):
    """What both wires saw of a script."""
    every = crossed(port, text, **names)
    outside = [one for one in every if "198.51.100.1" in (str(one.source.address), str(one.destination.address))]
    return passings([one for one in every if one not in outside], outside, port=port)


def test_each_segment_is_found_again():
    """By its numbers, though its address is another; and what the middle kept, or said itself, is told apart."""
    found = seen()
    assert [one.treatment for one in found] == [
        *[Treatment.PASSED] * 5,
        Treatment.STOPPED,
        Treatment.OWN,
        Treatment.STOPPED,
        Treatment.NEVER_CAME,
    ]
    assert [one.segment.flags for one in found] == ["S", "SA", "A", "PA", "A", "PA", "R", "PA", "PA"]
    assert [str(name) for name in found[0].names] == ["192.0.2.1:40000", "198.51.100.1:40000"]
    assert [str(name) for name in found[1].names] == ["192.0.2.1:40000", "198.51.100.1:40000"]
    assert found[5].names[0] is None


def test_other_ports_are_left_out():
    """Only what goes to or comes from the server's port."""
    assert not passings(crossed(81, OPEN), [], port=80)


def test_two_clocks():
    """The outer wire counts from another moment; the order is that of setting out all the same."""
    every = crossed(80, OPEN + "server > PA 1\nclient > A\nclient > PA 2")
    half = len(every) // 2
    late = crossed(80, OPEN + "server > PA 1\nclient > A\nclient > PA 2", starts_s=0)[half:]
    late = [replace(one, time_s=one.time_s - 100.0, delivered_s=one.time_s - 100.0) for one in late]
    found = passings(every[:half], late, port=80)
    assert [one.segment.flags for one in found] == ["S", "SA", "A", "PA", "A", "PA"]
    assert {one.treatment for one in found} == {Treatment.PASSED}


def test_newest_connection():
    """The last that was opened, from its first SYN on; what an older one says meanwhile is left out."""
    one, other, third = "192.0.2.1:5000", "192.0.2.1:6000", "192.0.2.11:5000"
    older = crossed(80, OPEN + "client > FA at 15", inside=one, outside="198.51.100.1:5000")
    kept = crossed(80, OPEN + "server > PA 5 stopped", inside=other, outside="198.51.100.1:6000", starts_s=10)
    outside = [
        seg for seg in (*older, *kept) if "198.51.100.1" in (str(seg.source.address), str(seg.destination.address))
    ]
    inside = [seg for seg in (*older, *kept) if seg not in outside]
    assert [found.segment.flags for found in newest(passings(inside, outside, port=80))] == ["S", "SA", "A", "PA"]
    inside += crossed(80, "client > S stopped\nclient > S again stopped", inside=third, starts_s=20)
    assert [found.segment.flags for found in newest(passings(inside, outside, port=80))] == ["S", "S"]
    assert len(newest(passings([], outside[3:4], port=80))) == 1


def test_twin():
    """One line a segment, and the client's name on each side."""
    lines = twin(seen(), "gateway").splitlines()
    assert lines[0] == "7 segments inside, 7 outside, 2 stopped at the gateway, 1 of its own."
    assert lines[3].split() == ["1", "→", "192.0.2.1:40000", "passed", "on", "→", "198.51.100.1:40000", "SYN", "·"]
    assert lines[8].split() == ["6", "·", "✕", "stopped", "here", "←", "198.51.100.1:40000", "PSH,", "ACK", "5"]
    assert lines[9].split() == ["7", "·", "the", "gateway's", "own", "→", "198.51.100.1:40000", "RST", "·"]
    assert lines[11].split() == ["9", "→", "192.0.2.1:40000", "never", "came", "here", "·", "PSH,", "ACK", "3"]


def test_probes_are_told():
    """An empty segment that counts from one before is a probe; the handshake's ACK is none."""
    found = seen(OPEN + "client > A probe\nserver > A\nclient > PA 1\nserver > A\nclient > A probe\nserver > A")
    assert [at for at, said in enumerate(flags(found), 1) if said == "ACK (a probe)"] == [4, 8]


def test_long_stories_are_cut():
    """Thirty rows, and how many more there are."""
    found = seen(OPEN + "client > PA 1\nserver > A\n" * 20)
    assert twin(found, "gateway").splitlines()[-1] == "… and 13 more"
    assert lead_sentence(found, "gateway") == "43 segments inside, 43 outside."


@pytest.mark.parametrize("port", [40000, 5000])
def test_words_stand_apart(port):
    """No label touches another, also with the longest names."""
    found = seen(inside=f"192.0.2.111:{port}", outside=f"198.51.100.1:{port}")
    with mpl.rc_context(RC):
        made = figure(found, flags(found), "gateway")
        boxes = [text.get_window_extent() for text in made.axes[0].texts]
        for one, other in combinations(boxes, 2):
            assert not one.shrunk(0.99, 0.7).overlaps(other.shrunk(0.99, 0.7)), (one, other)
        width = made.get_window_extent().width
        assert all(box.x0 >= 0 and box.x1 <= width for box in boxes)
