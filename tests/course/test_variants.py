"""What is drawn for a learner: the solution is right for whatever it is, and right for nothing else."""

from itertools import product

import pytest
from answers import EVERY, LABS, TRIES
from tcplab.checks.variants import Variants
from tcplab.model.evidence import Outcome

VARIED = [(lab, name) for lab, name in EVERY if LABS[lab][name].variants]
each_varied = pytest.mark.parametrize(("lab", "name"), VARIED)
LEARNERS = [f"learner {number}" for number in range(20)]
DRAWS = Variants("{a} and {b}", {"a": range(10, 20), "b": (3, 5, 8)})


@each_varied
def test_solution_passes_for_what_is_drawn_and_not_for_the_next(lab, name):
    """For twenty learners, what solves it passes, and is no solution once it is drawn anew."""
    exercise, kept = LABS[lab][name], TRIES[lab][name]
    assert kept.varied, f"{name}: say in wrong_answers/lab_{lab}.py what solves it for other numbers: varied=…"
    for learner, draws in product(LEARNERS, (0, 1)):
        answer = kept.varied(exercise.variants.drawn(name, learner, draws))
        verdict = exercise.check(kept.evidence(name, answer, learner, draws))
        assert verdict.outcome is Outcome.PASSED, verdict.message
        assert not exercise.check(kept.evidence(name, answer, learner, draws + 1)).passed, "drawn anew"


@each_varied
def test_solutions_show_the_first_choice(lab, name):
    """What is drawn for nobody is what the notebook that everybody can read shows."""
    variants = LABS[lab][name].variants
    assert variants.drawn(name).numbers == {key: choices[0] for key, choices in variants.choices.items()}
    assert variants.says.format_map(variants.drawn(name).numbers)
    assert all(len(set(choices)) > 1 for choices in variants.choices.values())


@each_varied
def test_two_learners_seldom_have_the_same(lab, name):
    """Of twenty learners, most are asked what no other is."""
    variants = LABS[lab][name].variants
    asked = [tuple(variants.drawn(name, learner).numbers.values()) for learner in LEARNERS]
    assert len(set(asked)) >= 10, "Give it more choices."


def test_every_choice_comes_once_before_any_comes_again():
    """A learner who draws anew meets all there is, in an order of their own."""
    drawn = [DRAWS.drawn("some", "Ada", draws) for draws in range(20)]
    assert sorted(one.a for one in drawn[:10]) == [*range(10, 20)]
    assert [one.a for one in drawn[:10]] == [one.a for one in drawn[10:]]
    assert [one.a for one in drawn[:10]] != [DRAWS.drawn("some", "Ben", draws).a for draws in range(10)]


def test_what_is_not_drawn_is_no_attribute():
    """A slip in a name is an error, not a number."""
    with pytest.raises(AttributeError):
        _ = DRAWS.drawn("some").c
