"""The port map of a real host: sampled there while somebody watches, and by nobody otherwise."""

import errno
from collections.abc import Iterator

import pytest
from tcplab import TcpState, Testbed, sockets, sysctls, wait_until
from tcplab.errors import BadValue, WorldDown
from tcplab.live.ports import PortMap, portmap
from tcplab.live.view import GONE
from tcplab.model.ports import CODES, unpacked
from tcplab.observe.ports import ports
from tcplab.traffic.connects import leave_time_waits, open_and_close

pytestmark = pytest.mark.by_anyone

OPEN = CODES[TcpState.ESTABLISHED]


@pytest.fixture
def quick() -> Iterator[Testbed]:
    """Two hosts at kernel speed."""
    with Testbed.two_hosts(link="veth") as bed:
        yield bed


class Watched:
    """A map that somebody shows, and the frames that it was sent."""

    def __init__(self, view: PortMap) -> None:
        self.view = view
        self.frames: list[bytes] = []
        view.tell = lambda _, buffers=None: self.frames.extend(buffers or [])  # type: ignore[method-assign]
        assert view.answer({"do": "pulse"}) == {}

    def until(self, what, holds):
        """Wait for a frame, and return its head."""

        def last():
            self.view.answer({"do": "pulse"})
            return self.frames and holds(*unpacked(self.frames[-1]))

        wait_until(last, within_s=20, what=what)
        return unpacked(self.frames[-1])[0]


@pytest.fixture
def watched(quick) -> Iterator[Watched]:
    """The client's map, watched."""
    one = Watched(portmap(quick.client))
    yield one
    one.view.close()


def samplers(bed):
    """The samplers of a world, by their pids there."""
    said = bed.client.run(["ps", "-ww", "-eo", "pid,args"]).stdout
    return [int(line.split()[0]) for line in said.splitlines() if "port_sampler" in line]


def test_what_the_map_counts_is_in_the_socket_table(quick):
    """Ports of the client in each state, as sockets() lists them; the server's share one port."""
    with sysctls(quick.client, ip_local_port_range=(40000, 40019)), quick.server.listen(81):
        open_and_close(quick.client, quick.server, 80, count=7)
        mine = quick.client.connect(quick.server, 81)
        leave_time_waits(quick.client, quick.server, 82, count=3, holder=quick.server)
        found, there = ports(quick.client), ports(quick.server)
        waiting = {one.local.port for one in sockets(quick.client, state=TcpState.TIME_WAIT)}
        taken = mine.getsockname()[1]
    assert {found.lowest + at for at, code in enumerate(found.codes) if 0 < code < 5} == waiting - {taken}
    assert found.codes[taken - 40000] == OPEN
    assert (len(waiting), 55 < found.next_free_s <= 60) == (7, True)
    assert (there.elsewhere, sum(there.codes)) == ({82: 3}, 0)
    mine.close()


def test_nobody_samples_for_nobody(quick):
    """Neither a map that is made, nor one whose text is read; and a map that is closed leaves no process."""
    view = portmap(quick.client)
    assert repr(view).startswith("0 of 28,232 ports are in TIME_WAIT.\nrange       32768 to 60999, even ports first\n")
    assert samplers(quick) == []
    watched = Watched(view)
    watched.until("a frame", lambda *_: True)
    assert len(samplers(quick)) == 1
    view.close()
    wait_until(lambda: not samplers(quick), within_s=10, what="the end of the sampler")


def test_it_fills_and_says_what_is_on_a_port(quick, watched):
    """Cells, connect() times and a refusal come by themselves; a port that is pointed at tells its four-tuple."""
    with sysctls(quick.client, ip_local_port_range=(40001, 40600)):
        row = open_and_close(quick.client, quick.server, 80, count=1000)
        assert (len(row), row.refused) == (600, errno.EADDRNOTAVAIL)
        head = watched.until("all in TIME_WAIT", lambda head, _: head["counts"][0] == 0 and "EADDR" in head["connect"])
        assert head["lead"].startswith("600 of 600 ports are in TIME_WAIT. The next one is free in ")
        assert [half["name"] for half in head["halves"]] == ["odd", "even"]
        assert watched.view.answer({"do": "chosen", "port": 40123}) == {}
        head = watched.until("the port", lambda head, _: "40123" in head["chosen"])
    (one,) = head["chosen"]["40123"]
    assert (one["local"], one["peer"], one["state"]) == ("192.0.2.1:40123", "192.0.2.2:80", "TIME_WAIT")
    assert 40 < one["left_s"] <= 60


def test_a_range_that_changes_changes_the_map(quick, watched):
    """Down to one port, and back."""
    with sysctls(quick.client, ip_local_port_range=(50000, 50000)):
        head = watched.until("one port", lambda head, codes: len(codes) == 1)
        assert head["lead"] == "0 of 1 port is in TIME_WAIT."
    watched.until("all of them", lambda head, codes: len(codes) == 28_232)


def test_two_maps_of_one_host(quick, watched):
    """Each has a sampler of its own, and hears the same."""
    other = Watched(portmap(quick.client))
    open_and_close(quick.client, quick.server, count=50)
    for one in (watched, other):
        one.until("50 TIME_WAITs", lambda head, _: head["lead"].startswith("50 of"))
    other.view.close()


def test_who_comes_later_sees_the_last_frame(watched):
    """A second tab does not wait for a port to change."""
    watched.until("a frame", lambda *_: True)
    before = len(watched.frames)
    assert watched.view.answer({"do": "begin"}) == {}
    assert len(watched.frames) > before


def test_a_sampler_that_is_killed_comes_back(quick, watched):
    """The map goes on, by another process."""
    watched.until("a frame", lambda *_: True)
    (first,) = samplers(quick)
    quick.client.run(["kill", "-9", str(first)])
    wait_until(lambda: watched.view.answer({"do": "pulse"}) == {} and samplers(quick) not in ([], [first]),
               within_s=20, what="another sampler")  # fmt: skip
    watched.frames.clear()
    watched.until("a frame", lambda *_: True)
    assert watched.view.trouble == {}


def test_a_world_that_goes_down_under_it(quick, watched):
    """It says so, keeps what it showed, and the button brings fresh hosts and frames."""
    watched.until("a frame", lambda *_: True)
    quick.down()
    wait_until(lambda: watched.view.answer({"do": "pulse"}) == {} and watched.view.trouble, within_s=20, what="trouble")
    assert watched.view.trouble["says"] == GONE
    assert watched.view.twin().startswith(GONE)
    watched.frames.clear()
    assert watched.view.answer({"do": "again"}) == {}
    watched.until("a frame", lambda *_: True)
    assert watched.view.trouble == {}


def test_what_is_no_host_and_no_port_is_refused(quick, watched):
    """In a sentence, before anything is started."""
    for wrong in ("client", None, quick):
        with pytest.raises(BadValue, match=r"a host of a bed that is up"):
            portmap(wrong)
    for wrong in (0, 65536, "80", True, None):
        assert "a whole number from 1 to 65535" in watched.view.answer({"do": "chosen", "port": wrong})["refused"]
    client = quick.client
    quick.down()
    with pytest.raises(WorldDown):
        portmap(client)
