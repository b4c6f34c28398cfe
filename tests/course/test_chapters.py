"""The conventions of chapters, each with a message that says what to do. Their format is make_labs.py's to hold."""

import re
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from chapter import Cell, read
from make_labs import claims
from tcplab.checks import exercises

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {path.stem: path for path in sorted((ROOT / "course" / "chapters").glob("*.md"))}
CLAIMS = claims()
CELLS = {slug: read(path, frozenset(CLAIMS)) for slug, path in CHAPTERS.items()}
FIRST = min(CHAPTERS)

each_chapter = pytest.mark.parametrize("slug", CHAPTERS)


def code(slug: str) -> list[Cell]:
    """The code cells of a chapter."""
    return [cell for cell in CELLS[slug] if cell.kind == "code"]


def text(slug: str) -> str:
    """All that a chapter says in prose, code in it left out."""
    prose = "\n\n".join(cell.source for cell in CELLS[slug] if cell.kind == "markdown")
    return re.sub(r"```.*?```|`[^`]*`", " ", prose, flags=re.DOTALL)


@each_chapter
def test_beats_are_there(slug):
    """Question, Predict, Observe, Explain, Change one thing: the five beats, in this order at least once.

    More may follow a beat: `## Question: who says FIN first?` tells one from the next in the table of contents.
    """
    headings = [
        line[3:].partition(":")[0].strip()
        for cell in CELLS[slug]
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]
    wanted = iter(headings)
    for beat in ("Question", "Predict", "Observe", "Explain", "Change one thing", "You can now"):
        assert beat in wanted, f"{slug}: there is no `## {beat}` after the beats before it. It has: {headings}"


@each_chapter
def test_head(slug):
    """The title is the question; aims are verbs, four at most; minutes and needs are said."""
    head = CELLS[slug][0].source
    assert "?" in head.splitlines()[0], f"{slug}: make the title the lab's question."
    aims = re.findall(r"^- (.+)$", head, re.MULTILINE)
    assert 1 <= len(aims) <= 4, f"{slug}: give one to four aims, as a list in the head."
    for aim in aims:
        assert re.match(r"\*\*[A-Z]\w+\*\* ", aim), f"{slug}: begin the aim {aim!r} with a verb in bold."
    assert re.search(r"^\*\d+ minutes · you need: .+\*$", head, re.MULTILINE), (
        f"{slug}: say `*25 minutes · you need: …*` in the head."
    )


@each_chapter
def test_progress_names_the_lab_by_its_question(slug):
    """The first line of its checks is what `progress()` shows: the chapter's own title."""
    checks = import_module(f"tcplab.checks.lab_{slug[:2]}").__doc__ or ""
    title = CELLS[slug][0].source.splitlines()[0].removeprefix("# ")
    assert checks.splitlines()[0] == f"Lab {slug[:2]}: {title}", f"Begin checks/lab_{slug[:2]}.py with the lab's title."


@each_chapter
def test_map_says_how_long_the_lab_takes(slug):
    """`MINUTES` of its checks is what the course map shows: the minutes of the chapter's head."""
    minutes = import_module(f"tcplab.checks.lab_{slug[:2]}").MINUTES
    assert f"*{minutes} minutes · you need" in text(slug), f"Let checks/lab_{slug[:2]}.py say the chapter's minutes."


@each_chapter
def test_foot(slug):
    """What one can do now, where it bites, sources, the next lab, and the bed goes down."""
    foot = "\n".join(cell.source for cell in CELLS[slug][-3:])
    for wanted in ("## You can now", "**Where this bites.**", "*Sources:", "Next:"):
        assert wanted in foot, f"{slug}: say {wanted!r} at the foot."
    after = dict(pairwise(CELLS)).get(slug)
    if after:
        assert f"]({after}.ipynb)" in foot, f"{slug}: make what comes next a link to {after}.ipynb."
    assert "bed.down()" in CELLS[slug][-1].source, f"{slug}: take the bed down in the last cell."


@each_chapter
def test_setup(slug):
    """The first code cell is the whole setup: four lines, names imported one by one, one cell of parameters."""
    first, *rest = code(slug)
    lines = first.source.splitlines()
    assert lines[0] == "%load_ext tcplab", f"{slug}: begin the first cell with %load_ext tcplab."
    assert len(lines) <= 4, f"{slug}: set up in at most 4 lines."
    tagged = [cell for cell in (first, *rest) if "parameters" in cell.tags]
    assert len(tagged) == 1, f"{slug}: tag one cell `parameters`, for papermill."


