"""`tcplab new-lab SLUG`: a chapter, its checks, quiz and wrong answers, which run and pass as they are."""

import argparse
import json
import re
from pathlib import Path
from string import Template

from tcplab.command.claims import ledger
from tcplab.command.places import checkout
from tcplab.errors import BadValue, TcplabError

_SKELETON = Path(__file__).with_name("skeleton")
_SLUG = re.compile(r"(?:(\d\d)-)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")
_CLAIM = """
The claim is this; so what happens here?

```python tags="claim-{claim}"
print("{claim} is not shown yet")
```
"""


def answer(asked: argparse.Namespace) -> int:
    """Write the files of a new lab into the checkout, and say what is to be done by hand."""
    root = checkout()
    if root is None:
        raise TcplabError("New labs are made in a checkout, and this tcplab was installed. Run it there: ./env/up")
    number, slug = numbered(asked.slug, root)
    made = write(root, number, slug, asked.title or title(slug))
    if asked.json:
        print(json.dumps({"lab": f"{number}-{slug}", "files": [str(path) for path in made]}))
        return 0
    print(*(path.relative_to(root) for path in made), sep="\n")
    print("\nIt runs, and says nothing yet. By hand:", *by_hand(number), sep="\n")
    return 0


def numbered(word: str, root: Path) -> tuple[str, str]:
    """Return number and slug: the number as given, else the one after the last lab's.

    Raises:
        BadValue: It is no slug, or the number has a lab.
    """
    found = _SLUG.fullmatch(word)
    if found is None:
        raise BadValue("SLUG", word, "lower case and hyphens, with a number before it or not: 08-who-keeps-it")
    taken = {path.name[:2] for path in (root / "course/chapters").glob("[0-9][0-9]-*.md")}
    number = found[1] or f"{max(map(int, taken), default=-1) + 1:02}"
    if number in taken or len(number) > 2:
        free = [f"{each:02}" for each in range(100) if f"{each:02}" not in taken]
        raise BadValue("SLUG", word, f"a number that no lab has: {', '.join(free[:6])}, …")
    return number, found[2]


def title(slug: str) -> str:
    """Return a slug as a question: who-keeps-it → Who keeps it?"""
    return slug.replace("-", " ").capitalize() + "?"


def write(root: Path, number: str, slug: str, question: str) -> list[Path]:
    """Write the chapter, its checks, its quiz and its wrong answers; overwrite nothing.

    Raises:
        BadValue: One of the files is there, or the title is no question.
    """
    if "?" not in question or "\n" in question or '"' in question:
        raise BadValue("--title", question, "a question in one line, such as: Who keeps it?")
    targets = {
        root / f"course/chapters/{number}-{slug}.md": "chapter.md",
        root / f"course/tcplab/checks/lab_{number}.py": "checks.txt",
        root / f"course/tcplab/checks/quizzes/{number}.toml": "quiz.txt",
        root / f"tests/course/wrong_answers/lab_{number}.py": "wrong_answers.txt",
    }
    if there := [path.name for path in targets if path.exists()]:
        raise BadValue("SLUG", f"{number}-{slug}", f"a number without files of its own (there is {', '.join(there)})")
    claims = "".join(_CLAIM.format(claim=claim) for claim in claims_of(number, root / "course/claims.md"))
    words = {
        "number": number,
        "title": question,
        "prefix": f"lab_{number}",
        "claims": claims,
        "next": following(number, root),
    }
    for path, name in targets.items():
        text = (_SKELETON / name).read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(words), encoding="utf-8")
    return list(targets)


def following(number: str, root: Path) -> str:
    """Return what comes after a lab, in the words of its last line: a link, but for the last lab."""
    later = sorted(path.stem for path in (root / "course/chapters").glob("[0-9][0-9]-*.md") if path.stem[:2] > number)
    return f"[the lab that follows]({later[0]}.ipynb)" if later else "your own machines"


def claims_of(number: str, table: Path) -> list[str]:
    """Return the ids of the claims that a lab owes, as the table of claims says."""
    return [claim.id for claim in ledger(table.read_text(encoding="utf-8")) if claim.lab == number]


def by_hand(number: str) -> list[str]:
    """Return what no skeleton can do."""
    return [
        "  python course/make_labs.py " + number + "    makes labs/ and solutions/ of it, after each change",
        "  tests/notebooks/test_papermill.py: other values for its parameters, in PARAMETERS",
        "  python tests/verdicts.py    writes down what its learners are told, to be read",
        "  python course/misconceptions.py    lists for teachers what its exercises foresee",
        "  README.md, course/chapters/00-*.md: its row in the tables of labs",
        "  course/tcplab/command/needs.py: what it needs while it is executed",
        "  course/claims.md: what it shows, if that is not there",
        "  course/teaching.md: its goal, and where classes stumble",
    ]
