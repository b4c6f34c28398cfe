"""Whatever befalls a live picture, somebody who looks at it reads a sentence, and never a traceback."""

import inspect
import math
from collections.abc import Callable, Iterator

import pytest
from tcplab import Testbed
from tcplab.live.debugger import debugger
from tcplab.live.dial import dial
from tcplab.live.ladder import live_ladder
from tcplab.live.machine import machine
from tcplab.live.ports import portmap
from tcplab.live.runner import runner
from tcplab.live.settings import settings
from tcplab.live.view import GONE, View
from tcplab.live.world import live_world

pytestmark = pytest.mark.by_anyone

PICTURES: dict[str, Callable[[Testbed], View]] = {
    "ladder": lambda bed: live_ladder(bed.wire),
    "debugger": debugger,
    "machine": machine,
    "ports": lambda bed: portmap(bed.client),
    "settings": lambda bed: settings(bed.client),
    "runner": runner,
    "world": live_world,
    "dial": lambda bed: dial(bed.wire),
}
BAD = (None, "", "4o", "nan", -1, 10**12, 1.5, math.nan, math.inf, True, "bed", "net.ipv4.no_such")
ACTS = {"again", "pulse"}
"""What needs nothing to be told."""

every = pytest.mark.parametrize("name", PICTURES)


@pytest.fixture
def bed(name: str) -> Iterator[Testbed]:
    """A bed as a notebook has it: a second one of its name would take its place."""
    made = Testbed.proxied(link="wire") if name == "runner" else Testbed.two_hosts()
    yield made.up("every")
    made.down()


@pytest.fixture
def view(bed: Testbed, name: str) -> Iterator[View]:
    """One picture; nobody watches it, so it looks when it is asked."""
    one = PICTURES[name](bed)
    one.look()
    yield one
    one.close()


def asked(view: View) -> list[tuple[str, list[str]]]:
    """What may be asked of a picture, and what goes with each question."""
    found = [each for each in dir(view) if each.startswith("do_") and each.removeprefix("do_") not in ACTS]
    return [(each.removeprefix("do_"), list(inspect.signature(getattr(view, each)).parameters)) for each in found]


@every
def test_values_that_are_none_are_refused_in_words(view: View, name: str) -> None:
    """Whatever is asked, with whatever value: an answer, or a sentence."""
    for act, details in asked(view):
        for value in BAD if details else ():
            said = view.answer({"do": act} | dict.fromkeys(details, value)).get("refused", "")
            assert not said or said.endswith((".", "newest")), said
    for nonsense in (
        {"do": "fly"},
        {"do": None},
        {},
        *({"do": act, "no": 1} for act, details in asked(view) if details != ["form"]),
    ):
        assert "refused" in view.answer(nonsense)


@every
def test_a_world_that_went_down_under_it(bed: Testbed, view: View, name: str) -> None:
    """Looked at, asked and printed: sentences; its button brings up fresh hosts, for all pictures of the bed."""
    other = PICTURES[name](bed)
    listener = bed.hosts["server" if "server" in bed.hosts else "backend"].listen(80)
    view.look()
    listener.close()
    bed.down()
    for one in (view, other):
        one.look()
        assert one.trouble == {"says": GONE, "button": "Bring it up again", "do": "again"}
        assert repr(one)
        for act, details in asked(one):
            one.answer({"do": act} | dict.fromkeys(details, 1))
    assert view.answer({"do": "again"}) == {}
    for one in (view, other):
        one.look()
        assert one.trouble == {}
        assert repr(one)
    other.close()


@every
def test_another_bed_has_taken_its_place(bed: Testbed, view: View, name: str) -> None:
    """The button does not bring down a bed that a cell has made meanwhile: it says so."""
    heir = Testbed.two_hosts().up(bed.name)
    try:
        view.look()
        assert view.trouble["button"] == "Bring it up again"
        assert "Another bed has taken this one's place." in view.answer({"do": "again"})["refused"]
        assert heir.is_up
    finally:
        heir.down()
