"""Two connections on one line of numbers: where things lie, what the twin says, that the picture's words fit."""

import matplotlib as mpl
import pytest
from tcplab.errors import BadValue
from tcplab.model.conversation import conversations
from tcplab.model.segment import Segment
from tcplab.notebook.look import RC
from tcplab.notebook.overlap import Line, drawn, lead_sentence, overlap, twin, window
from tcplab.notebook.overlap_figure import figure
from unit.packets import frame

OLD_ISN, SERVER_ISN = 2**32 - 500, 9000  # the old connection's numbers wrap around


def talk(*told: tuple[str, str, int, int, bytes]):
    """Conversations of (side, flags, seq, ack, payload), numbers as they are in the header."""
    segments = [
        Segment.from_frame(frame(*one[:4], payload=one[4], window=1000), number=number, time_s=float(number))
        for number, one in enumerate(told, 1)
    ]
    return conversations(segments)


def two(new_isn: int, *more: tuple[str, str, int, int, bytes]):
    """A connection of 1,000 bytes, reset, and another that begins with new_isn."""
    return talk(
        ("client", "S", OLD_ISN, 0, b""),
        ("server", "SA", SERVER_ISN, OLD_ISN + 1, b""),
        ("client", "PA", OLD_ISN + 1, SERVER_ISN + 1, b"x" * 500),
        ("client", "PA", OLD_ISN + 501, SERVER_ISN + 1, b"y" * 500),
        ("client", "RA", OLD_ISN + 1001, SERVER_ISN + 1, b""),
        ("client", "S", new_isn, 0, b""),
        ("server", "SA", SERVER_ISN + 300, new_isn + 1, b""),
        *more,
    )


def test_an_old_segment_has_numbers_in_the_new_connection():
    """They count from the new SYNs: ahead of them they are positive, behind them negative."""
    old, new = two(OLD_ISN + 400)
    assert [(turn.seq, turn.ack) for turn in (new.seen(old[2].segment), new.seen(old[3].segment))] == [
        (-399, -299),
        (101, -299),
    ]


def test_numbers_that_overlap():
    """The new SYN lies at 400 of 1,001; a copy before it is too old, one after it fits."""
    old, new = two(OLD_ISN + 400)
    late = [new.seen(turn.segment) for turn in old if turn.segment.payload]
    line = drawn(old, new, late)
    assert line == Line(old_end=1001, new_syn=400, new_end=401, window_bytes=1000, late=(1, 501))
    assert twin(line).splitlines() == [
        "The new connection begins among the numbers that the old one has used.",
        "",
        "the old one  uses the numbers from its SYN to its end",
        "the new SYN  lies among them",
        "copies       behind the place that the new one has reached: too old",
        "copies       ahead of it: they fit when the new one gets there",
    ]


def test_numbers_that_do_not_overlap():
    """Behind the old one's last number everything is new."""
    line = drawn(*two(OLD_ISN + 70_000))
    assert not line.overlaps
    assert "behind the last number" in lead_sentence(line)


def test_an_old_segment_that_arrived():
    """It is known by its bytes, all of them, not by its place."""
    arrived = ("client", "PA", OLD_ISN + 501, SERVER_ISN + 1, b"y" * 500)
    todays = ("client", "PA", OLD_ISN + 501, SERVER_ISN + 1, b"z" * 500)
    old, new = two(OLD_ISN + 500, arrived, todays)
    assert drawn(old, new).arrived == (501,)
    assert "an old segment" in twin(drawn(old, new))


def test_window_is_scaled_as_the_syn_said():
    """Not in the SYN itself; without a server's segment there is none."""
    _, new = two(OLD_ISN + 400)
    assert window(new) == 1000
    (lonely,) = talk(("client", "S", 5, 0, b""))
    assert window(lonely) == 0


def test_two_of_different_endpoints_are_refused():
    """There is no common line for them."""
    old, new = two(OLD_ISN + 400)
    other = type(new)(new.server, new.client, new.turns)
    with pytest.raises(BadValue, match="as the old one"):
        overlap(old, other)


@pytest.mark.parametrize(
    "line",
    [
        Line(2_000_000, 900_000, 1_000_000, 64_000, tuple(range(65_000, 2_000_000, 65_000)), (1_000_000,)),
        Line(983_041, 20_000, 150_000, 80_000, tuple(range(65_505, 983_041, 65_536))),
        Line(983_041, 960_000, 983_041, 80_000, (983_009,), (983_009,)),
        Line(600_000, 665_537, 700_000, 64_000),
        Line(34, 5_000_000, 5_000_001, 64_000, (1,)),
        Line(1, 0, 1, 0),
    ],
)
def test_picture_is_drawn_within_its_paper(line):
    """Every word stands within the picture."""
    with mpl.rc_context(dict(RC)):
        drawing = figure(line)
        drawing.canvas.draw()
        width, height = drawing.canvas.get_width_height()
        for text in drawing.axes[0].texts:
            box = text.get_window_extent()
            assert box.x0 >= 0, text
            assert box.x1 <= width, text
            assert box.y0 >= 0, text
            assert box.y1 <= height, text
