"""Grading's pure parts: submissions found, put into our frame, compared with each other."""

import os
import random

import pytest
from hostile import NONE_AT_ALL
from submissions import LEAVE_THE_ANSWERS, code, lab, named, with_cell, written
from tcplab.errors import BadValue
from tcplab.grading.alike import Print, alike, answers, chance
from tcplab.grading.handed_in import handed_in
from tcplab.grading.limits import Limits
from tcplab.grading.spliced import cells, lab_of, opened, spliced
from tcplab.wire.layout import FULL_BYTES


def read(data):
    """The code cells of a notebook's bytes."""
    return cells(opened(data))


OURS = read(written(lab("00")))
SOLVED = [one.source for one in spliced(OURS, read(written(lab("00", solved=True)))) if one.name]


@pytest.mark.parametrize("mangle", LEAVE_THE_ANSWERS)
def test_mangled_answers_run_at_their_place(mangle):
    """Whatever became of the notebook, each answer runs once, before what follows it in our lab."""
    theirs = read(mangle(lab("00", solved=True)))
    run = spliced(OURS, theirs)
    where = [[at for at, one in enumerate(run) if source.splitlines()[0] in one.source] for source in SOLVED]
    assert all(where), "an answer is lost"
    assert [found[-1] for found in where] == sorted(found[-1] for found in where)
    assert run[0].source == OURS[0].source, "our set-up comes first"
    assert lab_of(theirs, {"00-the-server-is-well": OURS, "99-x": []}, "00-the-server-is-well.ipynb")


@pytest.mark.parametrize("data", NONE_AT_ALL.values(), ids=NONE_AT_ALL)
def test_what_is_no_notebook_is_refused(data):
    """With one kind of error, whose message says what was expected."""
    with pytest.raises(BadValue, match="notebook"):
        opened(data)


def test_a_wire_may_record_what_it_records():
    """There is room for whole frames until the wire itself keeps headers only, and for many of those."""
    assert Limits().record_bytes >= 2 * FULL_BYTES


def test_an_untouched_copy_below_an_answer_does_not_undo_it():
    """Of one exercise written twice the last that was written counts."""
    book = lab("00", solved=True)
    book["cells"].append({**named(lab("00"), "refused_segments"), "id": "pasted"})
    (run,) = [one for one in spliced(OURS, read(written(book))) if one.name == "refused_segments"]
    assert run.source == SOLVED[0]


def test_a_lab_that_has_grown_since_takes_its_old_answers():
    """Ids count cells: where they have moved on, names and sources tell which cell is which."""
    book = lab("00", solved=True)
    for number, cell in enumerate(book["cells"], start=4):
        cell["id"] = f"00-the-server-is-well-{number:03}"
    assert [one.source for one in spliced(OURS, read(written(book))) if one.name] == SOLVED


def test_what_they_changed_of_ours_is_as_it_was():
    """Set-up and experiments are not theirs to change."""
    book = lab("00", solved=True)
    code(book)[0]["source"] = "bed = None"
    assert "bed = None" not in [one.source for one in spliced(OURS, read(written(book)))]


def test_added_cells_run_before_the_cell_that_they_stood_before():
    """A function that an answer needs is there when it is needed."""
    run = [one.source for one in spliced(OURS, read(written(with_cell(lab("00"), "mine = 1", at=len(OURS)))))]
    assert run.count("mine = 1") == 1
    assert 0 < run.index("mine = 1") < len(run) - 1


def test_a_class_is_found_with_its_strangers(tmp_path):
    """Names of any letters; links, other files and doubled names are remarked on."""
    for name in ("김 민지/deep/er/02.ipynb", "Ada.ipynb", "ada/x.ipynb", "notes.txt", ".hidden/x.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    (tmp_path / os.fsdecode(b"\xff.ipynb")).write_text("{}")
    found, remarks = handed_in(tmp_path)
    assert {one.learner for one in found} == {"김 민지", "Ada", "ada (2)", "\N{REPLACEMENT CHARACTER}"}
    assert [remark.partition(":")[0] for remark in sorted(remarks)] == [
        "one name, or two that look alike; kept apart",
        "passed over, no file of its own, but a link or a device",
        "passed over, no notebook",
    ]


@pytest.mark.parametrize("name", [".", "missing"])
def test_a_folder_without_notebooks_is_refused(tmp_path, name):
    """The message says what a folder of submissions is."""
    with pytest.raises(BadValue, match="notebook"):
        handed_in(tmp_path / name)


def test_numbers_of_chance_tell_a_copy():
    """Two notebooks with the same ephemeral ports have one origin; two of one learner, or constants, are no copy."""
    draw = random.Random(1)
    common = {"28232", "65535", "40000"}

    def drawn():
        return Print(frozenset(common | {str(draw.randint(32768, 60999)) for _ in range(20)}), {})

    ada, charles, grace, alan = (drawn() for _ in range(4))
    honest = {("Ada", "a"): ada, ("Charles", "a"): charles, ("Grace", "a"): grace, ("Alan", "a"): alan}
    assert alike(honest) == []
    (said,) = alike({**honest, ("Mallory", "m"): Print(ada.chance | {"1.2345"}, {}), ("Ada", "b"): charles})[:1]
    assert said.startswith("Ada (a) and Mallory (m): saved with 20")


def test_chance_is_read_from_outputs():
    """Ports, sequence numbers and times; no small number, no number of a picture."""
    outputs = [{"text": ["192.0.2.1:41234 → 80 seq 1466490336 0.0371 s 58 s"], "data": {"image/png": "99999"}}]
    assert chance({"cells": [{"outputs": outputs}, 7]}) == ["0.0371", "1466490336", "41234"]


def test_a_longer_answer_is_known_by_its_shape():
    """Other names and comments are the same answer, other steps another; a short one proves nothing."""
    long = "mine = bed.client.connect(bed.server, 80)  # so\n" * 6

    def shape(source):
        book = lab("00")
        named(book, "from_the_server")["source"] = source
        return answers(spliced(OURS, read(written(book))), OURS).get("from_the_server")

    assert shape(long) == shape(long.replace("mine", "yours").replace("# so", "")) is not None
    assert shape(long) != shape(long.replace("80", "81"))
    assert shape("x = 1") is None
