"""Two outages at once, what a learner may ask of a case, and what is left of one."""

from pathlib import Path

import pytest
from incidents import at_hand
from tcplab.errors import BadValue, NginxRefused
from tcplab.incident.case import Incident
from tcplab.incident.kinds import KINDS, PAIRS
from tcplab.model.evidence import Outcome

QUICK = (("few buckets", "lost on the back"), ("timeouts cross", "ports bound"))


def both_needed(pair: tuple[str, str], folder: Path) -> None:
    """One diagnosis, or one repair, is not enough."""
    case = Incident(1, kinds=pair, folder=folder)
    one, other = (KINDS[name] for name in pair)
    try:
        at_hand(case)
        assert all(served.well < served.asked for served in case.complaints), case.complaints
        case.diagnose(side=one.sides[0], mechanism=one.mechanism)
        one.mended(case.service)
        half = case.verdict()
        assert "One of the two is found" in half.message, half
        case.diagnose(side=other.sides[0], mechanism=other.mechanism)
        half = case.verdict()
        assert half.outcome is Outcome.NOT_YET, half
        other.mended(case.service)
        whole = case.verdict()
        assert whole.outcome is Outcome.PASSED, whole
    finally:
        case.down()


@pytest.mark.parametrize("pair", QUICK, ids=" and ".join)
def test_a_pair_needs_both(pair: tuple[str, str], tmp_path: Path) -> None:
    """Two complaints, two diagnoses, two repairs."""
    both_needed(pair, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair not in QUICK], ids=" and ".join)
def test_every_pair_needs_both(pair: tuple[str, str], tmp_path: Path) -> None:
    """The same, of every pair that can be drawn."""
    both_needed(pair, tmp_path)


def test_what_is_asked_wrongly_is_refused(tmp_path: Path) -> None:
    """Unknown words are answered with the known ones; nginx's own message comes through, and the case stays."""
    with pytest.raises(BadValue, match="seed"):
        Incident("one")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="one port"):
        Incident(1, kinds=["no such"])
    case = Incident(1, kinds=["no pool"], folder=tmp_path).up()
    try:
        with pytest.raises(BadValue, match="proxy"):
            case.diagnose(side="router", mechanism="no pool")
        with pytest.raises(BadValue, match="pool too small"):
            case.diagnose(side="proxy", mechanism="gremlins")
        with pytest.raises(BadValue, match=r"shop\.py"):
            case.restart("shoop.py")
        with pytest.raises(BadValue, match="front"):
            case.replace("middle")
        case.service.edit("proxy.conf", "proxy_pass", "proxy_past")
        with pytest.raises(NginxRefused, match="unknown directive"):
            case.reload()
        case.service.edit("proxy.conf", "proxy_past", "proxy_pass")
        case.diagnose(side="proxy", mechanism="no pool")
        case.recorded_repair()
        assert case.verdict().passed
    finally:
        case.down()


def test_the_next_case_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """A cell may be run again: the world before is gone, and files that were changed are kept."""
    first = Incident(1, kinds=["one port"], folder=tmp_path).up()
    first.service.path("shop.py").write_text("# mine\n")
    second = Incident(1, kinds=["one port"], folder=tmp_path).up()
    try:
        assert not first.bed.is_up
        assert second.bed.is_up
        assert (tmp_path / "shop-before.py").read_text() == "# mine\n"
        assert second.report.splitlines()[0] == first.report.splitlines()[0]
    finally:
        second.down()
