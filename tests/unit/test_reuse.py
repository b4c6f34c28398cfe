"""The kernel's questions of a port, as pure functions; tests/world/test_walk.py holds them against the kernel."""

from dataclasses import replace
from ipaddress import IPv4Address
from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab.model.reuse import LEAVES, Path, Port, Question, Search, Walk, all_old_enough, old_enough
from tcplab.model.state import TcpState
from tcplab.notebook.look import RC
from tcplab.notebook.walk import twin
from tcplab.notebook.walk_figure import figure

CLIENT, SERVER, HOME = map(IPv4Address, ("192.0.2.1", "192.0.2.2", "127.0.0.1"))
OVER = Port(40_000, in_use=True, state=TcpState.TIME_WAIT, remnant=True, timestamps=True, entered_s=100.0)


def search(*ports: Port, mode: int = 1, to: IPv4Address = SERVER, delay_s: float | None = 1.0) -> Search:
    """A connect() to port 80, from where it would leave."""
    return Search(HOME if to == HOME else CLIENT, to, 80, ports, mode, delay_s)


def walked(seen: Search, port: int | None, at_s: float = 103.0) -> Walk:
    """What the kernel did, 3 s after TIME_WAIT began."""
    return Walk(seen, at_s, at_s + 0.001, port, "" if port else "EADDRNOTAVAIL")


def only(seen: Search, now_s: float = 103.0) -> Path:
    """The path of a search with one port."""
    (path,) = seen.paths(now_s)
    return path


@pytest.mark.parametrize(
    ("port", "end", "taken"),
    [
        (Port(40_000), Question.IN_USE, True),
        (replace(OVER, reserved=True), Question.RESERVED, False),
        (replace(OVER, bound=True), Question.BOUND, False),
        (Port(40_000, in_use=True), Question.SAME, True),
        (replace(OVER, state=TcpState.ESTABLISHED, remnant=False), Question.REMNANT, False),
        (replace(OVER, state=TcpState.FIN_WAIT2), Question.OVER, False),
        (replace(OVER, timestamps=False), Question.TIMESTAMPS, False),
        (replace(OVER, entered_s=102.5), Question.AGE, False),
        (OVER, Question.AGE, True),
    ],
)
def test_where_a_port_leaves_the_questions(port, end, taken):
    """Each reason to take a port, and each to leave it."""
    path = only(search(port))
    assert (path.end, path.taken) == (end, taken)
    assert path.reuses is (taken and end is Question.AGE)


@pytest.mark.parametrize(
    ("mode", "to", "allowed"),
    [(0, SERVER, False), (1, SERVER, True), (2, SERVER, False), (0, HOME, False), (1, HOME, True), (2, HOME, True)],
)
def test_mode(mode, to, allowed):
    """0 never, 1 always, 2 on loopback; and 2 does not cover a host's other addresses."""
    assert only(search(OVER, mode=mode, to=to)).taken is allowed
    own = replace(search(OVER, mode=2), destination=CLIENT)
    assert only(own).end is Question.MODE


def test_a_bound_port_is_asked_for_little():
    """bind() leaves out the range, tcp_tw_reuse and the delay; timestamps are asked for."""
    bound = replace(search(replace(OVER, entered_s=102.999, bound=True), mode=0), bound=True)
    assert only(bound).reuses
    assert [question for question, _ in only(bound).answers] == [
        Question.SAME,
        Question.REMNANT,
        Question.TIMESTAMPS,
    ]
    assert not only(replace(bound, ports=(replace(OVER, timestamps=False),))).taken


def test_old_enough_by_the_setting():
    """With tcp_tw_reuse_delay a TIME_WAIT must be older than that."""
    assert not old_enough(100.0, 100.1, 0.1)
    assert old_enough(100.0, 100.102, 0.1)
    assert all_old_enough([], 100.0, 60.0)
    assert not all_old_enough([100.0, 103.0], 103.5, 1.0)


@pytest.mark.parametrize(
    ("entered_s", "now_s", "old"),
    [(100.0, 100.99, False), (100.0, 101.0, True), (100.97, 101.0, True), (100.97, 100.99, False)],
)
def test_old_enough_by_whole_seconds(entered_s, now_s, old):
    """Kernels without the setting (before 6.14) ask for another whole second: 0 to 1 s later."""
    assert old_enough(entered_s, now_s, None) is old


def test_the_first_parity_is_taken_first():
    """A free port of the other parity waits until the first's are used up."""
    free = [Port(number) for number in range(40_001, 40_005)]
    assert [path.port for path in search(*free).ends(0)] == [40_001, 40_003]
    used = [replace(port, in_use=True, bound=port.number % 2 == 1) for port in free]
    assert [path.port for path in search(*used).ends(0)] == [40_002, 40_004]


def test_a_walk_that_the_questions_cannot_explain_has_no_path():
    """What the kernel did is never overruled."""
    assert [path.end for path in walked(search(OVER), 40_000).paths] == [Question.AGE]
    assert walked(search(OVER), None).paths == ()
    assert "did otherwise than the questions say: it said EADDRNOTAVAIL" in twin(walked(search(OVER), None))


def test_a_time_wait_that_comes_of_age_during_the_walk():
    """Between the look and the connect() a delay may end: either answer of the kernel is explained."""
    seen = search(replace(OVER, entered_s=102.0005))
    assert walked(seen, None, 103.0).paths
    assert walked(seen, 40_000, 103.0).paths


def test_twin_of_several_ports():
    """Each question has its count, and what becomes of those that leave there."""
    ports = (OVER, replace(OVER, number=40_001, bound=True))
    said = twin(walked(search(*ports, mode=0), None)).splitlines()
    assert said[0] == "connect() to 192.0.2.2:80 from a port of 40000 to 40001"
    assert "did one of them bind() it?    1 yes, 1 no  → next port: bound to its program" in said
    assert said[-1] == "no port is left. The kernel said: EADDRNOTAVAIL."


def test_every_question_has_a_way_out():
    """No question without an answer that ends the walk; only two of these answers take the port."""
    assert set(LEAVES) == set(Question)
    assert sum(taken for _, taken in LEAVES.values()) == 2


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("port", [Port(40_000), OVER, replace(OVER, bound=True), replace(OVER, timestamps=False)])
def test_no_word_of_the_picture_stands_on_another(port, bound):
    """Whatever way is drawn, in Debian's wide font, words have their place and stay on the sheet."""
    seen = replace(search(port, replace(port, number=40_001)), bound=bound)
    took = 40_000 if any(path.taken for path in seen.paths(103.0)) else None
    with mpl.rc_context({**RC, "font.sans-serif": ["DejaVu Sans"]}):
        made = figure(walked(seen, took))
        texts = list(made.axes[0].texts)
        boxes = [text.get_window_extent() for text in texts]
    for one, other in combinations(range(len(boxes)), 2):
        assert not boxes[one].overlaps(boxes[other]), f"{texts[one].get_text()!r} on {texts[other].get_text()!r}"
    assert max(box.x1 for box in boxes) <= made.bbox.width
