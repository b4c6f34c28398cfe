"""What a case draws from its seed, and what a report says."""

from pathlib import Path

import pytest
from tcplab.incident.case import Incident
from tcplab.incident.kinds import KINDS, PAIRS
from tcplab.incident.report import complaint, share
from tcplab.model.incident import MECHANISMS, SIDES, Served


def drawn(seed: int, *, pair: bool = False) -> tuple[str, ...]:
    """The names of what a seed draws."""
    return tuple(kind.name for kind in Incident(seed, pair=pair).kinds)


def test_the_same_seed_draws_the_same() -> None:
    """A case can be named by its number."""
    assert [drawn(seed) for seed in range(50)] == [drawn(seed) for seed in range(50)]


def test_a_kind_more_moves_only_what_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the chapter's nights stay what they are, and so do the seeds that people know."""
    before = [drawn(seed) for seed in range(200)]
    fewer = {name: kind for name, kind in KINDS.items() if name != "NAT that forgets"}
    monkeypatch.setattr("tcplab.incident.kinds.KINDS", fewer)
    moved = [was for was, now in zip(before, map(drawn, range(200)), strict=True) if was != now]
    assert set(moved) == {("NAT that forgets",)}


def test_every_kind_is_drawn() -> None:
    """200 seeds show all there is, and 500 every pair."""
    assert {drawn(seed)[0] for seed in range(200)} == set(KINDS)
    assert {drawn(seed, pair=True) for seed in range(500)} == set(PAIRS)


def test_there_are_twelve_or_more() -> None:
    """Each of a known side and mechanism, with repairs that do not mend."""
    assert len(KINDS) >= 12
    for kind in KINDS.values():
        assert set(kind.sides) <= set(SIDES)
        assert kind.mechanism in MECHANISMS
        assert len(kind.wrong) >= 2


def test_the_chapter_counts_right() -> None:
    """It tells how many kinds there are, and how many pairs."""
    chapter = (Path(__file__).parents[2] / "course/chapters/13-what-is-wrong-here.md").read_text()
    assert len(KINDS) == 18
    assert "Eighteen kinds of night" in chapter
    assert f"{len(PAIRS)} pairs of them" in chapter


def test_pairs_do_not_disturb_each_other() -> None:
    """Two of a pair have different complainants."""
    for one, other in PAIRS:
        assert KINDS[one].crowd != KINDS[other].crowd
        assert not KINDS[one].touches & KINDS[other].touches


@pytest.mark.parametrize(
    ("part", "word"), [(0, "none"), (1, "some"), (30, "some"), (50, "about half"), (71, "most"), (100, "all")]
)
def test_shares_in_words(part: int, word: str) -> None:
    """As people say it."""
    assert share(part, 100) == word


def test_every_crowd_has_words() -> None:
    """A complaint says what people saw, and not which counter moved."""
    for kind in KINDS.values():
        said = complaint(Served(kind.seen or kind.crowd, 8, 2, {"504": 6}))
        assert "Gateway Timeout" in said
        assert said.endswith(".")