@each_chapter
@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"import \*", "import by name"),
        (r"\bsys\.path\b", "move the function to tcplab"),
        (r"\bsleep\b", "wait_until(…, within_s=…) says what is awaited"),
        (r"^[!%]pip\b", "the environment is env/'s"),
        (r"^%run\b", "import by name"),
        (r"/proc/sys/.*open\(.*w", "use sysctls(host, …)"),
        (r"\bos\.system\b|\bsubprocess\b", "use %%on HOST or host.run(…)"),
    ],
)
def test_nothing_is_hidden_in_code(slug, pattern, instead):
    """A code cell is what it seems."""
    for cell in code(slug):
        assert not re.search(pattern, cell.source, re.MULTILINE), f"{slug}, line {cell.line}: {pattern}: {instead}."


@each_chapter
def test_something_is_said_between_two_code_cells(slug):
    """Two code cells follow each other only if the second only looks."""
    looking = re.compile(
        r"^(%on|%%on|(show|sockets|ladder|predictions|rounds)\(|\w+\.show\(\)|from tcplab|\w+ = conversations"
        r"|ss |bed\.wire\.)"
    )
    for before, cell in zip(CELLS[slug], CELLS[slug][1:], strict=False):
        if before.kind == cell.kind == "code":
            acts = [line for line in cell.source.splitlines() if not looking.match(line)]
            assert not acts, (
                f"{slug}, line {cell.line}: say something before this cell: it does more than look ({acts})."
            )


@each_chapter
@pytest.mark.parametrize("word", ["simply", "just", "obviously", "of course", "easy", "easily", "trivial", "etc"])
def test_words_that_belittle(slug, word):
    """No word that tells who does not understand that others do."""
    found = re.search(rf"\b{word}\b", text(slug), re.IGNORECASE)
    assert not found, f"{slug}: leave out {word!r}, or say how."


@each_chapter
def test_three_things_called_keepalive(slug):
    """Bare `keepalive` stands only where the three are told apart (lab 09)."""
    if not slug.startswith("09"):
        assert not re.search(r"\bkeep-?alive\b", text(slug), re.IGNORECASE), (
            f"{slug}: say probe (TCP), persistent connection (HTTP) or upstream pool (nginx)."
        )


@each_chapter
def test_text_is_plain_commonmark(slug):
    """No directive, no YAML, no comment: the chapter reads well on any host."""
    source = CHAPTERS[slug].read_text(encoding="utf-8")
    assert not source.startswith("---"), f"{slug}: no front matter."
    for pattern in (r"^:::", r"^```\{", r"<!--", r"^\+\+\+$", r"^\{[a-z-]+\}`"):
        assert not re.search(pattern, source, re.MULTILINE), f"{slug}: {pattern} is not CommonMark."


@each_chapter
def test_exercises_are_those_that_are_judged(slug):
    """Each exercise of a chapter has a check, each check a cell, and the cell or a later one calls it."""
    asked = [cell.name for cell in code(slug) if "exercise" in cell.tags]
    judged = list(exercises().get(slug[:2], {}))
    assert sorted(asked) == sorted(judged), (
        f"{slug} asks {asked}; course/tcplab/checks/lab_{slug[:2]}.py judges {judged}."
    )
    for name in asked:
        calls = [cell for cell in code(slug) if f'check("{name}"' in cell.source]
        assert calls, f'{slug}: nothing calls check("{name}", …).'
    assert len(asked) >= (2 if slug == FIRST else 3), f"{slug}: a lab has at least three exercises."


@each_chapter
def test_every_exercise_has_a_hint(slug):
    """A folded hint stands in the text right before or right after each exercise."""
    cells = CELLS[slug]
    for at, cell in enumerate(cells):
        if "exercise" in cell.tags:
            near = cells[max(0, at - 1) : at + 2]
            assert any("hint" in one.tags for one in near), f"{slug}, line {cell.line}: fold a hint for {cell.name}."


@each_chapter
def test_prediction_comes_before_the_first_observation(slug):
    """Whoever has not guessed learns less."""
    sources = [cell.source for cell in CELLS[slug]]
    predicted = next(
        (at for at, source in enumerate(sources) if source.startswith("### BEGIN SOLUTION\npredict(")), None
    )
    assert predicted is not None, f"{slug}: ask for a prediction, predict(…), between the markers."


@pytest.mark.parametrize("claim", CLAIMS)
def test_claim_is_shown_in_its_lab(claim):
    """Every claim of claims.md has a cell that shows whether it is so, once its lab exists."""
    lab = CLAIMS[claim]
    slug = next((slug for slug in CHAPTERS if slug.startswith(f"{lab}-")), None)
    if slug is None:
        return
    tags = {tag for cell in code(slug) for tag in cell.tags}
    assert f"claim-{claim}" in tags, f"{slug}: tag the cell that shows {claim} on the kernel with claim-{claim}."


def test_claims_have_labs():
    """No claim of the ledger is without a lab."""
    assert len(CLAIMS) == 48, "Has a claim been added to claims.md, or lost from it?"
    assert set(CLAIMS.values()) <= {f"{number:02}" for number in range(14)}
