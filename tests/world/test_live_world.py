"""The live world on real beds: what is there, what a click is told, and what it costs among thousands."""

from collections.abc import Iterator
from typing import Any

import pytest
from tcplab import Testbed, wait_until
from tcplab.errors import BadValue, WorldDown
from tcplab.live.view import GONE
from tcplab.live.world import WorldView, live_world
from tcplab.traffic.connects import leave_time_waits

pytestmark = pytest.mark.by_anyone


def host(view: WorldView, name: str) -> dict[str, Any]:
    """One host, as the browser has it."""
    return next(one for one in view.seen["hosts"] if one["name"] == name)


def test_what_happens_between_two_looks(calm: Testbed) -> None:
    """Sockets, fates, rules and programs of this moment; where nothing has happened, no news."""
    bed, view = calm, live_world(calm)
    news: list[object] = []
    view.observe(news.append, "seen")
    view.look()
    assert not news
    with bed.server.listen(80), bed.client.connect(bed.server, 80) as mine, bed.wire.hold(having="F"):
        mine.shutdown(1)
        bed.settle()
        view.look()
        assert host(view, "client")["sockets"] == [["FIN_WAIT1", 1]]
        assert host(view, "server")["sockets"] == [["ESTABLISHED", 1], ["LISTEN", 1]]
        (link,) = view.seen["links"]
        assert (dict(link["fates"])["held"], list(link["rules"])) == (1, ["hold(having='F')"])
        assert view.lead == "client and server: 3 sockets, 4 segments so far."
        assert repr(view).splitlines()[0] == view.lead


def test_a_program_is_seen_in_its_host(bed: Testbed) -> None:
    """By name, beside the agent that stands for the host."""
    asleep = bed.server.start(["sleep", "30"])
    assert host(live_world(bed), "server")["programs"] == (("agent", 1), ("sleep", 1))
    asleep.stop()


def test_a_click_on_a_host(bed: Testbed) -> None:
    """Its first twenty sockets, who holds them, and the line that shows all; another name is refused."""
    view = live_world(bed)
    with bed.server.listen(80, backlog=64):
        mine = [bed.client.connect(bed.server, 80) for _ in range(23)]
        told = view.answer({"do": "sockets", "host": "client"})
        assert (told["count"], len(told["rows"])) == (23, 20)
        assert {row["held_by"] for row in told["rows"]} == {"this notebook"}
        assert told["code"].splitlines()[0] == "%on client ss -tano"
        assert bed.client.run(["ss", "-tanH"]).stdout.count("\n") == 23
        for each in mine:
            each.close()
    assert "client, server" in view.answer({"do": "sockets", "host": "proxy"})["refused"]


@pytest.fixture(params=["proxied on wires", "proxied", "translated"])
def other(request: pytest.FixtureRequest) -> Iterator[Testbed]:
    """The other beds."""
    made = {
        "proxied on wires": lambda: Testbed.proxied(link="wire"),
        "proxied": Testbed.proxied,
        "translated": Testbed.translated,
    }
    with made[request.param]() as bed:
        yield bed


def test_three_hosts(other: Testbed) -> None:
    """Three hosts and the two links between them, programmable or not."""
    view = live_world(other)
    assert [one["name"] for one in view.seen["hosts"]] == list(other.hosts)
    assert [one["programmable"] for one in view.seen["links"]] == [other.link == "wire"] * 2
    assert not view.trouble


def test_down_and_up_again(bed: Testbed) -> None:
    """The last state stays, with a sentence; the button makes fresh hosts, which the same bed has."""
    view = live_world(bed)
    with bed.server.listen(80):
        view.look()
    last = view.seen
    bed.down()
    view.look()
    assert (view.trouble["says"], view.seen) == (GONE, last)
    assert view.answer({"do": "sockets", "host": "client"})["refused"] == GONE
    assert view.answer({"do": "again"}) == {}
    assert bed.is_up
    assert (view.trouble, host(view, "server")["sockets"]) == ({}, [])


def test_what_is_no_bed(bed: Testbed) -> None:
    """A host is refused, and so is nothing where no bed is up."""
    with pytest.raises(BadValue, match="a bed, such as"):
        live_world(bed.client)  # type: ignore[arg-type]
    bed.down()
    with pytest.raises(WorldDown):
        live_world()


def test_thousands_are_counted_and_looked_at_less_often() -> None:
    """Among 5,000 TIME_WAITs a look makes no objects of them; who looks takes a twentieth of a core at most."""
    with Testbed.two_hosts(link="veth") as bed:
        view = live_world(bed)
        leave_time_waits(bed.client, bed.server, 80, count=5000)
        wait_until(lambda: view.look() or view.seen["hosts"][0]["sockets"], within_s=10, what="a look")
        assert host(view, "client")["sockets"] == [["TIME_WAIT", 5000]]
        assert 0.2 <= view.period_s <= 2
        assert len(view.answer({"do": "sockets", "host": "client"})["rows"]) == 20
