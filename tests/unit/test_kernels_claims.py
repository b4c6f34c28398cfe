"""What of the labs ./env/test --kernels executes in a guest, and which verdict on each claim comes of it."""

import pytest
from kernels.page import claim_ids
from kernels.plan import Lab, lab, labs, selected
from tcplab.command.claims import Cell, differing, judged, said


def test_every_claim_is_executed_in_its_lab():
    """Whatever claims.md names has a cell among those that are executed, and each lab ends with a claim's cell."""
    plan = labs()
    there = {(claim, each.number) for each in plan for cell in each.cells for claim in cell.claims}
    assert set(claim_ids().items()) <= there
    assert all(each.cells[-1].claims for each in plan)


def test_cells_of_a_notebook():
    """Code up to the last claim; text, and what comes after, is left out."""
    code = {"cell_type": "code", "outputs": []}
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Why?"]},
        {**code, "id": "b", "metadata": {}, "source": ["x = 1\n", "x"]},
        {**code, "id": "c", "metadata": {"tags": ["claim-S1", "claim-X2", "nbval-ignore-output"]}, "source": ["x"]},
        {**code, "id": "d", "metadata": {"tags": ["raises-exception"]}, "source": ["1/0"]},
    ]
    found = lab("00-why", {"cells": cells})
    assert [cell.id for cell in found.cells] == ["b", "c"]
    assert found.cells[0].source == "x = 1\nx"
    assert (found.cells[1].claims, found.cells[1].is_compared) == (("S1", "X2"), False)
    assert lab("00-why", {"cells": cells[:2]}).cells == ()


def test_what_a_cell_said():
    """Prints and the value, in order; a picture's words are those of its twin, which is printed."""
    stream = {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}
    picture = {"output_type": "display_data", "data": {"image/png": "…", "text/plain": "a picture"}}
    value = {"output_type": "execute_result", "data": {"text/plain": ["3"]}}
    assert said([stream, picture, value]) == "one\ntwo\n3"


def test_what_is_printed_in_pieces_is_one_text():
    """A bar that grows is sent as it grows: where it is cut is chance."""
    pieces = [{"output_type": "stream", "name": "stdout", "text": [text]} for text in ("ports ", "█", "█ 2\n")]
    assert said(pieces) == "ports ██ 2"


def a_cell(name: str, stored: str, *claims: str, **more: bool) -> Cell:
    """A cell of a lab."""
    return Cell(name, "", claims, stored, **({"is_compared": True, "may_raise": False} | more))


def a_story(cell: str, text: str = "", error: str = "") -> dict[str, str]:
    """What a guest tells of a cell."""
    return {"cell": cell, "said": text, "error": error}


LAB = (
    a_cell("1", "", "S1"),
    a_cell("2", "192.0.2.1:40000 TIME_WAIT 59 s\nsegments: 3", "S2"),
    a_cell("3", "■ passed  well", "S3", "S2"),
)


@pytest.mark.parametrize(
    ("second", "third", "verdicts"),
    [
        (a_story("2", "192.0.2.1:51111 TIME_WAIT 58 s\nsegments: 3"), a_story("3", "■ passed  well"), "holds, holds"),
        (a_story("2", "192.0.2.1:51111 TIME_WAIT 58 s\nsegments: 4"), a_story("3", "■ passed  well"), "differs, holds"),
        (a_story("2", "192.0.2.1:51111 LAST_ACK"), a_story("3", "■ passed  well"), "differs, holds"),
        (a_story("2", "192.0.2.1:40000 TIME_WAIT 59 s\nsegments: 3"), a_story("3", "◧ not yet"), "refuted, refuted"),
        (a_story("2", error="OSError: no"), None, "refuted, not reached"),
        (None, None, "not reached, not reached"),
    ],
)
def test_verdicts(second, third, verdicts):
    """What is chance is no difference, another state or count is; a failed check and an error refute, and only they."""
    found = judged([LAB], [each for each in (a_story("1"), second, third) if each])
    assert found["S1"].verdict == "holds"
    assert f"{found['S2'].verdict}, {found['S3'].verdict}" == verdicts


def test_why_a_claim_is_refuted():
    """The error itself, and behind it whose error it was."""
    found = judged([LAB], [a_story("1"), a_story("2", error="OSError: no")])
    assert [reason.here for reason in found["S2"].reasons] == ["OSError: no", "not reached: 2 raised"]


def test_a_second_run_replaces_the_first():
    """A lab that stopped is executed once more: its last story counts."""
    again = [a_story("2", "192.0.2.1:40000 TIME_WAIT 59 s\nsegments: 3"), a_story("3", "■ passed  well")]
    found = judged([LAB], [a_story("1"), a_story("2", error="NotReady: slow"), a_story("1"), *again])
    assert {verdict.verdict for verdict in found.values()} == {"holds"}


def test_what_is_not_compared_may_say_anything():
    """A cell that measures differs nowhere; one that may raise refutes nothing."""
    free = a_cell("1", "15 ms", "S1", is_compared=False)
    assert judged([(free,)], [a_story("1", "150 ms")])["S1"].verdict == "holds"
    raising = a_cell("1", "", "S1", may_raise=True)
    assert judged([(raising,)], [a_story("1", error="ZeroDivisionError")])["S1"].verdict == "holds"


def test_lines_that_differ():
    """Only those, of both sides, as they were printed."""
    assert differing("a\nb 40001.5\nc\n", "a\n\nc\nd") == ("b 40001.5", "d")


CLAIMED = (("01", "S8"), ("02", "S8", "S3a"), ("03", "S4"))


def test_labs_that_are_selected():
    """With those that bear the same claim, or its verdict would be half of one; a lab that is not there is named."""
    one, two, three = (Lab(f"{name}-x", (a_cell("1", "", *claims),)) for name, *claims in CLAIMED)
    assert selected(["01"], [one, two, three]) == [one, two]
    assert selected(["facts"], [one, two, three]) == []
    assert selected([], [one, two, three]) == [one, two, three]
