"""A chapter: the source of one lab, a text that reads well as it is, on any host of Markdown.

chapters/NN-slug.md is plain CommonMark: no YAML, no directives, no macros in comments. It becomes cells so:

- A fence whose language is `python` is a code cell, unless it stands between `<details>` and `</details>`. All the
  rest is text, one cell from one code cell to the next; a line `---` parts it into two.
- The rest of a code fence's first line says more about the cell, each as key="value":

      ```python tags="exercise claim-S5" name="last_ack"

  `tags`    words from TAGS below, or claim-ID with an id of claims.md
            (`asleep`: the cell waits for a clock and does nothing, so what measures may run beside it)
  `name`    of an exercise: the key under which course/tcplab/checks/ judges it
  `reason`  why a cell with the tag nbval-ignore-output cannot be compared
- `### BEGIN SOLUTION` … `### END SOLUTION`, in an exercise or a prediction, is cut from the lab and leaves
  `...  # your turn`. What the learner fills in stays named: `answer = 0  # a number` leaves
  `answer = ...  # your turn: a number`, and `predict("side", "client")` leaves `predict("side", ...)  # your turn`.
- A text cell with a `<details><summary>Hint` gets the tag `hint`.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

TAGS = {"parameters", "exercise", "solution", "hint", "asleep", "nbval-ignore-output", "raises-exception"}
TEXT_WORDS, CODE_LINES, CELLS = 120, 12, 45
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SOLUTION = re.compile(rf"^([ \t]*){BEGIN}\n(.*?)^[ \t]*{END}$", re.DOTALL | re.MULTILINE)


class ChapterError(Exception):
    """What is wrong in a chapter: every fault of it, each with its line and what to do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the chapter has it, solution and all. `line` is where it begins, from 1."""

    kind: str
    source: str
    line: int
    tags: tuple[str, ...] = ()
    name: str = ""
    reason: str = ""

    @property
    def solved(self) -> str:
        """The source as solutions/ shows it: the markers gone, what they hold kept."""
        return re.sub(rf"^[ \t]*({BEGIN}|{END})\n?", "", self.source, flags=re.MULTILINE).rstrip("\n")

    @property
    def open(self) -> str:
        """The source as labs/ shows it: what the markers hold gone."""
        return SOLUTION.sub(lambda found: _stub(found[2], found[1]), self.source)

    @property
    def words(self) -> int:
        """How many words a reader meets (markup and links' addresses not counted)."""
        return len(re.findall(r"\w[\w’'.-]*", re.sub(r"<[^>]+>|\]\([^)]*\)", " ", self.source)))


def read(chapter: Path, claims: frozenset[str]) -> list[Cell]:
    """The cells of a chapter, in order.

    Raises:
        ChapterError: the chapter breaks a rule of this format; all faults are named at once
    """
    faults: list[str] = []
    cells = list(_cells(chapter.read_text(encoding="utf-8"), faults))
    for cell in cells:
        faults += (f"line {cell.line}: {fault}" for fault in _faults(cell, claims))
    if len(cells) > CELLS:
        faults.append(f"{len(cells)} cells: a lab has at most {CELLS}. Cut, or move a part to another lab.")
    if not cells or not cells[0].source.startswith("# "):
        faults.append("line 1: begin with the title, `# ` and the lab's question.")
    if faults:
        raise ChapterError("\n".join(f"{chapter.name}: {fault}" for fault in faults))
    return cells


def _cells(text: str, faults: list[str]) -> Iterator[Cell]:
    lines = text.splitlines()
    start, folded = 0, 0
    for token in MarkdownIt("commonmark").parse(text):
        if token.level != 0 or token.map is None:
            continue
        first, end = token.map
        if token.type == "html_block":
            folded += token.content.count("<details") - token.content.count("</details>")
        elif token.type == "fence" and token.info.split()[:1] == ["python"] and not folded:
            yield from _text(lines, start, first)
            yield _code(token.content, token.info, first + 1, faults)
            start = end
        elif token.type == "hr":
            yield from _text(lines, start, first)
            start = end
    if folded:
        faults.append("a <details> is never closed. End each with </details>, a blank line before it and after it.")
    yield from _text(lines, start, len(lines))


def _text(lines: list[str], start: int, end: int) -> Iterator[Cell]:
    source = "\n".join(lines[start:end])
    if source.strip():
        blank = len(source) - len(source.lstrip("\n"))
        hint = ("hint",) if "<details><summary>Hint" in source else ()
        yield Cell("markdown", source.strip("\n"), start + blank + 1, hint)


def _code(source: str, info: str, line: int, faults: list[str]) -> Cell:
    said: dict[str, str] = {}
    try:
        words = shlex.split(info)[1:]
    except ValueError:
        words = [info]
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in {"tags", "name", "reason"}:
            faults.append(f'line {line}: cannot read {word!r} after python. Write tags="…", name="…" or reason="…".')
        said[key] = value
    tags = tuple(said.get("tags", "").split())
    return Cell("code", source.rstrip("\n"), line, tags, said.get("name", ""), said.get("reason", ""))


def _faults(cell: Cell, claims: frozenset[str]) -> Iterator[str]:
    for tag in cell.tags:
        if tag.startswith("claim-"):
            if tag.removeprefix("claim-") not in claims:
                yield f"{tag} is no claim of claims.md. Mend the id, or add the claim to the table there."
        elif tag not in TAGS:
            yield f"the tag {tag!r} is not known. Known: {', '.join(sorted(TAGS))}, claim-ID."
    if cell.kind == "markdown":
        if cell.words > TEXT_WORDS:
            yield f"{cell.words} words in a text cell, at most {TEXT_WORDS}. Cut, or part it where something is to run."
        return
    begins, ends, pairs = (len(re.findall(p, cell.source)) for p in (BEGIN, END, SOLUTION))
    if not begins == ends == pairs:
        yield f"{begins} × BEGIN SOLUTION, {ends} × END SOLUTION. Put each pair in order, on lines of their own."
    if "exercise" in cell.tags and not begins:
        yield f"an exercise without a solution. Put it between {BEGIN} and {END}."
    for wanted, has, what in (
        ("exercise" in cell.tags, bool(cell.name), 'name="…"'),
        ("nbval-ignore-output" in cell.tags, bool(cell.reason), 'reason="…"'),
    ):
        if wanted != has:
            yield f"{what} {'is missing' if wanted else 'is out of place'} here: see the head of chapter.py."
    if (count := len(cell.solved.splitlines())) > CODE_LINES:
        yield f"{count} lines in a code cell, at most {CODE_LINES}. Split it, or move a function to tcplab, under test."


def _stub(block: str, indent: str) -> str:
    lines = [line.removeprefix(indent) for line in block.splitlines()]
    try:
        steps = ast.parse("\n".join(lines)).body
    except SyntaxError:  # a magic is no Python
        steps = []
    asked = [_asked(step) for step in steps]
    if not asked or "" in asked:
        return f"{indent}...  # your turn"
    stubs = []
    for step, stub in zip(steps, asked, strict=True):
        comment = re.search(r"\)?  # (.*)$", lines[(step.end_lineno or step.lineno) - 1])
        stubs.append(f"{indent}{stub}  # your turn" + (f": {comment[1]}" if comment else ""))
    return "\n".join(stubs)


def _asked(step: ast.stmt) -> str:
    match step:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return f"{name} = ..."
        case ast.Expr(value=ast.Call(func=ast.Name(id="predict"), args=[ast.Constant(value=str(name)), _])):
            return f'predict("{name}", ...)'
    return ""
