"""Ladder, world and evidence of a real close whose last ACK is lost."""

from collections.abc import Iterator
from itertools import combinations

import matplotlib as mpl
import pytest
from tcplab import TcpState, Testbed, draw, ladder, sockets
from tcplab.model.conversation import conversations
from tcplab.notebook import ladder_figure, world, world_figure
from tcplab.notebook.gather import gather
from tcplab.notebook.look import RC
from tcplab.notebook.steps import steps
from tcplab.notebook.wait import wait_until


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    """A bed on which the server closed first, and its last ACK was dropped once."""
    with Testbed.two_hosts() as bed:
        listener = bed.server.listen(80)
        mine = bed.client.connect(bed.server, 80)
        theirs, _ = listener.accept()
        theirs.close()
        wait_until(lambda: len(bed.wire.segments) == 5, within_s=5, what="the client's ACK")
        with bed.wire.drop(flags="A", source=bed.server, first=1):
            mine.close()
            wait_until(lambda: bed.wire.segments[-1].fate == "dropped", within_s=5, what="the lost ACK")
        wait_until(lambda: not sockets(bed.client), within_s=5, what="the end of LAST_ACK")
        listener.close()
        yield bed


def test_the_ladder_tells_it(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    """The twin of a real kernel's close is the same on every run."""
    ladder(bed.wire.segments)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "client → server, port 80: 9 segments (8 delivered, 1 dropped, 1 sent again)."
    assert said[9] == "7  ← server  ACK         2    2      ·  ✕ dropped"
    assert said[13:] == [
        "·  server  LISTEN       listen()",
        "1  client  SYN_SENT     connect()",
        "1  server  SYN_RECV     SYN came",
        "2  client  ESTABLISHED  SYN and ACK came",
        "3  server  ESTABLISHED  ACK came",
        "4  server  FIN_WAIT1    close(): closes first",
        "4  client  CLOSE_WAIT   FIN came",
        "5  server  FIN_WAIT2    ACK came",
        "6  client  LAST_ACK     close()",
        "6  server  TIME_WAIT    FIN came: 60 s from here",
        "8  server  TIME_WAIT    FIN again: 60 s anew",
        "9  client  CLOSED       ACK came: nothing left",
    ]


def test_the_world_as_a_tree(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    """Hosts, devices, addresses, sockets, the wire and what became of the segments."""
    draw(bed)
    assert capsys.readouterr().out.splitlines() == [
        "your machine: this notebook runs here, an ordinary process; nothing here was changed",
        "the world of this notebook: network namespaces that end with it; no route leads out",
        "├── client  eth0  192.0.2.1, 2001:db8::1",
        "├── wire          a program, 9 segments so far, ✕ 1 dropped",
        "└── server  eth0  192.0.2.2, 2001:db8::2",
        "            TCP   1 TIME_WAIT",
    ]


def test_no_world(capsys: pytest.CaptureFixture[str]) -> None:
    """A bed that is down is a sentence that says how to bring one up."""
    draw(Testbed.two_hosts())
    assert capsys.readouterr().out == f"{world.NO_WORLD}\n"


@pytest.mark.parametrize("link", ["wire", "veth"])
def test_the_world_as_a_picture(link: str) -> None:
    """Three hosts fit beside each other: no label stands on another, or outside."""
    with Testbed.proxied(link=link) as bed, mpl.rc_context(dict(RC)):  # type: ignore[arg-type]
        made = world_figure.figure(world.look_at(bed))
        boxes = {f"{at} {text.get_text()}": text.get_window_extent() for at, text in enumerate(made.axes[0].texts)}
    touching = [f"{a} / {b}" for a, b in combinations(boxes, 2) if boxes[a].overlaps(boxes[b].padded(-3))]
    assert not touching
    assert all(box.x0 > 0 and box.x1 < made.bbox.x1 for box in boxes.values())


def test_evidence_outlives_the_bed() -> None:
    """What was gathered is values: the bed may be gone when a grader judges it."""
    with Testbed.two_hosts() as bed:
        listener = bed.server.listen(80)
        mine = bed.client.connect(bed.server, 80)
        found = gather(bed, {"side": "server"})
        mine.close()
        listener.close()
    assert [segment.flags for segment in found.segments] == ["S", "SA", "A"]
    assert [connection.state for connection in found.sockets["client"]] == [TcpState.ESTABLISHED]
    assert found.counters["client"]["TcpActiveOpens"] == 1
    assert found.answers == {"side": "server"}
    assert gather(bed).segments[0].flags == "S"


def test_evidence_of_every_wire() -> None:
    """A bed without a wire has sockets and counters; one with two has the segments of both."""
    with Testbed.proxied() as bed:
        assert gather(bed).segments == ()
        assert set(gather(bed).counters) == {"client", "proxy", "backend"}
    with Testbed.proxied(link="wire") as bed:
        for client, server, port in ((bed.client, bed.proxy, 80), (bed.proxy, bed.backend, 81)):
            listener = server.listen(port)
            client.connect(server, port).close()
            listener.close()
        ports = {segment.destination.port for segment in gather(bed).segments if segment.flags == "S"}
    assert ports == {80, 81}


def test_the_picture_of_a_real_close(bed: Testbed) -> None:
    """Drawn from a real record: a bar a state, none of them empty."""
    (talk,) = conversations(bed.wire.segments)
    with mpl.rc_context(dict(RC)):
        made = ladder_figure.figure(talk, steps(talk))
    bars = [patch.get_bbox() for patch in made.axes[0].patches if patch.get_zorder() == 1]
    assert len(bars) == 4 + 7
    assert min(bar.height for bar in bars) > 8
