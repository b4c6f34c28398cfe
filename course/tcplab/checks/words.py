"""Several cases, and a word for each: the judgement that such questions share."""

from collections.abc import Callable, Mapping, Sequence

from tcplab.checks.exercise import is_open, not_attempted, not_yet, passed, unseen
from tcplab.checks.misconception import Lead
from tcplab.model.evidence import Verdict

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


def judged_words(
    answer: object,
    happened: Mapping[str, str],
    words: Sequence[str],
    lead: Callable[[str, str], Lead],
    *,
    shown_by: str,
    well: str,
) -> Verdict:
    """Judge {"one_case": "a word", …} by what happened.

    Args:
        answer: what the learner wrote; `...` anywhere says: not attempted
        happened: for each case, in the order in which they are judged, its word; empty where it has not happened yet
        words: what may be answered, in any case of letters
        lead: from a case and a wrong word to what leads on
        shown_by: what shows the right word, as "what the wire shows"
        well: what is said when all are right
    """
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(happened):
        asked = f"{_NUMBERS[len(happened)].capitalize()} answers are asked."
        return not_yet(asked, expected=", ".join(f"{case}=…" for case in happened), got=repr(answer))
    said = {case: str(answer[case]).strip().lower() for case in happened}
    for case, word in said.items():
        if word not in words:
            which = f"one of {_NUMBERS[len(words)]} words."
            return not_yet(which, about=case, expected=" or ".join(words), got=repr(answer[case]))
    if missing := [case for case, word in happened.items() if not word]:
        return unseen(f"Not all of it has happened yet ({', '.join(missing)}): run the cells above, then this.")
    for case, word in happened.items():
        if said[case] != word:
            return not_yet(lead(case, said[case]), about=case, expected=shown_by, got=said[case])
    return passed(well)
