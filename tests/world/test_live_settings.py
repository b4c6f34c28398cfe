"""The sysctl panel and the dial on a real bed: what they do in the kernel and on the wire, and what they are told."""

from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from tcplab import Testbed, sysctls
from tcplab.errors import BadValue, WorldDown
from tcplab.live import settings as module
from tcplab.live.dial import dial
from tcplab.live.settings import Settings, settings
from tcplab.live.view import GONE
from tcplab.wire.wire import Wire

pytestmark = pytest.mark.by_anyone

REUSE = "tcp_tw_reuse"


def row(view: Settings, name: str) -> dict[str, Any]:
    """One row, as the browser has it."""
    return next(one for one in view.rows if one["short"] == name)


def test_a_value_goes_to_the_kernel_and_its_line_is_written(bed: Testbed) -> None:
    """Set, read back, told; the other host and the machine have what they had."""
    before = Path(f"/proc/sys/net/ipv4/{REUSE}").read_text()
    view = settings(bed.client, REUSE)
    assert view.answer({"do": "set", "name": REUSE, "value": "1"}) == {"value": "1", "adapted": ""}
    assert (bed.client.sysctl(REUSE), bed.server.sysctl(REUSE)) == ("1", "2")
    assert row(view, REUSE)["changed"]
    assert list(view.code) == ["sysctl -w net.ipv4.tcp_tw_reuse=1"]
    assert repr(view) == (
        "client: 1 setting is not as by default.\n"
        "net.ipv4.tcp_tw_reuse              1              default: 2, changed\n"
        "$ sysctl -w net.ipv4.tcp_tw_reuse=1"
    )
    view.answer({"do": "reset"})
    assert bed.client.sysctl(REUSE) == "2"
    assert Path(f"/proc/sys/net/ipv4/{REUSE}").read_text() == before


def test_the_kernels_refusal_is_quoted_and_its_value_stays(bed: Testbed) -> None:
    """And the button says what it puts back."""
    view = settings(bed.client)
    said = view.answer({"do": "set", "name": REUSE, "value": "3"})
    assert said["wrong"] == "The kernel said: Invalid argument. The value is still 2."
    assert said["button"] == "Put 2 back"
    said = view.answer({"do": "set", "name": "ip_local_port_range", "value": "4o000"})
    assert said["wrong"].endswith("Allowed: two ports, low and high.")
    assert said["button"] == "Put 32768 60999 back"
    assert bed.client.sysctl("ip_local_port_range") == "32768 60999"
    assert not view.code


def test_what_the_kernel_makes_of_a_value_is_told(bed: Testbed) -> None:
    """As it is now."""
    said = settings(bed.client).answer({"do": "set", "name": "tcp_fin_timeout", "value": "007"})
    assert said == {"value": "7", "adapted": "You asked for 007. The kernel made it 7."}


def test_defaults_are_a_fresh_namespaces_whatever_was_set_before(bed: Testbed) -> None:
    """A panel that comes late knows them, and two panels agree."""
    with sysctls(bed.client, tcp_tw_reuse=0, ip_local_port_range=(40000, 40009)):
        one, other = settings(bed.client, REUSE), settings(bed.client)
        assert (row(one, REUSE)["value"], row(one, REUSE)["default"]) == ("0", "2")
        assert row(other, "ip_local_port_range")["default"] == "32768 60999"
        one.answer({"do": "set", "name": REUSE, "value": "1"})
        other.look()
        assert row(other, REUSE)["value"] == "1"
    one.look()
    assert row(one, REUSE)["value"] == "2"


def test_what_this_kernel_has_not_is_named(bed: Testbed, monkeypatch: pytest.MonkeyPatch) -> None:
    """As kernels before 6.14 have no tcp_tw_reuse_delay."""
    gone = module.Sysctl("net.ipv4.tcp_tw_recycle", "Gone since Linux 4.12.", "0 or 1", 0, 1)
    monkeypatch.setitem(module.SYSCTLS, "tcp_tw_recycle", gone)
    view = settings(bed.client, "tcp_tw_recycle")
    assert row(view, "tcp_tw_recycle")["value"] is None
    assert "net.ipv4.tcp_tw_recycle            this kernel has none" in repr(view)
    assert "has no sysctl" in view.answer({"do": "set", "name": "tcp_tw_recycle", "value": "1"})["refused"]


def test_no_such_host_or_sysctl(bed: Testbed) -> None:
    """Refused with what there is."""
    with pytest.raises(BadValue, match=r"bed\.client"):
        settings(bed)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="tcp_tw_reuse"):
        settings(bed.client, "tcp_tw_recycle")
    assert "tcp_tw_reuse" in settings(bed.client).answer({"do": "set", "name": "x", "value": "1"})["refused"]
    with pytest.raises(BadValue, match=r"bed\.wire"):
        dial(bed.client)  # type: ignore[arg-type]


def test_a_world_that_went_down_comes_up_with_fresh_values() -> None:
    """A sentence and a button; after it, fresh hosts."""
    with Testbed.two_hosts() as bed:
        view, slow = settings(bed.client, REUSE), dial(bed.wire)
        view.answer({"do": "set", "name": REUSE, "value": "1"})
        slow.answer({"do": "turn", "rtt_ms": 20})
        bed.down()
        assert view.answer({"do": "set", "name": REUSE, "value": "0"})["refused"] == GONE
        slow.look()
        assert slow.trouble["says"] == GONE
        assert view.answer({"do": "again"}) == {}
        assert (row(view, REUSE)["value"], list(view.code)) == ("2", [])
        assert slow.answer({"do": "again"}) == {}
        assert slow.rtt_ms == 0
    with pytest.raises(WorldDown):
        settings(bed.client)


def handshake_s(bed: Testbed) -> float:
    """How long a connect() takes."""
    begun = monotonic()
    with bed.server.listen(80), bed.client.connect(bed.server, 80):
        return monotonic() - begun


def test_two_dials_on_one_wire_agree(bed: Testbed) -> None:
    """What one is turned to, the wire does and the other shows; 0 takes the rule away."""
    one, other = dial(bed.wire), dial(bed.wire)
    assert one.answer({"do": "turn", "rtt_ms": "60"}) == {"rtt_ms": 60}
    assert handshake_s(bed) >= 0.06
    other.look()
    assert repr(other) == "Between client and server: 60 ms there and back.\nslow = bed.wire.delay(rtt_ms=60)"
    other.answer({"do": "turn", "rtt_ms": 20})
    assert [rule.call for rule in bed.wire.rules] == ["delay(rtt_ms=20)"]
    assert handshake_s(bed) >= 0.02
    assert one.answer({"do": "turn", "rtt_ms": 0}) == {"rtt_ms": 0}
    assert bed.wire.rules == ()
    before = len(bed.wire.segments)
    handshake_s(bed)
    assert all(each.delivered_s == each.time_s for each in bed.wire.segments[before:])


def test_a_dial_tells_what_else_the_wire_does(bed: Testbed) -> None:
    """Delays of your own are added up, other rules named; a dial whose rule somebody removed stands at 0."""
    slow = dial(bed.wire)
    slow.answer({"do": "turn", "rtt_ms": 40})
    with bed.wire.delay(one_way_ms=5), bed.wire.drop(flags="R"):
        slow.look()
        assert slow.lead == (
            "Between client and server: 50 ms there and back, 10 of them by rules of yours."
            " In force besides: delay(one_way_ms=5), drop(flags='R')."
        )
        assert slow.rtt_ms == 40
    for rule in bed.wire.rules:
        rule.remove()
    slow.look()
    assert (slow.lead, slow.rtt_ms) == ("Between client and server: 0 ms there and back.", 0)


def test_a_dial_waits_for_nothing_that_is_on_its_way(bed: Testbed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click is answered at once: neither the new rule nor the end of the old one lets the wire settle first."""
    slow, asked = dial(bed.wire), []
    ask = Wire.ask
    monkeypatch.setattr(
        Wire,
        "ask",
        lambda self, *what, settle_s=1.0: (asked.append((what[0], settle_s)), ask(self, *what, settle_s=settle_s))[1],
    )
    for rtt_ms in (20, 30, 0):
        slow.answer({"do": "turn", "rtt_ms": rtt_ms})
    assert asked == [("add", 0), ("add", 0), ("remove", 0), ("remove", 0)]


@pytest.mark.parametrize("typed", [201, -1, "soon", "", None, "1e2", True])
def test_what_is_no_round_trip(bed: Testbed, typed: object) -> None:
    """Refused, with the range and a button; the wire stays as it was."""
    slow = dial(bed.wire)
    slow.answer({"do": "turn", "rtt_ms": 10})
    said = slow.answer({"do": "turn", "rtt_ms": typed})
    assert said["refused"].endswith("Allowed: 0 to 200 ms.")
    assert (said["button"], said["do"], said["with"]) == ("Put 10 back", "turn", {"rtt_ms": 10})
    assert slow.rtt_ms == 10
